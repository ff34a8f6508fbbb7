"""The best of many scores."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_MANY, _STEP = 50_000, 64


class Ranked(NamedTuple):
    """Rows of the catalogue from best to worst, with their scores."""

    rows: NDArray[np.int64]
    scores: NDArray[np.float32]


def best_rows(scores: NDArray[np.float32], count: int, mask: NDArray[np.bool_] | None = None) -> Ranked:
    """The `count` rows of the highest score, only those where `mask` is true; ties by the smaller row."""
    rows = _promising(scores, count, mask) if len(scores) >= _MANY else None
    if rows is None:
        rows = np.arange(len(scores)) if mask is None else np.flatnonzero(mask)
    chosen = scores[rows]
    if 0 < count < len(rows):
        cut = np.partition(chosen, len(chosen) - count)[len(chosen) - count]
        keep = chosen >= cut  # ties at the cut stay in until the order below decides
        rows, chosen = rows[keep], chosen[keep]
    order = np.argsort(-chosen, kind="stable")[: max(count, 0)]
    return Ranked(rows[order], chosen[order])


def _promising(scores: NDArray[np.float32], count: int, mask: NDArray[np.bool_] | None) -> NDArray[np.int64] | None:
    """The rows above a cut that was read off a sample, where they are enough to hold the best; else None."""
    sample = scores[::_STEP] if mask is None else scores[::_STEP][mask[::_STEP]]
    above = 2 * count // _STEP + 16
    if above >= len(sample):
        return None
    cut = np.partition(sample, len(sample) - above)[len(sample) - above]
    passed = scores >= cut
    if mask is not None:
        passed &= mask
    rows = np.flatnonzero(passed)
    return rows if len(rows) >= count else None
