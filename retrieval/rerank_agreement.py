"""A second look at a query's best candidates: how far several plain signs of relevance agree on each.

Every sign is brought to 0..1 among the candidates of this very query and all count the same, so nothing is learned and
nothing can be fitted to one catalogue. Equal weights lose little against fitted ones where examples are few
(Dawes, 'The robust beauty of improper linear models in decision making', 1979).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float32]


def agreement(signs: Sequence[NDArray[np.floating]]) -> Values:
    """The mean of the signs of each candidate, each sign scaled to 0..1 over them; float32 ``[candidates]``.

    A sign that is the same for all tells nothing and counts 0. The order within one list is all that matters: scores
    of two queries cannot be compared.
    """
    return np.asarray(np.mean([scaled(sign) for sign in signs], axis=0), np.float32)


def scaled(sign: NDArray[np.floating]) -> Values:
    """A sign's values with the lowest at 0 and the highest at 1; zeros where they are all the same."""
    values = sign.astype(np.float32)
    if not len(values) or (spread := values.max() - values.min()) <= 0:
        return np.zeros(len(values), np.float32)
    return np.asarray((values - values.min()) / spread, np.float32)


def coverage(
    texts_with: Sequence[NDArray[np.integer]], size: int, candidates: NDArray[np.integer]
) -> tuple[Values, Values]:
    """How much of a query each candidate has anywhere in its text, and whether it has the whole of it.

    Args:
        texts_with: for each distinct word of the query, the rows whose texts have it, ascending; none for an unknown
            word.
        size: texts in the index. A word counts by its rarity, ``log(1 + size / (texts + 0.5))``; an unknown one not
            at all.
        candidates: rows to judge.

    Returns:
        float32 ``[candidates]`` each: the share of the query's weight, in 0..1; and 1 where no word is missing, else 0.
    """
    has = np.array([among(candidates, rows) for rows in texts_with], bool).reshape(len(texts_with), len(candidates))
    weight = np.array([np.log(1 + size / (len(rows) + 0.5)) if len(rows) else 0.0 for rows in texts_with], np.float32)
    total = float(weight.sum())
    share = weight @ has / total if total > 0 else np.zeros(len(candidates))
    return np.asarray(share, np.float32), np.asarray(has.all(axis=0), np.float32)


def among(candidates: NDArray[np.integer], rows: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Which candidates are in `rows`, which ascend."""
    if not len(rows):
        return np.zeros(len(candidates), bool)
    at = np.minimum(np.searchsorted(rows, candidates), len(rows) - 1)
    return np.asarray(rows[at] == candidates)
