"""Hard constraints: the catalogue as columns, answered as boolean masks over its rows.

Every product shown has passed `Columns.mask`, so what a constraint means is decided here and nowhere else:

- texts compare without case, punctuation, plural and unit spelling ("32GB" equals "32 gb"); numbers with a known unit
  compare by amount ("500 ml" equals "0.5 l"), else as written;
- a list written as one text ("Black/Silver") has each of its values;
- EQ of the brand accepts longer names that begin with it ("adidas" takes "adidas Originals", "UGG" not "Koolaburra by
  UGG"); NE of the brand is wider and rejects every brand that holds the words. Both err towards showing less;
- EQ of the category accepts any level of the path;
- a tuple of values means any of them for EQ and MENTIONS, none of them for NE and OMITS;
- MEASURES reads what a product says and the numbers of attributes that are named after that kind of measure;
- LE and GE of ``*``, or of a direction ("width") without a column of its own, read the numbers of the attributes named
  after it; a product that has none is taken at its title's word;
- MENTIONS and OMITS read the whole product for ``*``, its title for ``title``, else the values of that one attribute.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from copy import copy
from dataclasses import dataclass, fields
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from retrieval.documents import Document
from retrieval.errors import QueryError
from retrieval.fields import mentioned_texts, truth_of
from retrieval.mentions import Mentions
from retrieval.query import ANY, BRAND, CATEGORY, IN_STOCK, PRICE, RATING, TITLE, Constraint, Op
from retrieval.units import NAMES_OF_KIND, Measure, measure, with_unit
from retrieval.values import Column, build_column, build_columns, joined, name_key
from retrieval.words import key, words

Mask = NDArray[np.bool_]
Numbers = NDArray[np.float64]
Rows = NDArray[np.int64]

_CACHED_MASKS = 64
_SCREEN = ("diagonal", "screen", "display")
_PACKING = frozenset(("package", "packaging", "pallet", "master", "carton"))
"""Words in the names of measures of what a product comes in, which are no measures of itself."""
_PRIOR_RATINGS = 10  # a rating counts as if this many average ones had been given too


@dataclass(frozen=True, slots=True)
class Attribute:
    """What can be asked: `kind` is ``text``, ``number`` or ``truth``; `coverage` the share of products that has it."""

    name: str
    kind: str
    coverage: float


@dataclass(frozen=True, slots=True)
class Facts:
    """The numbers that every product has a place for, row by row; NaN where it has none."""

    price: Numbers
    rating: Numbers
    rating_count: NDArray[np.int64]
    in_stock: Mask


class Columns:
    """The columns of a catalogue; row i is the product ``ids[i]``. Masks that come out are shared and read-only."""

    def __init__(
        self,
        ids: Sequence[str],
        facts: Facts,
        columns: dict[str, Column],
        mentions: Mentions,
        row_of: dict[str, int] | None = None,
    ) -> None:
        """`row_of`: the row of each living product; by default every row is one."""
        self.ids = tuple(ids)
        self.row_of = {product_id: row for row, product_id in enumerate(self.ids)} if row_of is None else row_of
        self.facts = facts
        self.columns = columns
        self.mentions = mentions
        self._masks = lru_cache(maxsize=_CACHED_MASKS)(self._mask_of)
        self._gone: Rows = np.zeros(0, np.int64)

    def changed(self, gone: Sequence[str], documents: Sequence[Document]) -> Columns:
        """These without the products `gone` and with `documents` behind them.

        A product that is gone keeps its row, which no mask lets through: rows are what the other parts count by.
        """
        more = Columns.build(documents)
        columns = dict(self.columns)
        for name, column in more.columns.items():
            columns[name] = joined(columns.get(name, Column(column.name)), column, len(self))
        rows = np.array([self.row_of[product_id] for product_id in gone], np.int64)
        facts = Facts(
            *(np.concatenate((getattr(self.facts, f.name), getattr(more.facts, f.name))) for f in fields(Facts))
        )
        facts.price[rows] = facts.rating[rows] = np.nan
        facts.rating_count[rows], facts.in_stock[rows] = 0, False
        row_of = dict(self.row_of)
        for product_id in gone:
            del row_of[product_id]
        row_of.update((product_id, row) for row, product_id in enumerate(more.ids, start=len(self)))
        mentions = self.mentions.joined(more.mentions) if documents else self.mentions
        new = Columns((*self.ids, *more.ids), facts, columns, mentions, row_of)
        new._gone = np.concatenate((self._gone, rows))
        return new

    def with_facts(self, documents: Sequence[Document]) -> Columns:
        """These with the price, stock and rating of `documents`, which are the same in all else."""
        rows = [self.row_of[doc.id] for doc in documents]
        told = Columns.build(documents).facts
        facts = Facts(*(getattr(self.facts, f.name).copy() for f in fields(Facts)))
        for f in fields(Facts):
            getattr(facts, f.name)[rows] = getattr(told, f.name)
        new = copy(self)
        new.facts = facts
        new.__dict__.pop("standing", None)
        new._masks = lru_cache(maxsize=_CACHED_MASKS)(new._mask_of)
        return new

    @classmethod
    def build(cls, documents: Sequence[Document]) -> Columns:
        columns = build_columns(doc.attributes for doc in documents)
        columns[BRAND] = build_column(BRAND, [(i, d.brand) for i, d in enumerate(documents) if d.brand], split=False)
        paths = [(i, d.category) for i, d in enumerate(documents) if d.category]
        columns[CATEGORY] = build_column(CATEGORY, list(paths), split=False)
        facts = Facts(
            price=np.array([np.nan if d.price is None else d.price for d in documents], np.float64),
            rating=np.array([np.nan if d.rating is None else d.rating for d in documents], np.float64),
            rating_count=np.array([d.rating_count for d in documents], np.int64),
            in_stock=np.array([d.stock is None or d.stock > 0 for d in documents], bool),
        )
        return cls([d.id for d in documents], facts, columns, Mentions.build(map(mentioned_texts, documents)))

    def __len__(self) -> int:
        return len(self.ids)

    def mask(self, constraints: Sequence[Constraint]) -> Mask:
        """Which products keep every constraint: bool ``[n]``. Raises QueryError where one makes no sense."""
        masks = [self._masks(constraint) for constraint in constraints]
        if len(masks) == 1 and not len(self._gone):
            return masks[0]
        mask = np.logical_and.reduce(masks) if masks else np.ones(len(self), bool)
        mask[self._gone] = False
        return mask

    def count(self, constraints: Sequence[Constraint]) -> int:
        """How many products keep every constraint."""
        return int(np.count_nonzero(self.mask(constraints)))

    def facets(self, attribute: str, mask: Mask | None = None) -> dict[str, int]:
        """The values of an attribute as first written, with the number of products (in `mask`), most frequent first."""
        column = self.columns.get(name_key(attribute))
        return column.counts(mask) if column else {}

    def attributes(self) -> dict[str, Attribute]:
        """The catalogue's own attributes with brand and category, by name, the best covered first."""
        return dict(self._attributes)

    @cached_property
    def _attributes(self) -> dict[str, Attribute]:
        found = [
            Attribute(column.name, column.kind, len(np.unique(column.rows)) / max(len(self), 1))
            for column in self.columns.values()
        ]
        return {a.name: a for a in sorted(found, key=lambda a: (-a.coverage, a.name))}

    def coverage(self, attribute: str) -> float:
        """The share of products that have this attribute."""
        column = self.columns.get(name_key(attribute))
        return len(np.unique(column.rows)) / max(len(self), 1) if column else 0.0

    @cached_property
    def standing(self) -> Numbers:
        """Each product's rating, drawn towards the catalogue's mean where few gave one: what "best rated" sorts by."""
        rating, counts = self.facts.rating, self.facts.rating_count.astype(np.float64)
        rated = ~np.isnan(rating)
        mean = float(rating[rated].mean()) if rated.any() else 0.0
        weighed = (np.where(rated, rating, mean) * counts + mean * _PRIOR_RATINGS) / (counts + _PRIOR_RATINGS)
        return np.where(rated, weighed, -np.inf)

    def _mask_of(self, constraint: Constraint) -> Mask:
        values = constraint.value if isinstance(constraint.value, tuple) else (constraint.value,)
        match constraint.op:
            case Op.EQ:
                mask = self._any(self._equal(constraint.attribute, value) for value in values)
            case Op.NE:
                mask = ~self._any(self._equal(constraint.attribute, value, wide=True) for value in values)
            case Op.MENTIONS:
                mask = self._any(self._mentions(constraint.attribute, str(value)) for value in values)
            case Op.OMITS:
                mask = ~self._any(self._mentions(constraint.attribute, str(value)) for value in values)
            case Op.MEASURES:
                mask = self._any(self._measured(str(value)) for value in values)
            case Op.LE | Op.GE:
                mask = self._compared(constraint)
        mask.flags.writeable = False
        return mask

    def _any(self, masks: Iterable[Mask]) -> Mask:
        total = np.zeros(len(self), bool)
        for mask in masks:
            total |= mask
        return total

    def _equal(self, attribute: str, value: str | float | bool, *, wide: bool = False) -> Mask:
        if attribute == IN_STOCK:
            return np.equal(self.facts.in_stock, truth_of(value) is not False)
        if (numbers := self._fact(attribute)) is not None:
            return np.equal(numbers, _number(value))
        mask = np.zeros(len(self), bool)
        column = self.columns.get(name_key(attribute))
        if column is None:
            return mask
        text = _text(value)
        if attribute == BRAND and wide:
            mask[column.containing(text)] = True
            return mask
        mask[column.having(text, prefix=attribute == BRAND)] = True
        if attribute not in (BRAND, CATEGORY):
            _mark_numbers(mask, column, value, np.isclose)
        return mask

    def _compared(self, constraint: Constraint) -> Mask:
        compare = np.less_equal if constraint.op is Op.LE else np.greater_equal
        if (numbers := self._fact(constraint.attribute)) is not None:
            return np.asarray(compare(numbers, _number(constraint.value)), bool)
        mask = np.zeros(len(self), bool)
        column = self.columns.get(name_key(constraint.attribute))
        if column is not None:
            _mark_numbers(mask, column, constraint.value, compare, strict=True)
            return mask
        return self._limited(constraint, compare)

    def _limited(self, constraint: Constraint, compare: Callable[..., Mask]) -> Mask:
        """A limit of a measure that no column is named exactly after."""
        mask, known = np.zeros(len(self), bool), np.zeros(len(self), bool)
        limit = _limit(constraint.value)
        if limit is None or not limit.kind:
            return mask
        named = NAMES_OF_KIND[limit.kind] if constraint.attribute == ANY else (constraint.attribute,)
        screens = _SCREEN if constraint.attribute == ANY and str(constraint.value).endswith(" inch") else ()
        for names in (screens, named):  # of a television, the screen counts and not the stand
            told = np.zeros(len(self), bool)
            fits = np.zeros(len(self), bool)
            for column in (c for name in names for c in self._columns_named.get(name, ())):
                told[column.number_rows] = True
                _mark_numbers(fits, column, constraint.value, compare)
            mask |= fits & ~known
            known |= told
        return mask | (self.mentions.measuring(limit, compare) & ~known)

    def _mentions(self, attribute: str, phrase: str) -> Mask:
        if attribute in (ANY, TITLE):
            return self.mentions.mask(phrase, title=attribute == TITLE)
        mask = np.zeros(len(self), bool)
        column = self.columns.get(name_key(attribute))
        if column is not None and (text := key(phrase)):
            mask[column.containing(text)] = True
        return mask

    def _measured(self, value: str) -> Mask:
        mask = self.mentions.mask(value)
        limit = measure(value)
        for name in NAMES_OF_KIND.get(limit.kind, ()) if limit else ():
            for column in self._columns_named.get(name, ()):
                _mark_numbers(mask, column, value, np.isclose)
        return mask

    @cached_property
    def _columns_named(self) -> dict[str, list[Column]]:
        """The attributes by each word of their names."""
        named: dict[str, list[Column]] = {}
        for column in self.columns.values():
            spoken = set(words(column.name.replace("_", " ")))
            for word in spoken if not spoken & _PACKING else ():
                named.setdefault(word, []).append(column)
        return named

    def _fact(self, attribute: str) -> Numbers | None:
        return {PRICE: self.facts.price, RATING: self.facts.rating}.get(attribute)


