"""The best of many scores."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Ranked(NamedTuple):
    """Rows of the catalogue from best to worst, with their scores."""

    rows: NDArray[np.int64]
    scores: NDArray[np.float32]


def best_rows(scores: NDArray[np.float32], count: int, mask: NDArray[np.bool_] | None = None) -> Ranked:
    """The `count` rows of the highest score, only those where `mask` is true; ties by the smaller row."""
    rows = np.arange(len(scores)) if mask is None else np.flatnonzero(mask)
    chosen = scores[rows]
    if 0 < count < len(rows):
        cut = np.partition(chosen, len(chosen) - count)[len(chosen) - count]
        keep = chosen >= cut  # ties at the cut stay in until the order below decides
        rows, chosen = rows[keep], chosen[keep]
    order = np.argsort(-chosen, kind="stable")[: max(count, 0)]
    return Ranked(rows[order], chosen[order])
