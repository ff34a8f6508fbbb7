"""The values of a catalogue's attributes, column by column: who has which, and which numbers they are."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from retrieval.documents import AttributeValue
from retrieval.fields import truth_of
from retrieval.units import Measure, measure, unit_of_name, with_unit
from retrieval.words import key

Rows = NDArray[np.int32]

_PARTS = re.compile(r"\s*[/,;|&+]\s*|\s+and\s+")
_LONGEST_LIST = 120  # a longer text is prose, not a list of values


@dataclass(slots=True)
class Column:
    """One attribute. Value i has the comparable text ``keys[i]`` (sorted), is shown as ``shown[i]``, and stands at
    ``rows[starts[i]:starts[i + 1]]``. Numbers lie beside: the products that have one, the number as written, what kind
    of thing it measures (0: without a unit) and its SI amount.

    A text that lists several values ("Black/Silver") has each of them and, unlisted, the whole.
    """

    name: str
    keys: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    listed: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, bool))
    starts: NDArray[np.int64] = field(default_factory=lambda: np.zeros(1, np.int64))
    rows: Rows = field(default_factory=lambda: np.zeros(0, np.int32))
    number_rows: Rows = field(default_factory=lambda: np.zeros(0, np.int32))
    numbers: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    kinds: NDArray[np.int8] = field(default_factory=lambda: np.zeros(0, np.int8))
    amounts: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    truths: bool = False
    """Whether its values are yes and no."""

    @property
    def kind(self) -> str:
        """What its values mostly are: ``truth``, ``number`` or ``text``."""
        if self.truths:
            return "truth"
        return "number" if 2 * len(self.number_rows) > len(np.unique(self.rows)) else "text"

    def having(self, text: str, *, prefix: bool = False) -> Rows:
        """The products that have the value, or (`prefix`) a value that begins with its words."""
        first = bisect_left(self.keys, text)  # a blank sorts before every other character of a key, "!" right after it
        last = bisect_left(self.keys, text + "!") if prefix else first + (self.keys[first : first + 1] == [text])
        return self.rows[self.starts[first] : self.starts[last]]

    def containing(self, text: str) -> Rows:
        """The products that have a value in which the words of `text` stand side by side."""
        wanted = f" {text} "
        found = [i for i, value in enumerate(self.keys) if wanted in f" {value} "]
        return np.concatenate([self.rows[self.starts[i] : self.starts[i + 1]] for i in found] or [self.rows[:0]])

    def counts(self, mask: NDArray[np.bool_] | None = None) -> dict[str, int]:
        """How many products have each value (of those in `mask`), the most frequent first."""
        flags = np.ones(len(self.rows), np.int64) if mask is None else mask[self.rows].astype(np.int64)
        totals = np.diff(np.concatenate(([0], np.cumsum(flags)))[self.starts])
        order = np.argsort(-totals, kind="stable")
        return {self.shown[i]: int(totals[i]) for i in order if totals[i] and self.listed[i]}


def joined(base: Column, more: Column, offset: int) -> Column:
    """`base` with the products of `more` behind it, whose row 0 becomes row `offset`: as if built in one go."""
    at = np.array([bisect_left(base.keys, k) for k in more.keys], np.int64)
    known = np.array([base.keys[i : i + 1] == [k] for i, k in zip(at, more.keys, strict=True)], bool)
    rows = np.insert(base.rows, np.repeat(base.starts[at + known], np.diff(more.starts)), more.rows + np.int32(offset))
    counts, listed = np.diff(base.starts), base.listed.copy()
    counts[at[known]] += np.diff(more.starts)[known]
    listed[at[known]] |= more.listed[known]
    keys, shown = base.keys, base.shown
    if not known.all():
        counts = np.insert(counts, at[~known], np.diff(more.starts)[~known])
        listed = np.insert(listed, at[~known], more.listed[~known])
        keys, shown = list(keys), list(shown)
        for i in np.flatnonzero(~known)[::-1]:
            keys.insert(at[i], more.keys[i])
            shown.insert(at[i], more.shown[i])
    return Column(
        name=base.name,
        keys=keys,
        shown=shown,
        listed=listed,
        starts=np.concatenate(([0], np.cumsum(counts))).astype(np.int64),
        rows=rows,
        number_rows=np.concatenate((base.number_rows, more.number_rows + np.int32(offset))),
        numbers=np.concatenate((base.numbers, more.numbers)),
        kinds=np.concatenate((base.kinds, more.kinds)),
        amounts=np.concatenate((base.amounts, more.amounts)),
        truths=more.truths and (base.truths or not base.keys),
    )


def build_columns(products: Iterable[dict[str, AttributeValue]]) -> dict[str, Column]:
    """The columns over products, row by row; by the attribute's name as `name_key` compares it."""
    entries: dict[str, list[tuple[int, AttributeValue]]] = defaultdict(list)
    names: dict[str, str] = {}
    known: dict[str, str] = {}
    for row, attributes in enumerate(products):
        for name, value in attributes.items():
            if name not in known:
                known[name] = names.setdefault(name_key(name), name)
            entries[known[name]].append((row, value))
    return {short: build_column(name, entries[name]) for short, name in names.items()}


