"""From wishes in words to constraints on this catalogue's columns.

A caller says what is wanted in the shopper's words ("blue", "32 GB", "by Nordlys"); here it is decided which
column answers that. Where an attribute covers most of the catalogue, it decides; else the product's text does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from retrieval.columns import Columns
from retrieval.parse.lexicon import COLORS
from retrieval.query import ANY, BRAND, CATEGORY, IN_STOCK, PRICE, RATING, Constraint, Op
from retrieval.units import measure

_COLOR = "color"
_COVERED = 0.5
"""The share of products that must have an attribute before it alone decides."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What every product shown must keep, in words and numbers; amounts in the catalogue's currency."""

    price_min: float | None = None
    price_max: float | None = None
    brands: tuple[str, ...] = ()
    without_brands: tuple[str, ...] = ()
    category: str | None = None
    wants: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    rating_min: float | None = None
    in_stock: bool = False

    @classmethod
    def of(cls, arguments: Mapping[str, Any]) -> Wishes:
        """From a mapping of these names, as a search's arguments are; others are passed over."""
        names = {field.name for field in fields(cls)}
        given: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in arguments.items()
            if name in names
        }
        return cls(**given)


def resolve(wishes: Wishes, columns: Columns) -> tuple[Constraint, ...]:
    """The constraints that these wishes mean on this catalogue."""
    return tuple(_constraints(wishes, columns))


def _constraints(wishes: Wishes, columns: Columns) -> Iterator[Constraint]:
    if wishes.price_min is not None:
        yield Constraint(PRICE, Op.GE, wishes.price_min)
    if wishes.price_max is not None:
        yield Constraint(PRICE, Op.LE, wishes.price_max)
    if wishes.brands:
        yield Constraint(BRAND, Op.EQ, wishes.brands)
    if wishes.without_brands:
        yield Constraint(BRAND, Op.NE, wishes.without_brands)
    if wishes.category:
        yield Constraint(CATEGORY, Op.EQ, wishes.category)
    if wishes.rating_min is not None:
        yield Constraint(RATING, Op.GE, wishes.rating_min)
    if wishes.in_stock:
        yield Constraint(IN_STOCK, Op.EQ, True)
    for want in wishes.wants:
        yield _want(tuple(want.split(" or ")), columns)
    for word in wishes.without:
        yield Constraint(ANY, Op.OMITS, word)


def _want(want: tuple[str, ...], columns: Columns) -> Constraint:
    """A wanted property, any of several: of the colour attribute, where the catalogue keeps one; else said anywhere."""
    if all(word.split()[-1:] and word.split()[-1] in COLORS for word in want) and columns.coverage(_COLOR) >= _COVERED:
        constraint = Constraint(_COLOR, Op.MENTIONS, want)
        if columns.count((constraint,)):
            return constraint
    op = Op.MEASURES if all(measure(word) is not None for word in want) else Op.MENTIONS
    return Constraint(ANY, op, want)
