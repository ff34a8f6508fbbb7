"""From wishes in words to constraints on this catalogue's columns.

A caller says what is wanted in the shopper's words ("blue", "32 GB", "by Nordlys"); here it is decided which
column answers that. Where an attribute covers most of the catalogue, it decides; else the product's text does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from retrieval.columns import Columns
from retrieval.parse.lexicon import COLORS, SIZES
from retrieval.parse.measures import AT_LEAST, AT_MOST, AXES
from retrieval.query import ANY, BRAND, CATEGORY, IN_STOCK, PRICE, RATING, TITLE, Constraint, Op
from retrieval.units import measure

_COLOR = "color"
_SIZE = "size"
_LIMIT = re.compile(rf"(?P<bound>{AT_LEAST}|{AT_MOST}) (?P<measure>\S+ \S+)(?: (?P<axis>{'|'.join(AXES)}))?")
_COUNTED = re.compile(r"(?P<number>\d+) (?P<of>people|pieces)")
_SAID = {
    "people": ("{} seater", "{} seat", "{} person", "{} seats", "seats {}", "sleeps {}", "for {} people"),
    "pieces": ("set of {}", "pack of {}", "{} pack", "{} count", "{} ct", "{} set", "box of {}"),
}
_SHOE = ("size {}", "{} us", "us {}", "{} m", "{} d", "{} b", "{} uk", "{} wide", "{} medium", "{} little", "{} big")
_LETTERS = {"small": ("s",), "medium": ("m",), "large": ("l",), "s": ("small",), "m": ("medium",), "l": ("large",),
            "xl": ("x-large",), "xs": ("x-small",), "full": ("double",), "double": ("full",)}  # fmt: skip
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
        yield Constraint(ANY, Op.OMITS, _as_said(word, columns))


def words_of(constraint: Constraint) -> tuple[str, ...]:
    """What a constraint asks for, as the shopper may read it: without the other ways in which products say the same."""
    values = constraint.value if isinstance(constraint.value, tuple) else (str(constraint.value),)
    if counted := tuple(v for v in values if _COUNTED.fullmatch(v)):
        return counted
    values = tuple(v for v in values if not v.endswith(" fl oz")) or values
    if constraint.attribute in (_SIZE, TITLE) and constraint.op in (Op.EQ, Op.MENTIONS):
        return (f"size {values[0].removeprefix('size ')}",)
    axis = next((f" {word}" for word, name in AXES.items() if name == constraint.attribute), "")
    bound = {Op.GE: f"{AT_LEAST} ", Op.LE: f"{AT_MOST} "}.get(constraint.op, "")
    return tuple(f"{bound}{v}{axis if bound else ''}" for v in values)


def _want(want: tuple[str, ...], columns: Columns) -> Constraint:
    """A wanted property, any of several: of its kind's attribute, where the catalogue keeps one; else said anywhere."""
    if len(want) == 1 and (limit := _LIMIT.fullmatch(want[0])):
        op = Op.GE if limit["bound"] == AT_LEAST else Op.LE
        return Constraint(AXES.get(limit["axis"] or "", ANY), op, limit["measure"])
    want = tuple(_as_sold(hue, columns) for hue in want)
    if all(word.split()[-1:] and word.split()[-1] in COLORS for word in want) and columns.coverage(_COLOR) >= _COVERED:
        constraint = Constraint(_COLOR, Op.MENTIONS, want)
        if columns.count((constraint,)):
            return constraint
    if sizes := sizes_of(want):
        for constraint in (Constraint(_SIZE, Op.EQ, sizes), Constraint(TITLE, Op.MENTIONS, _titled(sizes))):
            if columns.count((constraint,)):
                return constraint
    if all(measure(word) is not None for word in want):
        return Constraint(ANY, Op.MEASURES, tuple(form for word in want for form in _forms(word)))
    return Constraint(ANY, Op.MENTIONS, want)


def _as_said(unwanted: str, columns: Columns) -> str:
    """What must not be, as products say it: of "german layout", where none says that, "german"."""
    first = unwanted.partition(" ")[0]
    said, simple = (columns.count((Constraint(ANY, Op.MENTIONS, phrase),)) for phrase in (unwanted, first))
    return first if simple and not said else unwanted


def _as_sold(hue: str, columns: Columns) -> str:
    """A shade, or the plain colour where no product says the shade ("dark green")."""
    *shade, plain = hue.split() or [""]
    if not shade or plain not in COLORS or columns.count((Constraint(ANY, Op.MENTIONS, hue),)):
        return hue
    return plain if columns.count((Constraint(ANY, Op.MENTIONS, plain),)) else hue


def sizes_of(want: tuple[str, ...]) -> tuple[str, ...]:
    """The sizes that wishes name, each as shops write it; none where they name something else."""
    named = [word.removeprefix("size ") for word in want if word.startswith("size ") or word in SIZES]
    return tuple(form for size in named for form in (size, *_LETTERS.get(size, ()))) if len(named) == len(want) else ()


def _titled(sizes: tuple[str, ...]) -> tuple[str, ...]:
    """How titles say a size: a word of its own, or a number with what shops put beside it."""
    forms = ((size, f"size {size}") if size.isalpha() else tuple(f.format(size) for f in _SHOE) for size in sizes)
    return tuple(form for some in forms for form in some)


def _forms(word: str) -> tuple[str, ...]:
    """How products say a measure: "6 pieces" is "set of 6" too."""
    if counted := _COUNTED.fullmatch(word):
        number, of = counted["number"], _SAID[counted["of"]]
        return (word, *(form.format(number) for form in of))
    return (word, word.replace(" oz", " fl oz")) if word.endswith(" oz") else (word,)
