"""The catalogue as this room sees it: ids, facets, prices and vectors. What they mean is other rooms' business."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from reco_core.errors import ItemsError

Facet = Sequence[str | Sequence[str] | None]
"""A value, a path of values from the broadest to the narrowest, or None, for each item."""

BRAND, CATEGORY = "brand", "category"
"""The facets that the model itself learns from; any other can be liked or disliked."""

MATCHES_KEPT = 1000
"""How many stated values are remembered with the items that have them; shoppers may state anything."""

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, eq=False)
class Items:
    """A catalogue of n items in columns. Make one with `Items.of`."""

    ids: tuple[str, ...]
    values: tuple[tuple[str, str], ...]
    """Every facet with each of its values, as they are written."""
    holder_value: npt.NDArray[np.int32]
    """Pairs of a value (its place in `values`) and an item that has it, ordered by value, then item."""
    holder_item: npt.NDArray[np.int32]
    narrowest: dict[str, npt.NDArray[np.int32]]
    """For brand and category, each item's narrowest value (its place in `values`); -1 where it has none."""
    price: npt.NDArray[np.float64]
    """[n], in the catalogue's currency; NaN where unknown."""
    vectors: npt.NDArray[np.float32] | None
    """[n, d] of length 1, or of zeros where an item has none."""
    place: dict[str, int]
    """Where each id is."""
    tie_rank: npt.NDArray[np.int64]
    """[n], the place of each id among the sorted ids."""
    _matches: dict[tuple[str, str], npt.NDArray[np.int32]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(
        cls,
        ids: Sequence[str],
        facets: Mapping[str, Facet] | None = None,
        price: Sequence[float | None] | npt.NDArray[np.float64] | None = None,
        vectors: npt.NDArray[np.float32] | None = None,
    ) -> Items:
        """A catalogue from columns of equal length n.

        Args:
            ids: n ids, each once.
            facets: for each facet a value, a path of values (all hold; the last is the narrowest) or None an item.
            price: n prices; None or NaN where unknown.
            vectors: [n, d]; scaled to length 1 here.

        Raises:
            ItemsError: the columns differ in length, or an id is there twice.
        """
        pairs = [
            (str(facet), str(value), item)
            for facet, column in (facets or {}).items()
            for item, entry in enumerate(_column(facet, column, len(ids)))
            if entry is not None
            for value in ((entry,) if isinstance(entry, str) else entry)
        ]
        return cls.from_pairs(ids, pairs, price, vectors)

    @classmethod
    def from_pairs(
        cls,
        ids: Sequence[str],
        pairs: Sequence[tuple[str, str, int]],
        price: Sequence[float | None] | npt.NDArray[np.float64] | None = None,
        vectors: npt.NDArray[np.float32] | None = None,
    ) -> Items:
        """A catalogue from ``(facet, value, item's place)``: for facets by the thousand. See `of`."""
        count = len(ids)
        place = {item_id: at for at, item_id in enumerate(ids)}
        if len(place) < count:
            twice = next(item_id for at, item_id in enumerate(ids) if place[item_id] != at)
            raise ItemsError(f"item {twice!r} is there twice; keep one of them")
        values = tuple(sorted({(facet, value) for facet, value, _ in pairs}))
        code = {value: at for at, value in enumerate(values)}
        holder_value = np.fromiter((code[facet, value] for facet, value, _ in pairs), np.int32, len(pairs))
        holder_item = np.fromiter((item for _, _, item in pairs), np.int32, len(pairs))
        narrowest = {facet: np.full(count, -1, np.int32) for facet in (BRAND, CATEGORY)}
        for facet, value, item in pairs:
            if facet in narrowest:
                narrowest[facet][item] = code[facet, value]
        order = np.lexsort((holder_item, holder_value))
        holders = holder_value[order], holder_item[order]
        return cls.from_columns(ids, values, holders, narrowest, _prices(price, count), _unit_rows(vectors, count))

    @classmethod
    def from_columns(
        cls,
        ids: Sequence[str],
        values: Sequence[tuple[str, str]],
        holders: tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]],
        narrowest: dict[str, npt.NDArray[np.int32]],
        price: npt.NDArray[np.float64],
        vectors: npt.NDArray[np.float32] | None,
    ) -> Items:
        """A catalogue from columns that are as the fields say; for this package, not checked."""
        place = {item_id: at for at, item_id in enumerate(ids)}
        tie_rank = np.empty(len(ids), np.int64)
        tie_rank[sorted(range(len(ids)), key=ids.__getitem__)] = np.arange(len(ids))
        return cls(tuple(ids), tuple(values), *holders, narrowest, price, vectors, place, tie_rank)

    def __len__(self) -> int:
        return len(self.ids)

    def with_vectors(self, vectors: npt.NDArray[np.float32] | None) -> Items:
        """This catalogue with other vectors, [n, d]."""
        holders = self.holder_value, self.holder_item
        unit = _unit_rows(vectors, len(self))
        return Items.from_columns(self.ids, self.values, holders, self.narrowest, self.price, unit)

    def name_of(self, value: int) -> str:
        """How a reason names a value: ``brand=Nordlys``."""
        facet, text = self.values[value]
        return f"{facet}={text}"

    def having(self, facet: str, value: str) -> npt.NDArray[np.int32]:
        """The places of the items with this value of this facet, whatever the case.

        The words of the value may stand among others: "leather" finds "Genuine leather".
        """
        key = (facet.casefold(), _words(value))
        if key not in self._matches:
            if len(self._matches) >= MATCHES_KEPT:
                self._matches.clear()
            found = [
                at
                for at, (name, text) in enumerate(self.values)
                if name.casefold() == key[0] and key[1] in _words(text)
            ]
            mask = np.isin(self.holder_value, np.asarray(found, np.int32))
            self._matches[key] = np.unique(self.holder_item[mask])
        return self._matches[key]


def _words(text: str) -> str:
    return f" {' '.join(_WORD.findall(text.casefold())) or text.casefold()} "


def _column(facet: str, column: Facet, count: int) -> Facet:
    if len(column) != count:
        raise ItemsError(f"facet {facet!r} has {len(column)} values for {count} items; give one an item")
    return column


def _prices(price: Sequence[float | None] | npt.NDArray[np.float64] | None, count: int) -> npt.NDArray[np.float64]:
    if price is None:
        return np.full(count, np.nan)
    if len(price) != count:
        raise ItemsError(f"{len(price)} prices for {count} items; give one an item")
    column = np.asarray([np.nan if p is None else p for p in price], np.float64)
    return np.where(column >= 0, column, np.nan)


def _unit_rows(vectors: npt.NDArray[np.float32] | None, count: int) -> npt.NDArray[np.float32] | None:
    if vectors is None:
        return None
    if vectors.ndim != 2 or len(vectors) != count:
        raise ItemsError(f"vectors of shape {vectors.shape} for {count} items; give one row an item")
    if not np.isfinite(vectors).all():
        raise ItemsError("a vector holds a number that is not finite; encode the items again")
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.ascontiguousarray(vectors / np.where(lengths > 0, lengths, 1), np.float32)
