"""Names in the catalogue that hold a word of wishes: the cream of "hand cream" is no colour."""

from __future__ import annotations

import numpy as np

from retrieval.columns import Columns
from retrieval.parse.lexicon import COLORS, FILLERS, MATERIALS
from retrieval.words import words

_OFTEN = 3
"""Titles that must say a phrase before it is a name."""
_ALONE = 0.75
"""The share of a word's coloured mentions that one colour must have to be a part of its name."""
_REALLY = 0.4
"""The share of products titled so that must have the colour, or it is a part of the name."""


class Names:
    """Which pairs of words stand together in titles as a name."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._known: dict[str, bool] = {}
        self._colors = [c for c in columns.columns.values() if "color" in words(c.name) and c.kind == "text"]

    def is_name(self, phrase: str) -> bool:
        """Do products often say these words side by side?"""
        return int(np.count_nonzero(self._columns.mentions.mask(phrase))) >= _OFTEN

    def colors_nothing(self, before: str, color: str, after: str) -> bool:
        """Is a word for a colour a part of a name here, with its neighbour before or behind it?"""
        if color not in COLORS:
            return False
        return self._belongs(f"{color} {after}", color, after) or self._belongs(f"{before} {color}", color, before)

    def _belongs(self, phrase: str, color: str, other: str) -> bool:
        if not other.isalpha() or other in FILLERS or other in COLORS or other in MATERIALS:
            return False
        if phrase not in self._known:
            self._known[phrase] = self._is_part(phrase, color)
        return self._known[phrase]

    def _is_part(self, phrase: str, color: str) -> bool:
        said = self._titles(phrase)
        count = int(np.count_nonzero(said))
        if count < _OFTEN:
            return False
        has, colored = np.zeros(len(said), bool), np.zeros(len(said), bool)
        for column in self._colors:
            has[column.rows] = True
            colored[column.containing(" ".join(words(color)))] = True
        known = int(np.count_nonzero(said & has))
        if known >= _OFTEN:
            return int(np.count_nonzero(said & colored)) < _REALLY * known
        others = sum(int(np.count_nonzero(self._titles(phrase.replace(color, c)))) for c in COLORS)
        return count >= _ALONE * max(others, 1)

    def _titles(self, phrase: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        return self._columns.mentions.mask(phrase, title=True)