def name_key(name: str) -> str:
    """An attribute's name for comparing: "Colour", "color" and "COLOR" are one."""
    return key(name.replace("_", " "))


def build_column(name: str, entries: list[tuple[int, AttributeValue]], *, split: bool = True) -> Column:
    """One column from its ``(row, value)`` entries, rows rising. `split` takes lists written as one text apart."""
    rows_of: dict[str, list[int]] = defaultdict(list)
    shown: dict[str, str] = {}
    listed: set[str] = set()
    numbers: list[tuple[int, Measure]] = []
    short_of = lru_cache(maxsize=None)(key)  # most values come many times
    for row, value in entries:
        for text, whole in _texts(value, split):
            short = short_of(text)
            if not short:
                continue
            if rows_of[short][-1:] != [row]:
                rows_of[short].append(row)
            shown.setdefault(short, text)
            if not whole:
                listed.add(short)
        numbers.extend((row, found) for found in _measures(name, value))
    keys = sorted(rows_of)
    return Column(
        name=name,
        keys=keys,
        shown=[shown[k] for k in keys],
        listed=np.array([k in listed for k in keys], bool),
        starts=np.cumsum([0, *(len(rows_of[k]) for k in keys)]).astype(np.int64),
        rows=np.array([row for k in keys for row in rows_of[k]], np.int32),
        number_rows=np.array([row for row, _ in numbers], np.int32),
        numbers=np.array([m.number for _, m in numbers], np.float64),
        kinds=np.array([m.kind for _, m in numbers], np.int8),
        amounts=np.array([m.amount for _, m in numbers], np.float64),
        truths=all(truth_of(value) is not None for _, value in entries),
    )


def _texts(value: AttributeValue, split: bool) -> Iterator[tuple[str, bool]]:
    """The values that an attribute has, each with whether it is the whole of a list."""
    truth = truth_of(value)
    if truth is not None:
        yield ("yes" if truth else "no"), False
    elif isinstance(value, float | int):
        yield f"{value:g}", False
    else:
        for text in (value,) if isinstance(value, str) else value:
            parts = [p for p in _PARTS.split(text.strip()) if p] if split and len(text) <= _LONGEST_LIST else []
            yield text.strip(), len(parts) > 1
            for part in parts if len(parts) > 1 else ():
                yield part, False


def _measures(name: str, value: AttributeValue) -> Iterator[Measure]:
    if isinstance(value, bool):
        return
    if isinstance(value, float | int):
        yield with_unit(float(value), unit_of_name(name))
        return
    for text in (value,) if isinstance(value, str) else value:
        found = measure(text, name)
        if found is not None:
            yield found
