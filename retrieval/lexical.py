"""Search by words: BM25 over every field of a product."""

from __future__ import annotations

import json
import math
from array import array
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from retrieval.postings import join
from retrieval.top import Ranked, best_rows
from retrieval.words import UNIT_OF, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

Mask = NDArray[np.bool_]

K1, B = 1.2, 0.75
"""The usual constants of BM25 (Robertson and Zaragoza, 'The Probabilistic Relevance Framework', 2009, section 3.5)."""


class Lexical:
    """An inverted index that holds, for each word in each text, all of its BM25 score but the word's weight.

    What a word weighs depends on how many texts have it, and is worked out when it is asked for: so texts can be added.
    """

    def __init__(
        self,
        number_of: dict[str, int],
        starts: NDArray[np.int64],
        rows: NDArray[np.int32],
        shares: NDArray[np.float32],
        size: int,
        mean_length: float,
    ) -> None:
        """Word i stands in the texts ``rows[starts[i]:starts[i + 1]]``; `size` texts of `mean_length` words each."""
        self._number = number_of
        self._starts, self._rows, self._shares, self._size, self._mean = starts, rows, shares, size, mean_length
        self._remembered = lru_cache(maxsize=2)(self._scores)

    @classmethod
    def build(cls, texts: Iterable[str], mean_length: float | None = None) -> Lexical:
        """An index over `texts`; row i is the i-th text. `mean_length`: of another index that this one will join."""
        numbers: dict[str, int] = {}
        tokens, rows, counts, lengths = array("i"), array("i"), array("i"), array("i")
        for row, text in enumerate(texts):
            found = Counter(terms(text))
            tokens.extend(numbers.setdefault(word, len(numbers)) for word in found)
            rows.extend([row] * len(found))
            counts.extend(found.values())
            lengths.append(found.total())
        mean = mean_length or max(float(np.mean(lengths)) if lengths else 0.0, 1.0)
        token, row_of, count = (np.array(a, np.int32) for a in (tokens, rows, counts))
        shares = _share(count, np.array(lengths, np.float32)[row_of], mean)
        order = np.argsort(token, kind="stable")
        starts = np.concatenate(([0], np.cumsum(np.bincount(token, minlength=len(numbers))))).astype(np.int64)
        return cls(numbers, starts, row_of[order], shares[order], len(lengths), mean)

    def joined(self, texts: Sequence[str]) -> Lexical:
        """This with more texts behind it; the mean length stays what it was."""
        more = Lexical.build(texts, self._mean)
        both = join(self._number, self._starts, list(more._number), more._starts)
        rows = both.insert(self._rows, more._rows + np.int32(self._size))
        shares = both.insert(self._shares, more._shares)
        return Lexical(both.number_of, both.starts, rows, shares, self._size + more._size, self._mean)

    @classmethod
    def load(cls, folder: Path) -> Lexical:
        """What `save` wrote; the arrays stay on disk until they are read."""
        told = json.loads((folder / "words.json").read_text(encoding="utf-8"))
        arrays = (np.load(folder / f"{name}.npy", "r", allow_pickle=False) for name in ("starts", "rows", "shares"))
        starts, rows, shares = map(np.asarray, arrays)
        return cls(
            dict(zip(told["words"], range(len(starts)), strict=False)),
            starts,
            rows,
            shares,
            told["texts"],
            told["mean_length"],
        )

    def save(self, folder: Path) -> None:
        """Writes arrays as ``.npy`` and words as JSON; no pickle."""
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / "starts.npy", self._starts, allow_pickle=False)
        np.save(folder / "rows.npy", self._rows, allow_pickle=False)
        np.save(folder / "shares.npy", self._shares, allow_pickle=False)
        told = {"words": list(self._number), "texts": self._size, "mean_length": self._mean}
        (folder / "words.json").write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")

    def __len__(self) -> int:
        return self._size

    def texts_with(self, text: str) -> list[NDArray[np.int32]]:
        """For each distinct term of a query, the rows whose texts have it, ascending; none for an unknown one."""
        numbers = [self._number.get(word) for word in dict.fromkeys(terms(text))]
        return [self._rows[:0] if n is None else self._rows[self._starts[n] : self._starts[n + 1]] for n in numbers]

    def scores(self, text: str) -> NDArray[np.float32]:
        """The BM25 score of every row for a query; the last ones are remembered, and read-only."""
        return self._remembered(text)

    def _scores(self, text: str) -> NDArray[np.float32]:
        total = np.zeros(self._size, dtype=np.float32)
        for word in terms(text):
            number = self._number.get(word)
            if number is not None:
                start, end = int(self._starts[number]), int(self._starts[number + 1])
                weight = math.log(1 + (self._size - (end - start) + 0.5) / (end - start + 0.5))
                total[self._rows[start:end]] += np.float32(weight) * self._shares[start:end]  # a row comes once a word
        total.flags.writeable = False
        return total

    def top(self, text: str, count: int, mask: Mask | None = None) -> Ranked:
        """The best rows under `mask` that share at least one word with the query."""
        scores = self.scores(text)
        allowed = scores > 0 if mask is None else mask & (scores > 0)
        return best_rows(scores, count, allowed)


def _share(count: NDArray[np.int32], length: NDArray[np.float32], mean: float) -> NDArray[np.float32]:
    """How much of a word's weight a text has that says it `count` times."""
    return np.asarray(count / (count + np.float32(K1) * (1 - B + B * length / mean)), np.float32)


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
