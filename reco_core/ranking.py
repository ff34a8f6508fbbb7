"""A suggestion with its reasons, and the choice of the best few in an order that never varies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Reason:
    """One exact part of a score."""

    feature: str
    contribution: float
    """In logits; above 0 where this feature speaks for the item more than for a typical one."""
    evidence: str = ""
    """What it rests on, for the shopper to verify: an item's id, or ``facet=value``; empty where there is nothing."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    item_id: str
    score: float
    """In logits: the model's intercept plus the contributions of the reasons, to 1e-9."""
    probability: float
    """That a shopper who comes back takes this item, as learnt from the log's later days."""
    reasons: tuple[Reason, ...]
    """Every feature whose contribution is not 0, the largest first."""

    @property
    def grounds(self) -> tuple[Reason, ...]:
        """The reasons that may be told: those that speak for the item and name something to verify."""
        return tuple(r for r in self.reasons if r.contribution > 0 and r.evidence)


def top_k(scores: npt.NDArray[np.float64], k: int, tie_rank: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The places of the `k` largest scores, best first; equal scores by the smaller tie rank.

    Args:
        scores: [n]; minus infinity for what may not be chosen.
        k: how many at the most.
        tie_rank: [n], each value once, so that the order depends on nothing else.
    """
    if k <= 0 or not len(scores):
        return np.empty(0, np.int64)
    bound = np.partition(scores, len(scores) - k)[len(scores) - k] if k < len(scores) else -np.inf
    places = np.flatnonzero((scores >= bound) & (scores > -np.inf))
    order = np.lexsort((tie_rank[places], -scores[places]))
    return places[order[:k]]
