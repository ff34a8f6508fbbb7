"""A query and its answer: what to look for, what must hold, and what was found."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Op(StrEnum):
    """How a constraint compares. All are hard: a product that breaks one is never shown."""

    EQ = "eq"
    """The attribute equals the value, case and punctuation aside; any of the values where it has several."""
    NE = "ne"
    """It does not; a product that lacks the attribute passes."""
    LE = "le"
    """A number at most the value. A product that lacks the number fails."""
    GE = "ge"
    MENTIONS = "mentions"
    """The product says so somewhere: title, category, an attribute's value, or description."""
    OMITS = "omits"
    """It does not."""
    MEASURES = "measures"
    """The product has this measure ("3 m"): it says so somewhere, or an attribute of that kind has the number."""


# Attributes that every catalogue has, beside its own; ``*`` stands for the whole product (MENTIONS, OMITS).
PRICE, BRAND, CATEGORY, RATING, IN_STOCK, ANY = "price", "brand", "category", "rating", "in_stock", "*"
TITLE = "title"
"""The product's title alone (MENTIONS, OMITS)."""


@dataclass(frozen=True, slots=True)
class Constraint:
    """One condition. `value` is a text, a number, a truth value, or several texts of which one must hold."""

    attribute: str
    op: Op
    value: str | float | bool | tuple[str, ...]


class Sort(StrEnum):
    RELEVANCE = "relevance"
    CHEAPEST = "cheapest"
    MOST_EXPENSIVE = "most_expensive"
    BEST_RATED = "best_rated"


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for (`text`, may be empty), what must hold, how many, and in which order."""

    text: str
    constraints: tuple[Constraint, ...] = ()
    k: int = 10
    sort: Sort = Sort.RELEVANCE
    subject: str | None = None
    """The words that name the thing. Where given, what has nothing to do with them is not found, however few are left;
    `text` then only ranks. None: a plain ranked list, as long as `k`."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One product found. `score` falls along the list; `sources` gives its rank in each part (from 1)."""

    product_id: str
    score: float
    sources: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NearestMiss:
    """A change of the constraints that would find something, where the query as it is finds nothing.

    `given` are the constraints to give up and `instead` what to ask for in their place (empty: nothing); `count` is how
    many products that finds, `lowest_price` their lowest price, `product_ids` the best few of them.
    """

    given: tuple[Constraint, ...]
    instead: tuple[Constraint, ...]
    count: int
    lowest_price: float | None = None
    product_ids: tuple[str, ...] = ()
