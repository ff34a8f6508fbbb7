"""A process that imports a catalogue and dies by SIGKILL on the way; run as a program by `tests/test_importer.py`.

It reads one JSON object a line, {"home", "url", "prefix", "few", "at"}, imports in a fork, which dies at the `at`-th
moment (a commit of the database or a step of the index), and answers with {"killed", "moment"}. `few`: only the first
product is another than "Old", so that it is changed in place.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import chromadb  # noqa: F401  (imported once, before the forks)
from sqlalchemy import Connection

from agent.importer import install
from agent.shop import Money, Product, Variant
from agent.store.catalogue import CatalogueStore
from agent.store.database import Database
from tests.retrieval.word_encoder import WordEncoder


def products(prefix: str, count: int = 12) -> list[Product]:
    return [
        Product(
            f"p{n}",
            f"{prefix} lamp {n}",
            category=("Home", "Lamps"),
            variants=(Variant(f"v{n}", {}, Money(100 + n), n),),
        )
        for n in range(count)
    ]


class Moments:
    """Counts what passes, and dies at the one that was named."""

    def __init__(self, at: int) -> None:
        self._left = at

    def pass_(self, moment: str) -> None:
        self._left -= 1
        if self._left == 0:
            sys.stderr.write(moment)
            os.kill(os.getpid(), signal.SIGKILL)


class WatchedDatabase(Database):
    def __init__(self, url: str, moments: Moments) -> None:
        super().__init__(url)
        self._moments = moments

    @contextmanager
    def write(self) -> Iterator[Connection]:
        with super().write() as connection:
            yield connection
            self._moments.pass_("before a commit")
        self._moments.pass_("after a commit")


def run(request: dict[str, Any]) -> None:
    moments = Moments(request["at"])
    database = WatchedDatabase(request["url"], moments)
    items = products(request["prefix"])
    install(
        [*items[:1], *products("Old")[1:]] if request["few"] else items,
        "the tests",
        CatalogueStore(database),
        Path(request["home"]),
        WordEncoder(),
        lambda step, *_: moments.pass_(step),
    )


def main() -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            run(json.loads(line))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(json.dumps({"killed": os.WIFSIGNALED(status), "status": status}), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
