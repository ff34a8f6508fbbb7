"""An index that takes changes while it serves: written to a journal first, then seen by everybody at once, as a whole.

The journal lies beside the index that it changes; a build of the changed catalogue takes its place. Whoever keeps the
products themselves gives each change a mark, the name of the state that it leads to, and commits that mark with the
products: so a change that was written here but never committed there is left out. (docs/search_speed.md)
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.documents import Document
from retrieval.encoder import TextEncoder
from retrieval.errors import IndexFolderError
from retrieval.fields import embedded_text
from retrieval.index_folder import read_card
from retrieval.search import Search

Vectors = NDArray[np.float32]

JOURNAL = "changes.jsonl"


@dataclass(frozen=True, slots=True)
class Change:
    """Products to add or to replace, products that changed in price, stock or rating alone, and ids to remove."""

    put: tuple[Document, ...] = ()
    facts: tuple[Document, ...] = ()
    gone: tuple[str, ...] = ()


class LiveIndex:
    """An opened index and the journal of its changes. `search` is the newest state; one that was taken stays as it is.

    Only one process at a time may change an index; others follow with `catch_up`.
    """

    def __init__(self, folder: Path, encoder: TextEncoder, mark: str | None = None) -> None:
        """Opens the index in `folder` in the state of that mark; None: with all changes.

        Raises IndexFolderError as `Search.open` does, and where no change leads to the mark.
        """
        self.search = Search.open(folder, encoder)
        build = folder / read_card(folder).build
        self._journal = build / JOURNAL
        self._encoder = encoder
        self.mark: str | None = None
        self.changes = 0
        self._end = 0
        self._follow(mark)

    def catch_up(self, mark: str) -> None:
        """Take in what another process has changed. Raises IndexFolderError where no change leads to the mark."""
        if mark != self.mark:
            self._follow(mark)

    @contextmanager
    def change(self, change: Change, mark: str) -> Iterator[None]:
        """Write a change; within the block, whoever keeps the products commits the mark; then everybody sees it.

        If the block fails, nothing was changed.
        """
        vectors = self._encoder.encode([embedded_text(doc) for doc in change.put])
        search = self.search.changed(change.gone, change.put, vectors, change.facts)
        told = {"mark": mark, **asdict(change), "vectors": base64.b64encode(vectors.tobytes()).decode()}
        line = json.dumps(told, ensure_ascii=False).encode() + b"\n"
        with self._journal.open("ab") as file:
            file.truncate(self._end)  # what was never committed
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        yield
        self.search, self.mark, self._end = search, mark, self._end + len(line)
        self.changes += len(change.put) + len(change.gone)

    def _follow(self, mark: str | None) -> None:
        states = self._read()
        wanted = [i for i, (state, *_) in enumerate(states) if mark in (state, None)]
        known = wanted or (self.mark is None and not states)  # an index that was built without a mark has any
        if not known:
            raise IndexFolderError(f"{self._journal} does not lead to the present catalogue; build the index again")
        taken = states[: wanted[-1] + 1] if wanted else []
        if taken:
            change, vectors = _as_one([(change, vectors) for _, change, vectors, _ in taken])
            self.search = self.search.changed(change.gone, change.put, vectors, change.facts)
            self.mark, self._end = taken[-1][0], taken[-1][3]
            self.changes += len(change.put) + len(change.gone)
        else:
            self.mark = mark

    def _read(self) -> list[tuple[str, Change, Vectors, int]]:
        """The changes that are not taken in: each with its mark, its vectors, and where it ends in the journal."""
        found: list[tuple[str, Change, Vectors, int]] = []
        end = self._end
        raw = self._journal.read_bytes()[end:] if self._journal.exists() else b""
        for line in raw.splitlines(keepends=True):
            try:
                told = json.loads(line)
            except ValueError:
                break  # torn by a crash, so it was never committed
            end += len(line)
            vectors = np.frombuffer(base64.b64decode(told["vectors"]), np.float32)
            found.append((told["mark"], _change(told), vectors.reshape(-1, self._encoder.dimension), end))
        return found


def begin(folder: Path, mark: str) -> None:
    """Give the index in `folder`, just built, the mark of its state."""
    with (folder / read_card(folder).build / JOURNAL).open("wb") as file:
        file.write(json.dumps({"mark": mark, **asdict(Change()), "vectors": ""}).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _as_one(changes: Sequence[tuple[Change, Vectors]]) -> tuple[Change, Vectors]:
    """Several changes, one after the other, as one; with the vectors of what it puts."""
    put: dict[str, tuple[Document, Vectors]] = {}
    facts: dict[str, Document] = {}
    gone: dict[str, None] = {}
    for change, vectors in changes:
        for doc, vector in zip(change.put, vectors, strict=True):
            facts.pop(doc.id, None)
            put[doc.id] = doc, vector
        for doc in change.facts:
            if doc.id in put:
                put[doc.id] = doc, put[doc.id][1]
            else:
                facts[doc.id] = doc
        for product_id in change.gone:
            put.pop(product_id, None)
            facts.pop(product_id, None)
            gone[product_id] = None
    documents = tuple(doc for doc, _ in put.values())
    stacked = np.array([vector for _, vector in put.values()], np.float32)
    return Change(documents, tuple(facts.values()), tuple(gone)), stacked


def _change(told: dict[str, Any]) -> Change:
    put, facts = (tuple(map(_document, told[name])) for name in ("put", "facts"))
    return Change(put, facts, tuple(told["gone"]))


def _document(row: dict[str, Any]) -> Document:
    attributes = {name: tuple(value) if isinstance(value, list) else value for name, value in row["attributes"].items()}
    return Document(**{**row, "category": tuple(row["category"]), "attributes": attributes})
