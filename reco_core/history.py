"""A profile's interactions in arrays: each item once, newest first, with what it weighs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reco_core.interactions import Kind
from reco_core.neighbours import KIND_WEIGHT
from reco_core.profile import Profile

HALF_LIFE = 200.0
"""After so many newer items an item counts half. In items, not in time, so that histories without times work alike."""

HALF_LIFE_NOW = 10.0
"""The same for what the shopper is looking at just now."""


@dataclass(frozen=True, slots=True, eq=False)
class History:
    ids: tuple[str, ...]
    """Every item, newest first."""
    row_ids: tuple[str, ...]
    rows: npt.NDArray[np.int64]
    row_weight: npt.NDArray[np.float64]
    row_weight_now: npt.NDArray[np.float64]
    """The items that have neighbours: their rows in that table, and what they weigh in the long and the short run."""
    place_ids: tuple[str, ...]
    places: npt.NDArray[np.int64]
    place_weight: npt.NDArray[np.float64]
    """The items that are in the catalogue: their places there, and what they weigh in the long run."""
    seen_places: npt.NDArray[np.int64]
    bought_places: npt.NDArray[np.int64]
    """Catalogue places of the items seen but not bought, and of those bought."""

    @classmethod
    def of(cls, profile: Profile, row: Mapping[str, int], place: Mapping[str, int]) -> History:
        """A profile's history against a table of neighbours (`row`) and a catalogue (`place`)."""
        kind_weight: dict[str, float] = {}
        for event in reversed(profile.recent):
            kind_weight[event.item] = max(kind_weight.get(event.item, 0.0), KIND_WEIGHT[event.kind])
        ids = tuple(kind_weight)
        age = np.arange(len(ids))
        kinds = np.fromiter(kind_weight.values(), np.float64, len(ids))
        long, short = kinds * 0.5 ** (age / HALF_LIFE), kinds * 0.5 ** (age / HALF_LIFE_NOW)
        in_rows = np.asarray([at for at, item_id in enumerate(ids) if item_id in row], np.int64)
        in_places = np.asarray([at for at, item_id in enumerate(ids) if item_id in place], np.int64)
        row_ids, place_ids = tuple(ids[at] for at in in_rows), tuple(ids[at] for at in in_places)
        places = np.asarray([place[item_id] for item_id in place_ids], np.int64)
        bought = {event.item for event in profile.recent if event.kind is Kind.PURCHASE}
        is_bought = np.asarray([item_id in bought for item_id in place_ids], bool)
        return cls(
            ids, row_ids, np.asarray([row[item_id] for item_id in row_ids], np.int64), long[in_rows], short[in_rows],
            place_ids, places, long[in_places], places[~is_bought], places[is_bought],
        )  # fmt: skip
