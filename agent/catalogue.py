"""The catalogue as it is served: products by id from the database, found through the search index.

Both belong to one state. When an import has swapped in a new generation, or somebody has changed a few products, the
next look notices and changes over as a whole; a look that has begun keeps the state that it began with.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.changing import alone, change_products, mark_after
from agent.errors import NotFound
from agent.feeds.documents import to_document
from agent.shop import Product
from agent.store.catalogue import CatalogueStore, Generation
from retrieval.build import build
from retrieval.encoder import TextEncoder
from retrieval.errors import IndexFolderError
from retrieval.live import LiveIndex, begin
from retrieval.query import Hit, Query
from retrieval.search import Search

log = logging.getLogger(__name__)

_PATIENCE = 5.0
"""Seconds that a change waits for another one; an import takes longer."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """One state of one generation, open for search."""

    generation: int
    mark: str
    search: Search


class Catalogue:
    """Products and search over the current generation."""

    def __init__(self, store: CatalogueStore, home: Path, encoder: TextEncoder) -> None:
        self._store = store
        self._home = home
        self._encoder = encoder
        self._lock = threading.RLock()
        self._index: LiveIndex | None = None
        self._shelf: Shelf | None = None
        self._categories: tuple[str, list[tuple[str, int]]] = ("", [])

    @property
    def shelf(self) -> Shelf:
        """The current state; opened anew after a swap. Raises NotFound before the first import."""
        current = self._current()
        shelf = self._shelf
        if shelf is not None and (shelf.generation, shelf.mark) == (current.id, current.fingerprint):
            return shelf
        with self._lock:
            return self._opened(self._current())

    def change(self, put: Sequence[Product] = (), remove: Sequence[str] = ()) -> None:
        """Add or replace products, and remove others; seen with the next look, and kept.

        A removed product that is unknown is no error. Suggestions learn of new products with the next import or start.

        Raises:
            NotFound: nothing has been imported yet.
            ImportFailed: an import is at work.
        """
        with self._lock, alone(self._home, _PATIENCE):
            current = self._current()
            self._opened(current)
            assert self._index is not None
            mark = mark_after(current.fingerprint, put, remove)
            change_products(self._store, current, self._index, put, remove, mark)
            self._shelf = Shelf(current.id, mark, self._index.search)

    def _current(self) -> Generation:
        current = self._store.current()
        if current is None:
            raise NotFound("the shop has no products yet; import a catalogue first")
        return current

    def _opened(self, current: Generation) -> Shelf:
        """The state that the database names, opened or followed to; an index that does not know it is built anew."""
        folder = self._home / current.index_folder
        try:
            if self._index is None or self._shelf is None or self._shelf.generation != current.id:
                self._index = LiveIndex(folder, self._encoder, current.fingerprint)
            self._index.catch_up(current.fingerprint)
        except IndexFolderError as error:
            log.warning("%s; it is built anew from the shop's products", error)
            self._index = self._rebuilt(current, folder)
        self._shelf = Shelf(current.id, current.fingerprint, self._index.search)
        return self._shelf

    def _rebuilt(self, current: Generation, folder: Path) -> LiveIndex:
        """The index of what the database holds: for one that is damaged, of another encoder, or of another state."""
        build(map(to_document, self._store.all(current.id)), folder, self._encoder)
        begin(folder, current.fingerprint)
        return LiveIndex(folder, self._encoder, current.fingerprint)

    @property
    def exists(self) -> bool:
        """Has anything been imported yet?"""
        return self._store.current() is not None

    @property
    def generation(self) -> int:
        return self.shelf.generation

    def search(self, query: Query) -> list[Hit]:
        return self.shelf.search.search(query)

    def product(self, product_id: str) -> Product | None:
        return self._store.get([product_id]).get(product_id)

    def products(self, ids: Sequence[str]) -> list[Product]:
        """The products of these ids, in this order; unknown ids are left out."""
        found = self._store.get(ids)
        return [found[i] for i in ids if i in found]

    @property
    def all_products(self) -> list[Product]:
        """Every product of the current generation; none before the first import."""
        current = self._store.current()
        return [] if current is None else list(self._store.all(current.id))

    def categories(self) -> list[tuple[str, int]]:
        """The narrowest categories with how many products each has, the fullest first."""
        shelf = self.shelf
        mark, found = self._categories
        if mark != shelf.mark:
            counts = Counter(p.category[-1] for p in self._store.all(shelf.generation) if p.category)
            self._categories = shelf.mark, (found := counts.most_common())
        return list(found)
