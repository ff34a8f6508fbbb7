"""Nearest misses: when nothing keeps every constraint, the smallest changes that would find something.

Everything is counted on the columns; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from retrieval.columns import Columns
from retrieval.query import ANY, CATEGORY, IN_STOCK, PRICE, RATING, TITLE, Constraint, NearestMiss, Op
from retrieval.words import key

Mask = NDArray[np.bool_]
Wanted = Callable[[Sequence[Constraint]], Mask]

_SLACK = 1.1  # a moved limit takes in what lies within a tenth behind the nearest product
_EXCHANGED, _DROPPED = 0.5, 1.0  # costs beside those of a moved limit, which is the share by which it moves
_SHOWN = 3
_EXCHANGEABLE = frozenset("color material size style finish pattern flavor scent shape".split())
"""Words in the name of an attribute of which people take another value; nobody takes "flash" for "ddr4"."""


@dataclass(frozen=True, slots=True)
class _Change:
    cost: float
    instead: tuple[Constraint, ...]
    mask: Mask


def nearest_misses(
    columns: Columns, constraints: Sequence[Constraint], wanted: Wanted, most: int = 3
) -> list[NearestMiss]:
    """The changes of the constraints that find something, the smallest first.

    One constraint is changed at a time: a limit moved to the nearest product, a value exchanged for the most frequent
    other ones, or the constraint dropped. Only where no single change helps are two given up together; of those a limit
    on the price is moved.

    Args:
        columns: the catalogue.
        constraints: what was asked for and found nothing.
        wanted: the products that the query is about under given constraints.
        most: how many changes to return, at most two of them for one constraint.
    """
    found: list[tuple[float, int, NearestMiss]] = []
    for given in constraints:
        rest = tuple(c for c in constraints if c is not given)
        base = wanted(rest)
        if base.any():
            changes = sorted(_changes(columns, given, base), key=lambda c: (c.cost, -int(c.mask.sum())))[:2]
            found.extend((c.cost, len(found), _miss(columns, (given,), c)) for c in changes)
    if not found:
        for pair in combinations(constraints, 2):
            base = wanted(tuple(c for c in constraints if c not in pair))
            if base.any():
                change = _pair_changed(columns, pair, base)
                found.append((_DROPPED + change.cost, len(found), _miss(columns, pair, change)))
    found.sort(key=lambda item: (item[0], -item[2].count, item[1]))
    return [miss for _, _, miss in found[:most]]


def _changes(columns: Columns, given: Constraint, base: Mask) -> Iterator[_Change]:
    """Every way to change one constraint that finds something in `base`, which keeps all the others."""
    if given.op in (Op.LE, Op.GE):
        yield from _moved(columns, given, base)
        return
    if given.op in (Op.EQ, Op.MENTIONS) and given.attribute != IN_STOCK:
        yield from _exchanged(columns, given, base)
    yield _Change(_DROPPED, (), base)


def _pair_changed(columns: Columns, pair: tuple[Constraint, ...], base: Mask) -> _Change:
    """Two constraints given up; of those a price is only moved as far as it must be."""
    for limit in pair:
        if limit.attribute == PRICE and limit.op in (Op.LE, Op.GE):
            for change in _moved(columns, limit, base):
                return change
    return _Change(_DROPPED, (), base)


def _moved(columns: Columns, given: Constraint, base: Mask) -> Iterator[_Change]:
    """A limit moved to the nearest product, or dropped where that has no such number."""
    numbers = {PRICE: columns.facts.price, RATING: columns.facts.rating}.get(given.attribute)
    limit = given.value
    if numbers is None or isinstance(limit, str | bool | tuple):
        yield _Change(_DROPPED, (), base)
        return
    known = numbers[base & ~np.isnan(numbers)]
    if not known.size:
        return
    nearest = float(known.min() if given.op is Op.LE else known.max())
    reach = nearest * _SLACK if given.op is Op.LE else nearest / _SLACK
    within = known[known <= reach] if given.op is Op.LE else known[known >= reach]
    moved = float(within.max() if given.op is Op.LE else within.min())
    instead = Constraint(given.attribute, given.op, moved)
    cost = abs(nearest - limit) / max(abs(limit), 1e-9)
    yield _Change(min(cost, 10.0), (instead,), base & columns.mask((instead,)))


def _exchanged(columns: Columns, given: Constraint, base: Mask) -> Iterator[_Change]:
    """A value exchanged for the most frequent others of its attribute among `base`."""
    asked = {key(str(v)) for v in (given.value if isinstance(given.value, tuple) else (given.value,))}
    name = given.attribute if given.attribute not in (ANY, TITLE) else _attribute_of(columns, asked, base)
    if name is None or name == CATEGORY:
        return
    others = [value for value in columns.facets(name, base) if key(value) not in asked][:2]
    for value in others:
        instead = Constraint(name, Op.EQ, value)
        yield _Change(_EXCHANGED, (instead,), base & columns.mask((instead,)))


def _attribute_of(columns: Columns, asked: set[str], base: Mask) -> str | None:
    """The attribute that a phrase is a value of anywhere in the catalogue and that most of `base` has."""
    rows = np.flatnonzero(base)
    best, most = None, 0
    for short, column in columns.columns.items():
        if not _EXCHANGEABLE & set(short.split()) or not any(len(column.having(a)) for a in asked):
            continue
        if column.kind == "text":
            covered = int(np.isin(column.rows, rows).sum())
            if covered > most:
                best, most = column.name, covered
    return best if most * 2 >= rows.size else None


def _miss(columns: Columns, given: tuple[Constraint, ...], change: _Change) -> NearestMiss:
    prices = columns.facts.price[change.mask]
    prices = prices[~np.isnan(prices)]
    rows = np.flatnonzero(change.mask)
    order = np.lexsort((rows, np.nan_to_num(columns.facts.price[rows], nan=np.inf)))[:_SHOWN]
    return NearestMiss(
        given=given,
        instead=change.instead,
        count=int(change.mask.sum()),
        lowest_price=float(prices.min()) if prices.size else None,
        product_ids=tuple(columns.ids[rows[i]] for i in order),
    )
