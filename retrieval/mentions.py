"""Which products say a phrase: every word of the catalogue with every place where it stands."""

from __future__ import annotations

import json
import re
from array import array
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.postings import join
from retrieval.units import Measure, factors_of
from retrieval.words import read

Mask = NDArray[np.bool_]
Places = NDArray[np.int32]

_NAME_AND_NUMBER = re.compile(r"([a-z]{2,6})(\d{1,4}[a-z]?)")
_ALIKE = (0.02, 50.0)
"""How much smaller and larger a unit may be than the one asked in, to be of the same measure."""

_LANDMARK = 4


class Mentions:
    """A positional inverted index. A phrase is found where its words stand side by side within one field.

    Words are those of `retrieval.words`: case, punctuation, plural and unit spelling make no difference, and what is
    written together somewhere ("t-shirt", "cat 6") is found as one word too.
    """

    def __init__(
        self, number_of: dict[str, int], starts: NDArray[np.int64], places: Places, docs: Places, titles: Places
    ) -> None:
        """Word i stands at ``places[starts[i]:starts[i + 1]]``, rising; product r begins at place ``docs[r]``, and its
        title ends before ``titles[r]``."""
        self._number, self._words = number_of, list(number_of)
        self._starts, self._places, self._docs, self._titles = starts, places, docs, titles

    @classmethod
    def build(cls, products: Iterable[Iterable[str]]) -> Mentions:
        """From each product's texts, of which the first is its title."""
        numbers: dict[str, int] = {}
        tokens, places = array("i"), array("i")
        docs, titles, here = [], [], 0
        for texts in products:
            docs.append(here)
            for field, text in enumerate(texts):
                found = read(text)
                for place, word in enumerate(found.words, start=here):
                    tokens.append(numbers.setdefault(word, len(numbers)))
                    places.append(place)
                for first, last, word in found.joined:
                    tokens.extend([numbers.setdefault(word, len(numbers))] * 2)
                    places.extend((here + first, here + last))
                here += len(found.words) + 1  # the gap keeps a phrase within its field
                if field == 0:
                    titles.append(here)
        order = np.lexsort((np.array(places, np.int32), token := np.array(tokens, np.int32)))
        starts = np.concatenate(([0], np.cumsum(np.bincount(token, minlength=len(numbers))))).astype(np.int64)
        return cls(
            numbers,
            starts,
            np.array(places, np.int32)[order],
            np.array(docs, np.int32),
            np.array(titles, np.int32),
        )

    def joined(self, more: Mentions) -> Mentions:
        """This with the products of `more` behind it."""
        lasts = self._places[self._starts[1:] - 1]  # each word's last place; no word is without one
        here = np.int32(max(lasts.max(initial=0), self._titles[-1] if len(self._titles) else 0) + 2)
        both = join(self._number, self._starts, more._words, more._starts)
        return Mentions(
            both.number_of,
            both.starts,
            both.insert(self._places, more._places + here),
            np.concatenate((self._docs, more._docs + here)),
            np.concatenate((self._titles, more._titles + here)),
        )

    def mask(self, phrase: str, *, title: bool = False) -> Mask:
        """The products that say `phrase`, or whose title does. A phrase without words is said by none."""
        mask = np.zeros(len(self._docs), dtype=bool)
        spoken = read(phrase).words
        places = self._side_by_side(spoken)
        if len(spoken) in (2, 3):
            places = np.concatenate((places, self._of("".join(spoken))))
        elif len(spoken) == 1 and (parts := _NAME_AND_NUMBER.fullmatch(spoken[0])):  # "cat6" finds "Cat.6"
            places = np.concatenate((places, self._side_by_side(parts.groups())))
        rows = self._rows_of(places)
        mask[rows[places < self._titles[rows]] if title else rows] = True
        return mask

    def measuring(self, limit: Measure, compare: Callable[[NDArray[np.float64], float], Mask]) -> Mask:
        """The products whose title has a number with a unit of the limit's kind that compares so with it.

        Only units of about the limit's size count: a cable of 2 m says nothing about a screen's inches.
        """
        mask = np.zeros(len(self._docs), dtype=bool)
        factors = factors_of(limit.kind)
        own = limit.amount / limit.number if limit.number else 0.0
        places, numbers = self._numbers
        for unit, factor in factors.items():
            if not _ALIKE[0] <= (factor / own if own else 0.0) <= _ALIKE[1] or not len(places):
                continue
            before = self._of(unit) - np.int32(1)
            at = np.minimum(np.searchsorted(places, before), len(places) - 1)
            said = places[at] == before
            said &= np.asarray(compare(np.round(numbers[at] * factor, 9), round(limit.amount, 9)), bool)
            found = before[said]
            rows = self._rows_of(found)
            mask[rows[found < self._titles[rows]]] = True
        return mask

    @cached_property
    def _numbers(self) -> tuple[Places, NDArray[np.float64]]:
        """Every place where a number stands, rising, with the number."""
        places, values = [], []
        for number, word in enumerate(self._words):
            if word.replace(".", "", 1).isdecimal():
                found = self._places[self._starts[number] : self._starts[number + 1]]
                places.append(found)
                values.append(np.full(len(found), float(word)))
        if not places:
            return self._places[:0], np.zeros(0)
        flat, numbers = np.concatenate(places), np.concatenate(values)
        order = np.argsort(flat, kind="stable")
        return flat[order], numbers[order]

    def titles(self, most: int) -> list[list[str]]:
        """The words of the titles of the first `most` products, in order."""
        count = min(most, len(self._docs))
        end = int(self._titles[count - 1]) if count else 0
        at = np.full(end, -1, np.int32)
        word_of = np.repeat(np.arange(len(self._words), dtype=np.int32), np.diff(self._starts))
        order = np.argsort(-word_of, kind="stable")  # of several words at a place, the one that was met first
        within = order[self._places[order] < end]
        at[self._places[within]] = word_of[within]
        return [[self._words[w] for w in at[self._docs[row] : self._titles[row] - 1] if w >= 0] for row in range(count)]

    def knows(self, word: str) -> bool:
        """Whether any product says the word (as `retrieval.words` gives it)."""
        return word in self._number

    def frequencies(self) -> dict[str, int]:
        """Every word of the catalogue with how often it stands anywhere."""
        return dict(zip(self._words, np.diff(self._starts).tolist(), strict=True))

    def _of(self, word: str) -> Places:
        number = self._number.get(word)
        return self._places[:0] if number is None else self._places[self._starts[number] : self._starts[number + 1]]

    def _rows_of(self, places: Places) -> NDArray[np.int64]:
        """The products at some places: from the table of every sixteenth place, then forward; faster than searching."""
        rows: NDArray[np.int64] = self._landmarks[places >> _LANDMARK]
        ends = self._ends
        while (late := ends[rows] <= places).any():
            rows = rows + late
        return rows

    @cached_property
    def _ends(self) -> Places:
        return np.concatenate((self._docs[1:], np.array([2**31 - 1], np.int32)))

    @cached_property
    def _landmarks(self) -> NDArray[np.int64]:
        """The product at every sixteenth place."""
        lasts = self._places[self._starts[1:] - 1]  # each word's last place
        marks = np.arange(0, int(lasts.max(initial=0)) + 1, 1 << _LANDMARK)
        return np.searchsorted(self._docs, marks, side="right") - 1

    def _side_by_side(self, spoken: Sequence[str]) -> Places:
        """The places at which the first of the words stands with all the others behind it."""
        if not spoken:
            return self._places[:0]
        lists = [(self._of(word), step) for step, word in enumerate(spoken)]
        rarest, shift = min(lists, key=lambda item: len(item[0]))
        starts = rarest - np.int32(shift)
        for places, step in lists:
            if not len(starts):
                break
            if places is rarest:
                continue
            wanted = starts + np.int32(step)
            at = np.searchsorted(places, wanted)
            starts = starts[places[np.minimum(at, len(places) - 1)] == wanted] if len(places) else places
        return starts

    def save(self, folder: Path) -> None:
        """As ``mentions.npz`` and ``mentions.json``."""
        np.savez(
            folder / "mentions.npz", starts=self._starts, places=self._places, docs=self._docs, titles=self._titles
        )
        (folder / "mentions.json").write_text(json.dumps(self._words, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Mentions:
        words = json.loads((folder / "mentions.json").read_text(encoding="utf-8"))
        with np.load(folder / "mentions.npz", allow_pickle=False) as file:
            number_of = {word: number for number, word in enumerate(words)}
            return cls(number_of, file["starts"], file["places"], file["docs"], file["titles"])
