"""Choosing how fast a log grows old and how much its neighbours are damped, on days after it. Offline only."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from reco_core.examples import Shopper
from reco_core.features import FEATURES, Feature, FeatureTable
from reco_core.interactions import Log
from reco_core.items import Items
from reco_core.metrics import ndcg_at_k
from reco_core.neighbours import Neighbours, learn_neighbours
from reco_core.ranking import top_k


class Memory(NamedTuple):
    """How neighbours are learnt."""

    half_life: float
    """As a share of the whole log's span: the unit of its times does not matter."""
    ridge: float
    """As in `learn_neighbours`."""
    popular_half_life: float
    """The same share of the span, for popularity."""

    def neighbours(self, part: Log, span: float) -> Neighbours:
        """Neighbours from a part of a log that spans so much time in all."""
        popular = self.popular_half_life * span
        return learn_neighbours(part, half_life=self.half_life * span, ridge=self.ridge, popular_half_life=popular)


MEMORIES = (Memory(0.075, 10.0, 0.04), Memory(0.3, 5.0, 0.12), Memory(1.0, 2.0, 0.3))
"""Shops with seasons and many returning buyers are served by the first, sparse or steady ones by the last."""

JUDGES = 250
"""How many shoppers the choice is made by, at the most."""


def choose_memory(
    part: Log, span: float, items: Items, shoppers: list[Shopper], tick: Callable[[float], object]
) -> tuple[Memory, Neighbours]:
    """The memory whose neighbours alone rank best what these shoppers took next, and its neighbours.

    By NDCG@10 of what was new to them; the first of equals.
    """
    best: tuple[float, Memory, Neighbours] | None = None
    for at, memory in enumerate(MEMORIES):
        neighbours = memory.neighbours(part, span)
        quality = _quality(FeatureTable(items, neighbours), shoppers[:JUDGES])
        if best is None or quality > best[0]:
            best = quality, memory, neighbours
        tick((at + 1) / len(MEMORIES))
    assert best is not None
    return best[1], best[2]


def _quality(table: FeatureTable, shoppers: list[Shopper]) -> float:
    gains = []
    for shopper in shoppers:
        new = shopper.taken.difference(shopper.history)
        if new:
            affinity = table.figures(shopper.profile).values[FEATURES.index(Feature.AFFINITY)]
            affinity = np.where(affinity > 0, affinity, -np.inf)
            affinity[[table.items.place[item] for item in shopper.history if item in table.items.place]] = -np.inf
            ranking = [table.items.ids[place] for place in top_k(affinity, 10, table.items.tie_rank)]
            gains.append(ndcg_at_k(ranking, dict.fromkeys(new, 1.0), 10))
    return float(np.mean(gains)) if gains else 0.0
