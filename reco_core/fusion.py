"""Joining ranked lists into one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

RRF_CONSTANT = 60
"""The constant of Cormack, Clarke and Büttcher, 'Reciprocal Rank Fusion outperforms Condorcet and
individual rank learning methods', SIGIR 2009, section 2."""


def reciprocal_rank_fusion(
    rankings: Mapping[str, Sequence[int]], constant: int = RRF_CONSTANT
) -> list[tuple[int, float, dict[str, int]]]:
    """Fuse rankings of items into one, best first.

    Each item scores the sum of ``1 / (constant + rank)`` over the rankings that hold it, ranks from 1.

    Args:
        rankings: for each source, its items from best to worst, each at most once.
        constant: damps the weight of the very first ranks; larger is flatter.

    Returns:
        ``(item, score, {source: rank})`` by falling score; ties by the smaller item.
    """
    scores: dict[int, float] = {}
    ranks: dict[int, dict[str, int]] = {}
    for source, items in rankings.items():
        for rank, item in enumerate(items, start=1):
            scores[item] = scores.get(item, 0.0) + 1.0 / (constant + rank)
            ranks.setdefault(item, {})[source] = rank
    order = sorted(scores, key=lambda item: (-scores[item], item))
    return [(item, scores[item], ranks[item]) for item in order]
