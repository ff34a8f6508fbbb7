"""A catalogue file into the shop: read, written beside the current catalogue, indexed, and swapped in at once.

Until the last step the shop serves what it served before; an import that dies leaves nothing behind but a
generation that nobody sees and that the next import sweeps away, and the vectors that it had made, which the next one
takes over. The same file again changes nothing; one that changes a few products changes those where they are.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.changing import alone, change_products, plain
from agent.errors import ImportFailed
from agent.feeds.documents import to_document
from agent.shop import Product
from agent.store.catalogue import CatalogueStore, Generation, index_folder_of
from retrieval.build import build
from retrieval.encoder import TextEncoder
from retrieval.errors import IndexFolderError
from retrieval.live import LiveIndex, begin

_JOURNAL = "indexes/encoding.vectors"
_FEW = 0.1
"""The share of products that may have changed in place; beyond it an import builds the index anew."""

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
    with alone(home):
        fingerprint = _fingerprint(products)
        current = store.current()
        if current is not None and current.fingerprint == fingerprint and (home / current.index_folder).exists():
            return Installed(len(products), changed=False)
        if current is not None and _changed_in_place(products, fingerprint, store, current, home, encoder):
            return Installed(len(products), changed=True)
        _remove(store.sweep(), home)
        generation = store.begin(source)
        folder = index_folder_of(generation)
        shutil.rmtree(home / folder, ignore_errors=True)
        store.add(generation, products)
        (home / "indexes").mkdir(exist_ok=True)
        earlier = home / current.index_folder if current is not None else None
        documents = map(to_document, products)
        build(documents, home / folder, encoder, tell, earlier=earlier, journal=home / _JOURNAL)
        begin(home / folder, fingerprint)
        store.finish(generation, fingerprint, folder)
        _remove(store.sweep(), home)
    return Installed(len(products), changed=True)


def _changed_in_place(
    products: Sequence[Product],
    fingerprint: str,
    store: CatalogueStore,
    current: Generation,
    home: Path,
    encoder: TextEncoder,
) -> bool:
    """Change the current generation where that is little to do; whether it was done."""
    old = {product.id: product for product in store.all(current.id)}
    ids = {product.id for product in products}
    put = [product for product in products if old.get(product.id) != product]
    remove = [product_id for product_id in old if product_id not in ids]
    kept = [i for i in old if i in ids]
    added = [product.id for product in products if product.id not in old]
    if [product.id for product in products] != kept + added or len(put) + len(remove) > _FEW * len(old):
        return False
    try:
        index = LiveIndex(home / current.index_folder, encoder, current.fingerprint)
    except IndexFolderError:
        return False  # it is built anew
    if index.changes + len(put) + len(remove) > _FEW * len(old):
        return False
    change_products(store, current, index, put, remove, fingerprint)
    return True


def _fingerprint(products: Sequence[Product]) -> str:
    digest = hashlib.sha256()
    for product in products:
        digest.update(repr(plain(product)).encode())
    return digest.hexdigest()


def _remove(folders: Sequence[str], home: Path) -> None:
    for folder in folders:
        shutil.rmtree(home / folder, ignore_errors=True)
