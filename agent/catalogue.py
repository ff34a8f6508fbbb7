"""The catalogue as it is served: products by id from the database, found through the search index.

Both belong to one generation. When an import has swapped in a new one, the next look notices and changes
over as a whole; a look that has begun keeps the generation that it began with.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.errors import NotFound
from agent.shop import Product
from agent.store.catalogue import CatalogueStore
from retrieval.encoder import TextEncoder
from retrieval.query import Hit, Query
from retrieval.search import Search


@dataclass(frozen=True, slots=True)
class Shelf:
    """One generation, open for search."""

    generation: int
    search: Search
    categories: tuple[tuple[str, int], ...]


class Catalogue:
    """Products and search over the current generation."""

    def __init__(self, store: CatalogueStore, home: Path, encoder: TextEncoder) -> None:
        self._store = store
        self._home = home
        self._encoder = encoder
        self._lock = threading.Lock()
        self._shelf: Shelf | None = None

    @property
    def shelf(self) -> Shelf:
        """The current generation; opened anew after a swap. Raises NotFound before the first import."""
        current = self._store.current()
        if current is None:
            raise NotFound("the shop has no products yet; import a catalogue first")
        shelf = self._shelf
        if shelf is not None and shelf.generation == current.id:
            return shelf
        with self._lock:
            if self._shelf is None or self._shelf.generation != current.id:
                search = Search.open(self._home / current.index_folder, self._encoder)
                counts = Counter(p.category[-1] for p in self._store.all(current.id) if p.category)
                self._shelf = Shelf(current.id, search, tuple(counts.most_common()))
            return self._shelf

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
        return list(self.shelf.categories)
