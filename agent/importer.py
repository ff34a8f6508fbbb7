"""A catalogue file into the shop: read, written beside the current catalogue, indexed, and swapped in at once.

Until the last step the shop serves what it served before; an import that dies leaves nothing behind but a
generation that nobody sees and that the next import sweeps away. The same file again changes nothing.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.errors import ImportFailed
from agent.feeds.documents import to_document
from agent.shop import Product
from agent.store.catalogue import CatalogueStore, index_folder_of
from retrieval.build import build
from retrieval.encoder import TextEncoder

Tell = Callable[[str, int, int], None]
"""Told what is being done, how much of it is through, and of how much."""


@dataclass(frozen=True, slots=True)
class Installed:
    """What came of an installation."""

    products: int
    changed: bool
    """False where the shop had exactly these products already."""


def install(
    products: Sequence[Product],
    source: str,
    store: CatalogueStore,
    home: Path,
    encoder: TextEncoder,
    tell: Tell | None = None,
) -> Installed:
    """Make these products the shop's catalogue.

    Raises:
        ImportFailed: there is no product, or another import is at work.
    """
    if not products:
        raise ImportFailed("there is no usable product in it; the shop keeps what it has")
    with _alone(home):
        fingerprint = _fingerprint(products)
        current = store.current()
        if current is not None and current.fingerprint == fingerprint and (home / current.index_folder).exists():
            return Installed(len(products), changed=False)
        _remove(store.sweep(), home)
        generation = store.begin(source)
        folder = index_folder_of(generation)
        shutil.rmtree(home / folder, ignore_errors=True)
        store.add(generation, products)
        (home / "indexes").mkdir(exist_ok=True)
        build(map(to_document, products), home / folder, encoder, tell)
        store.finish(generation, fingerprint, folder)
        _remove(store.sweep(), home)
    return Installed(len(products), changed=True)


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """One import at a time; the operating system frees the lock of one that died."""
    with (home / "import.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ImportFailed("another import is at work on this shop; wait for its end") from error
        yield


def _fingerprint(products: Sequence[Product]) -> str:
    digest = hashlib.sha256()
    for product in products:
        digest.update(repr(_plain(product)).encode())
    return digest.hexdigest()


def _plain(product: Product) -> tuple[Any, ...]:
    def pairs(values: Mapping[str, object]) -> list[tuple[str, object]]:
        return sorted(values.items())

    variants = [(v.id, pairs(v.options), str(v.price), v.stock) for v in product.variants]
    return (
        product.id, product.title, product.description, product.brand, product.category, pairs(product.attributes),
        product.image, product.rating, product.rating_count, variants,
    )  # fmt: skip


def _remove(folders: Sequence[str], home: Path) -> None:
    for folder in folders:
        shutil.rmtree(home / folder, ignore_errors=True)
