"""`python -m agent import-catalogue`."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from pathlib import Path

from agent.cli.progress import Progress
from agent.feeds import BadRow, Entry, Mapping, Note, Skipped, load_mapping, read_feed
from agent.importer import install
from agent.policy import load_policy
from agent.settings import load_settings
from agent.shop import Product
from agent.store.catalogue import CatalogueStore
from agent.store.database import Database


def run_import(path: Path, form: str | None, mapping: Path | None, named: int) -> int:
    """Import a file into the shop of the settings; the exit status. Bad rows are told on stderr."""
    settings = load_settings()
    policy = load_policy(settings.policy)
    columns = load_mapping(mapping) if mapping else Mapping(currency=policy.shop.currency)
    started = time.perf_counter()
    products, bad, skipped = sort_out(read_feed(path, form, columns), named)
    from retrieval.encoder import MiniLM

    database = Database(settings.database_url)
    database.migrate()
    progress = Progress()
    done = install(products, path.name, CatalogueStore(database), settings.home, MiniLM.load(), progress)
    progress.close()
    spent = time.perf_counter() - started
    rate = f", {done.products / spent:.0f} products/s" if done.changed else ""
    state = (
        f"{done.products} products are now in the shop"
        if done.changed
        else "nothing changed: the shop has these products already"
    )
    print(f"{state} ({bad} bad rows, {skipped} left out; {spent:.1f} s{rate})")  # noqa: T201
    database.close()
    return 0


def sort_out(entries: Iterable[Entry], named: int) -> tuple[list[Product], int, int]:
    """The products of a feed; how many rows were bad, how many left out. The first `named` of them are told."""
    products: list[Product] = []
    bad = skipped = 0
    for entry in entries:
        if isinstance(entry, Product):
            products.append(entry)
            continue
        bad += isinstance(entry, BadRow)
        skipped += isinstance(entry, Skipped)
        if isinstance(entry, Note) or bad + skipped <= named:
            print(entry.text if isinstance(entry, Note) else entry, file=sys.stderr)  # noqa: T201
        elif bad + skipped == named + 1:
            print("… and more", file=sys.stderr)  # noqa: T201
    return products, bad, skipped
