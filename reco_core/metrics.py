"""Measures of a ranked list, for search and for suggestions alike."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence


def ndcg_at_k(ranking: Sequence[str], gains: Mapping[str, float], k: int = 10) -> float:
    """Normalised discounted cumulative gain of the first `k` items of a ranking.

    Järvelin and Kekäläinen, 'Cumulated gain-based evaluation of IR techniques', ACM TOIS 2002, with the
    discount ``1 / log2(rank + 1)``, ranks from 1.

    Args:
        ranking: items from best to worst, each at most once.
        gains: the gain of each judged item, used as it is; an item that is not in it gains 0.
        k: how many items count.

    Returns:
        A number in [0, 1]; 0 where no item has a gain above 0.
    """
    found = _discounted([gains.get(item, 0.0) for item in ranking[:k]])
    best = _discounted(sorted((g for g in gains.values() if g > 0), reverse=True)[:k])
    return found / best if best > 0 else 0.0


def recall_at_k(ranking: Sequence[str], relevant: Collection[str], k: int) -> float:
    """The share of the relevant items that is among the first `k`; 0 where nothing is relevant."""
    wanted = set(relevant)
    return len(wanted.intersection(ranking[:k])) / len(wanted) if wanted else 0.0


def _discounted(gains: Sequence[float]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, start=1))
