"""A few products of the shop changed while it serves: in the database and in the search index, at once or not at all.

The database decides: a change is in the index's journal first, and counts once the database has committed its mark.
Whoever serves sees it with the next look. A large change is an import's work, which builds a new generation.
"""

from __future__ import annotations

import fcntl
import hashlib
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from agent.errors import ImportFailed
from agent.feeds.documents import to_document
from agent.shop import Product
from agent.store.catalogue import CatalogueStore, Generation
from retrieval.documents import Document
from retrieval.live import Change, LiveIndex


def change_products(
    store: CatalogueStore,
    generation: Generation,
    index: LiveIndex,
    put: Sequence[Product],
    remove: Sequence[str],
    mark: str,
) -> None:
    """Add or replace products and remove others, in the current generation and in its index.

    Call it within `alone`, with an index that has caught up. `mark` becomes the generation's fingerprint.
    """
    before = store.get([product.id for product in put], generation.id)
    texts: list[Document] = []
    facts: list[Document] = []
    for product in put:
        old, new = before.get(product.id), to_document(product)
        same = old is not None and _without_facts(to_document(old)) == _without_facts(new)
        (facts if same else texts).append(new)
    with index.change(Change(tuple(texts), tuple(facts), tuple(remove)), mark):
        store.change(generation.id, put, remove, mark)


def mark_after(mark: str, put: Sequence[Product], remove: Sequence[str]) -> str:
    """The mark of the state that a change leads to from the state of another mark."""
    return hashlib.sha256(repr((mark, list(map(plain, put)), list(remove))).encode()).hexdigest()


@contextmanager
def alone(home: Path, patience: float = 0.0) -> Iterator[None]:
    """One import or change at a time, over all processes; the operating system frees the lock of one that died.

    Raises ImportFailed where another is still at work after `patience` seconds.
    """
    until = time.monotonic() + patience
    with (home / "import.lock").open("w") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() >= until:
                    raise ImportFailed("another import is at work on this shop; wait for its end") from error
                time.sleep(0.005)
        yield


def plain(product: Product) -> tuple[Any, ...]:
    """All that a product is, in a form that is written the same way every time."""

    def pairs(values: Mapping[str, object]) -> list[tuple[str, object]]:
        return sorted(values.items())

    variants = [(v.id, pairs(v.options), str(v.price), v.stock) for v in product.variants]
    return (
        product.id, product.title, product.description, product.brand, product.category, pairs(product.attributes),
        product.image, product.rating, product.rating_count, variants,
    )  # fmt: skip


def _without_facts(doc: Document) -> Document:
    return replace(doc, price=None, stock=None, rating=None, rating_count=0)