def _mark_numbers(
    mask: Mask, column: Column, value: object, compare: Callable[..., Mask], *, strict: bool = False
) -> None:
    """Set the rows whose number compares so with `value`: by amount where both units are of a kind, else as written.

    Raises QueryError where `strict` and `value` is no number.
    """
    limit = _limit(value)
    if limit is None:
        if strict:
            raise QueryError(f"{value!r} is not a number to compare {column.name} with; give one, as in 30 or '32 GB'")
        return
    fits = compare(column.numbers, limit.number)
    if limit.kind:
        same = column.kinds == limit.kind
        amounts, amount = np.round(column.amounts, 9), round(limit.amount, 9)  # 0.57 m is 57 cm, whatever floats say
        fits = np.where(same, compare(amounts, amount), fits & (column.kinds == 0))
    mask[column.number_rows[fits]] = True


def _number(value: object) -> float:
    limit = _limit(value)
    if limit is None:
        raise QueryError(f"{value!r} is not a number; give one, as in 30")
    return limit.number


def _limit(value: object) -> Measure | None:
    if isinstance(value, bool | tuple):
        return None
    return with_unit(float(value), "") if isinstance(value, int | float) else measure(str(value))


def _text(value: str | float | bool) -> str:
    truth = truth_of(value)
    if truth is not None:
        return "yes" if truth else "no"
    return key(value if isinstance(value, str) else f"{value:g}")
