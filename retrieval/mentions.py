"""Which products say a phrase: every word of the catalogue with every place where it stands."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.words import read

Mask = NDArray[np.bool_]
Places = NDArray[np.int32]


class Mentions:
    """A positional inverted index. A phrase is found where its words stand side by side within one field.

    Words are those of `retrieval.words`: case, punctuation, plural and unit spelling make no difference, and what is
    written together somewhere ("t-shirt", "cat 6") is found as one word too.
    """

    def __init__(
        self, words: Sequence[str], starts: NDArray[np.int64], places: Places, docs: Places, titles: Places
    ) -> None:
        """Word i stands at ``places[starts[i]:starts[i + 1]]``, rising; product r begins at place ``docs[r]``, and its
        title ends before ``titles[r]``."""
        self._words = list(words)
        self._number = {word: number for number, word in enumerate(self._words)}
        self._starts, self._places, self._docs, self._titles = starts, places, docs, titles

    @classmethod
    def build(cls, products: Iterable[Iterable[str]]) -> Mentions:
        """From each product's texts, of which the first is its title."""
        numbers: dict[str, int] = {}
        tokens: list[int] = []
        places: list[int] = []
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
            list(numbers),
            starts,
            np.array(places, np.int32)[order],
            np.array(docs, np.int32),
            np.array(titles, np.int32),
        )

    def mask(self, phrase: str, *, title: bool = False) -> Mask:
        """The products that say `phrase`, or whose title does. A phrase without words is said by none."""
        mask = np.zeros(len(self._docs), dtype=bool)
        spoken = read(phrase).words
        places = self._side_by_side(spoken)
        if len(spoken) in (2, 3):
            places = np.concatenate((places, self._of("".join(spoken))))
        rows = np.searchsorted(self._docs, places, side="right") - 1
        mask[rows[places < self._titles[rows]] if title else rows] = True
        return mask

    def knows(self, word: str) -> bool:
        """Whether any product says the word (as `retrieval.words` gives it)."""
        return word in self._number

    def frequencies(self) -> dict[str, int]:
        """Every word of the catalogue with how often it stands anywhere."""
        return dict(zip(self._words, np.diff(self._starts).tolist(), strict=True))

    def _of(self, word: str) -> Places:
        number = self._number.get(word)
        return self._places[:0] if number is None else self._places[self._starts[number] : self._starts[number + 1]]

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
            return cls(words, file["starts"], file["places"], file["docs"], file["titles"])
