"""Spelling: a word that neither the language of wishes nor the catalogue knows becomes its nearest known one."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from retrieval.words import singular

_WORD = re.compile(r"(?<![\w'])[a-z]{4,}(?![\w'])")
_SEEN = 2
"""How often the catalogue must say a word before others are taken for its misspelling."""
_SURE = 1
"""Edits that a short word may be away; long words may be one further."""


class Speller:
    """Corrects words by edit distance (Damerau's optimal string alignment), the more frequent of two first."""

    def __init__(
        self, frequencies: Mapping[str, int], language: Collection[str], dictionary: Collection[str] = ()
    ) -> None:
        """Words of the catalogue with their frequency, the words that rules look for, and words to leave alone."""
        self._known = frozenset(frequencies) | frozenset(language) | frozenset(dictionary)
        targets = {word for word, count in frequencies.items() if count >= _SEEN} | frozenset(language)
        self._weight = {word: frequencies.get(word, 0) + (10_000 if word in language else 0) for word in targets}
        self._by_length: dict[int, list[str]] = {}
        for word in targets:
            if word.isalpha() and len(word) >= 4:
                self._by_length.setdefault(len(word), []).append(word)

    def correct(self, text: str) -> str:
        """The text (lower case) with each unknown word of four letters or more put right, where it is sure which."""
        return _WORD.sub(lambda m: self._word(m.group()), text)

    def _word(self, word: str) -> str:
        if self.knows(word):
            return word
        from rapidfuzz.distance import OSA

        most = _SURE + (len(word) > 6)
        best: tuple[int, int, str] | None = None
        for length in range(len(word) - most, len(word) + most + 1):
            for candidate in self._by_length.get(length, ()):
                if candidate[0] != word[0] and (most > _SURE or candidate[1:] != word[1:]):
                    continue  # people seldom miss the first letter
                distance = OSA.distance(word, candidate, score_cutoff=most)
                if distance <= most:
                    entry = (distance, -self._weight[candidate], candidate)
                    best = min(best, entry) if best else entry
        return best[2] if best else word

    def knows(self, word: str) -> bool:
        """Is it a word already, as it stands or without a common ending?"""
        if word in self._known or singular(word) in self._known or not word.isalpha():
            return True
        return any(
            word.endswith(end) and word[: -len(end)] in self._known for end in ("s", "es", "ed", "ing", "er", "ly")
        )
