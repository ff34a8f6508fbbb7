"""The named features: what is computed of a profile for every item at once, and what each figure rests on.

A figure is NaN where nothing is known (no price, no history); the scorer takes that for typical.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from reco_core.history import History
from reco_core.items import BRAND, CATEGORY, Items
from reco_core.neighbours import Neighbours
from reco_core.profile import PRICE_MAX, Preference, Profile

Column = npt.NDArray[np.float64]


class Feature(StrEnum):
    AFFINITY = "affinity"
    """Goes with what the shopper took; evidence: the item that says so most."""
    JUST_SEEN = "just_seen"
    """The same, for the last few items only."""
    BRAND = "brand"
    CATEGORY = "category"
    """The share of the shopper's history that is of the same brand, or narrowest category."""
    PRICE_FIT = "price_fit"
    """How near its price is to what the shopper looks at; evidence: ``price_near=`` their usual price."""
    SIMILAR = "similar"
    """Likeness of vectors to the history; evidence: the item that is most alike."""
    POPULAR = "popular"
    """Taken by many lately; evidence: the category."""
    SEEN = "seen_before"
    BOUGHT = "bought_before"
    STATED_MET = "stated_met"
    STATED_VIOLATED = "stated_violated"
    """How many stated preferences it meets, or goes against; one reason for each."""
    NEED = "need"
    """How well it answers what is being asked for, as the caller says, 0 to 1."""


FEATURES = tuple(Feature)
AFFINITY_GAIN = 0.02
"""Affinity is told as log(1 + gain × sum), where a sum of 1 is chance: from about fifty times chance on, the next
related purchase adds less than the one before."""
UNDECIDED = 2.0
"""Purchases' worth of history that belongs to no brand or category: one purchase is not yet a taste."""
PRICE_REACH = 2.0
"""Prices that differ by more than e^2 are equally far."""


@dataclass(frozen=True, slots=True, eq=False)
class Stated:
    """A stated preference, with the items [n] that meet it and those that go against it."""

    preference: Preference
    met: npt.NDArray[np.bool_]
    violated: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Figures:
    """Every feature of every item for one profile, with what is needed to name the evidence."""

    values: Column
    """[features, n]"""
    history: History
    stated: tuple[Stated, ...]


