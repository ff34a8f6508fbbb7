"""Search by words: BM25 over every field of a product."""

from __future__ import annotations

import logging
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from retrieval.top import Ranked, best_rows
from retrieval.words import UNIT_OF, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Mask = NDArray[np.bool_]

K1, B = 1.2, 0.75
"""The usual constants of BM25 (Robertson and Zaragoza, 'The Probabilistic Relevance Framework', 2009, section 3.5)."""


class Lexical:
    """An inverted index with the BM25 score of each word in each text already worked out (bm25s)."""

    def __init__(self, index: Any) -> None:
        self._index = index
        self._words: dict[str, int] = index.vocab_dict
        self._scores, self._rows, self._starts = (index.scores[name] for name in ("data", "indices", "indptr"))
        self._size = int(index.scores["num_docs"])

    @classmethod
    def build(cls, texts: Iterable[str]) -> Lexical:
        """An index over `texts`; row i is the i-th text."""
        bm25s = _bm25s()
        index = bm25s.BM25(k1=K1, b=B, method="lucene")
        found = [terms(text) for text in texts]
        index.index(found if any(found) else [[""]] * len(found), show_progress=False)  # "" is no term of any query
        return cls(index)

    @classmethod
    def load(cls, folder: Path) -> Lexical:
        bm25s = _bm25s()
        return cls(bm25s.BM25.load(folder, mmap=True, show_progress=False, allow_pickle=False))

    def save(self, folder: Path) -> None:
        """Writes arrays as ``.npy`` and words as JSON; no pickle."""
        self._index.save(folder, show_progress=False, allow_pickle=False)

    def scores(self, text: str) -> NDArray[np.float32]:
        """The BM25 score of every row for a query."""
        total = np.zeros(self._size, dtype=np.float32)
        for word in terms(text):
            number = self._words.get(word)
            if number is not None:
                start, end = self._starts[number], self._starts[number + 1]
                total[self._rows[start:end]] += self._scores[start:end]  # a row comes once a word
        return total

    def top(self, text: str, count: int, mask: Mask | None = None) -> Ranked:
        """The best rows under `mask` that share at least one word with the query."""
        scores = self.scores(text)
        allowed = scores > 0 if mask is None else mask & (scores > 0)
        return best_rows(scores, count, allowed)


def terms(text: str) -> list[str]:
    """The index terms of a text: stems, runs written as one word ("tshirt"), and numbers with their unit ("32gb")."""
    found = read(text)
    stem = _stem()
    measures = (a + b for a, b in zip(found.words, found.words[1:], strict=False) if a[0].isdigit() and b in UNIT_OF)
    return [*map(stem, found.words), *(word for _, _, word in found.joined), *measures]


@lru_cache(maxsize=1)
def _stem() -> Callable[[str], str]:
    import Stemmer

    stemmer = Stemmer.Stemmer("english")

    @lru_cache(maxsize=200_000)
    def stem(word: str) -> str:
        return str(stemmer.stemWord(word)) if word.isalpha() else word

    return stem


def _bm25s() -> Any:
    """The library, without the debug lines that it logs by default."""
    import bm25s

    logging.getLogger("bm25s").setLevel(logging.WARNING)
    return bm25s