class FeatureTable:
    """Features over one catalogue with the neighbours that were learnt; whatever can be, is computed once here."""

    def __init__(self, items: Items, neighbours: Neighbours) -> None:
        self.items = items
        count = len(items)
        self._row = {item_id: at for at, item_id in enumerate(neighbours.ids)}
        # Neighbours that are no longer sold point past the end, where a spare slot collects them.
        home = np.asarray([items.place.get(item_id, count) for item_id in neighbours.ids] + [count], np.int32)
        self._target = home[neighbours.index]
        self._weight = neighbours.weight
        self._log_price = np.log(np.where(items.price > 0, items.price, np.nan))
        self._popular = np.log1p(_popularity(items, neighbours))
        self._has_vector = np.zeros(count, bool) if items.vectors is None else np.asarray(items.vectors.any(axis=1))

    def figures(self, profile: Profile, need: Mapping[str, float] | None = None) -> Figures:
        """All features for this profile; `need` gives the relevance, 0 to 1, of items to what is asked for."""
        history = History.of(profile, self._row, self.items.place)
        count = len(self.items)
        values = np.full((len(FEATURES), count), np.nan)
        column = {feature: values[at] for at, feature in enumerate(FEATURES)}
        column[Feature.POPULAR][:] = self._popular
        if history.ids:
            self._from_history(history, column)
        for feature in (Feature.STATED_MET, Feature.STATED_VIOLATED, Feature.NEED):
            column[feature][:] = 0.0
        stated = tuple(self.stated(preference) for preference in profile.preferences)
        for statement in stated:
            column[Feature.STATED_MET] += statement.met
            column[Feature.STATED_VIOLATED] += statement.violated
        for item_id, relevance in (need or {}).items():
            place = self.items.place.get(item_id)
            if place is not None:
                column[Feature.NEED][place] = min(max(float(relevance), 0.0), 1.0)
        return Figures(values, history, stated)

    def _from_history(self, history: History, column: Mapping[Feature, Column]) -> None:
        targets, weights = self._target[history.rows], self._weight[history.rows]
        for feature, recency in ((Feature.AFFINITY, history.row_weight), (Feature.JUST_SEEN, history.row_weight_now)):
            shares = weights * recency[:, None]
            total = np.bincount(targets.ravel(), shares.ravel(), minlength=len(self.items) + 1)[:-1]
            column[feature][:] = np.log1p(AFFINITY_GAIN * total)
        for feature, known in ((Feature.SEEN, history.seen_places), (Feature.BOUGHT, history.bought_places)):
            column[feature][:] = 0.0
            column[feature][known] = 1.0
        places, weight = history.places, history.place_weight
        if not len(places):
            return
        for feature, facet in ((Feature.BRAND, BRAND), (Feature.CATEGORY, CATEGORY)):
            codes = self.items.narrowest[facet]
            mine = codes[places]
            if (mine >= 0).any():
                share = np.bincount(mine + 1, weight, minlength=len(self.items.values) + 1) / (weight.sum() + UNDECIDED)
                share[0] = np.nan
                column[feature][:] = share[codes + 1]
        usual = self.usual_price(history)
        if usual is not None:
            column[Feature.PRICE_FIT][:] = np.maximum(-np.abs(self._log_price - np.log(usual)), -PRICE_REACH)
        if self.items.vectors is not None:
            wanted = weight.astype(np.float32) @ self.items.vectors[places]
            length = float(np.linalg.norm(wanted))
            if length > 0:
                column[Feature.SIMILAR][:] = np.where(self._has_vector, self.items.vectors @ (wanted / length), np.nan)

    def stated(self, preference: Preference) -> Stated:
        """Which items meet a stated preference, and which go against it. An unknown price meets no limit."""
        nothing = np.zeros(len(self.items), bool)
        if preference.facet == PRICE_MAX:
            cheap = np.asarray(self.items.price <= float(preference.value))
            return Stated(preference, cheap, ~cheap)
        having = nothing.copy()
        having[self.items.having(preference.facet, preference.value)] = True
        return Stated(preference, having, nothing) if preference.liked else Stated(preference, nothing, having)

    def usual_price(self, history: History) -> float | None:
        """The geometric mean of the prices in a history, recent ones counting more; None where none is known."""
        logs = self._log_price[history.places]
        known = ~np.isnan(logs)
        if not known.any():
            return None
        return float(np.exp(np.average(logs[known], weights=history.place_weight[known])))

    def strongest_source(self, history: History, now: bool, place: int) -> str:
        """The item of the history that adds most to the affinity of the item at this place."""
        if not len(history.rows):
            return ""
        recency = history.row_weight_now if now else history.row_weight
        shares = np.where(self._target[history.rows] == place, self._weight[history.rows], 0.0).max(axis=1) * recency
        return history.row_ids[int(shares.argmax())] if shares.max() > 0 else ""

    def most_alike(self, history: History, place: int) -> str:
        """The item of the history whose vector adds most to the likeness of the item at this place."""
        if self.items.vectors is None or not len(history.places):
            return ""
        shares = (self.items.vectors[history.places] @ self.items.vectors[place]) * history.place_weight
        return history.place_ids[int(shares.argmax())] if shares.max() > 0 else ""


def evidence(table: FeatureTable, figures: Figures, feature: Feature, place: int) -> str:
    """What a feature of the item at this place rests on, for the shopper to verify."""
    items, history = table.items, figures.history

    def facet(name: str) -> str:
        value = int(items.narrowest[name][place])
        return items.name_of(value) if value >= 0 else ""

    def usual_price() -> str:
        usual = table.usual_price(history)
        return f"price_near={usual:.2f}" if usual is not None else ""

    sources: dict[Feature, Callable[[], str]] = {
        Feature.AFFINITY: lambda: table.strongest_source(history, False, place),
        Feature.JUST_SEEN: lambda: table.strongest_source(history, True, place),
        Feature.BRAND: lambda: facet(BRAND),
        Feature.CATEGORY: lambda: facet(CATEGORY),
        Feature.PRICE_FIT: usual_price,
        Feature.SIMILAR: lambda: table.most_alike(history, place),
        Feature.POPULAR: lambda: facet(CATEGORY) or "shop",
        Feature.SEEN: lambda: items.ids[place] if place in history.seen_places else "",
        Feature.BOUGHT: lambda: items.ids[place] if place in history.bought_places else "",
        Feature.NEED: lambda: "need",
    }
    return sources[feature]()


def _popularity(items: Items, neighbours: Neighbours) -> Column:
    """[n] how many took each item; an item never seen is given half its category's mean, so that it can be found."""
    taken = dict(zip(neighbours.ids, neighbours.popularity, strict=True))
    counts = np.asarray([taken.get(item_id, np.nan) for item_id in items.ids], np.float64)
    known = ~np.isnan(counts)
    codes = items.narrowest[CATEGORY] + 1
    sums = np.bincount(codes[known], counts[known], minlength=len(items.values) + 1)
    means = sums / np.maximum(np.bincount(codes[known], minlength=len(items.values) + 1), 1)
    means[0] = 0.0
    return np.where(known, counts, means[codes] / 2)
