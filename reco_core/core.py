"""The one object that everybody asks: the same profile is given the same items, order and reasons everywhere."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path

import numpy as np
import numpy.typing as npt

from reco_core.diversity import spread_top_k
from reco_core.errors import UnknownItem
from reco_core.features import FEATURES, Feature, FeatureTable, Figures, evidence
from reco_core.items import CATEGORY, Items
from reco_core.neighbours import Neighbours
from reco_core.profile import Profile
from reco_core.ranking import Reason, Suggestion, top_k
from reco_core.scorer import Scorer, probability

Mask = npt.NDArray[np.bool_]


class Scene(StrEnum):
    """Where suggestions are shown. A scene may ask for fewer; it never changes the order or the reasons."""

    CHAT = "chat"
    SEARCH = "search"
    PAGE = "page"
    DESK = "desk"


SAME_CATEGORY = 3
"""How many of one narrow category a list of ten holds at the most, when nothing narrows what is asked for."""

SAME_CATEGORY_FOR_A_STRANGER = 1


class RecoCore:
    """Suggestions over one catalogue. Holds no shopper's data; a profile comes with each question."""

    def __init__(self, items: Items, neighbours: Neighbours, scorer: Scorer, card: Mapping[str, object]) -> None:
        self.items = items
        self.neighbours = neighbours
        self.scorer = scorer
        self.card = dict(card)
        """What made this model, from what, and how well it did on the days held back."""
        self._table = FeatureTable(items, neighbours)

    @property
    def intercept(self) -> float:
        """The score of an item of which all is typical."""
        return self.scorer.intercept

    def with_items(self, items: Items) -> RecoCore:
        """The same model over another catalogue; items it never saw are scored by facets, price and vectors."""
        return RecoCore(items, self.neighbours, self.scorer, self.card)

    def recommend(
        self,
        profile: Profile,
        scene: Scene,
        k: int,
        *,
        candidates: Sequence[str] | None = None,
        exclude: Collection[str] = (),
        need: Mapping[str, float] | None = None,
        in_stock: Collection[str] | Mask | None = None,
        repeats: bool = False,
    ) -> list[Suggestion]:
        """The best `k` items for a shopper, best first, each with its exact reasons.

        What the shopper does not want, what is dearer than they said, and (unless `repeats`) what they bought is left
        out. Without `candidates`, `need` or a category that they asked for, a list of ten holds at most three of one
        narrow category, and for a stranger one.

        Args:
            profile: the shopper; `Profile.stranger()` where nothing is known.
            scene: where it is shown; changes nothing in the order.
            k: how many at the most.
            candidates: choose from these only; ids that are not in the catalogue are passed over.
            exclude: ids to leave out.
            need: the relevance, 0 to 1, of items to what is being asked for; others have 0.
            in_stock: the ids that can be had, or a mask [n] over ``items.ids``.
            repeats: suggest again what was bought.
        """
        Scene(scene)
        figures = self._table.figures(profile, need)
        contributions = self.scorer.contributions(figures.values)
        logits = self.scorer.logits(contributions)
        allowed = self._allowed(figures, candidates, exclude, in_stock, repeats)
        masked = np.where(allowed, logits, -np.inf)
        if candidates is None and need is None and not _asks_for_category(profile):
            cap = SAME_CATEGORY_FOR_A_STRANGER if profile.is_stranger else SAME_CATEGORY
            places = spread_top_k(masked, k, self.items.tie_rank, self.items.narrowest[CATEGORY], cap)
        else:
            places = top_k(masked, k, self.items.tie_rank).tolist()
        return [self._suggestion(figures, contributions, logits, place) for place in places]

    def rank(self, profile: Profile, k: int, *, exclude: Collection[str] = ()) -> list[tuple[str, float]]:
        """The best `k` ids with their scores and nothing else: no reasons, no cap on categories, repeats allowed."""
        figures = self._table.figures(profile)
        logits = self.scorer.logits(self.scorer.contributions(figures.values))
        masked = np.where(self._allowed(figures, None, exclude, None, True), logits, -np.inf)
        return [(self.items.ids[at], float(logits[at])) for at in top_k(masked, k, self.items.tie_rank)]

    def score(
        self, profile: Profile, item_ids: Sequence[str], *, need: Mapping[str, float] | None = None
    ) -> npt.NDArray[np.float64]:
        """The scores of these items in logits, [len(item_ids)], in their order; nothing is left out.

        An id that is not in the catalogue scores the intercept: nothing is known of it.
        """
        logits = self.scorer.logits(self.scorer.contributions(self._table.figures(profile, need).values))
        places = [self.items.place.get(item_id, -1) for item_id in item_ids]
        return np.asarray([logits[at] if at >= 0 else self.intercept for at in places], np.float64)

    def explain(self, profile: Profile, item_id: str, *, need: Mapping[str, float] | None = None) -> Suggestion:
        """Why this item scores what it does for this shopper, even where it would not be suggested.

        Raises:
            UnknownItem: the id is not in the catalogue.
        """
        place = self.items.place.get(item_id)
        if place is None:
            raise UnknownItem(f"item {item_id!r} is not in the catalogue; give one that is")
        figures = self._table.figures(profile, need)
        contributions = self.scorer.contributions(figures.values)
        return self._suggestion(figures, contributions, self.scorer.logits(contributions), place)

    def save(self, folder: Path | str) -> None:
        """Write the model to a folder, whole or not at all; a model that is there is replaced."""
        from reco_core.artifact import save_core

        save_core(self, Path(folder))

    @classmethod
    def load(cls, folder: Path | str) -> RecoCore:
        """A model from its folder.

        Raises:
            ArtifactError: it is missing, damaged, of another format or not ours.
        """
        from reco_core.artifact import load_core

        return load_core(Path(folder))

    def _allowed(
        self,
        figures: Figures,
        candidates: Sequence[str] | None,
        exclude: Collection[str],
        in_stock: Collection[str] | Mask | None,
        repeats: bool,
    ) -> Mask:
        allowed = np.ones(len(self.items), bool) if candidates is None else self._mask(candidates)
        if in_stock is not None:
            allowed &= in_stock if isinstance(in_stock, np.ndarray) else self._mask(in_stock)
        allowed[self._places(exclude)] = False
        if not repeats:
            allowed[figures.history.bought_places] = False
        for statement in figures.stated:
            allowed &= ~statement.violated
        return allowed

    def _places(self, ids: Iterable[str]) -> list[int]:
        return [self.items.place[item_id] for item_id in ids if item_id in self.items.place]

    def _mask(self, ids: Iterable[str]) -> Mask:
        mask = np.zeros(len(self.items), bool)
        mask[self._places(ids)] = True
        return mask

    def _suggestion(
        self,
        figures: Figures,
        contributions: npt.NDArray[np.float64],
        logits: npt.NDArray[np.float64],
        place: int,
    ) -> Suggestion:
        reasons: list[Reason] = []
        for at, feature in enumerate(FEATURES):
            added = float(contributions[at, place])
            if feature in (Feature.STATED_MET, Feature.STATED_VIOLATED):
                reasons += self._stated_reasons(figures, feature, place)
            elif added:
                reasons.append(Reason(feature.value, added, evidence(self._table, figures, feature, place)))
        reasons.sort(key=lambda reason: -reason.contribution)
        logit = float(logits[place])
        return Suggestion(self.items.ids[place], logit, probability(logit), tuple(reasons))

    def _stated_reasons(self, figures: Figures, feature: Feature, place: int) -> list[Reason]:
        """One reason for each stated preference that the item meets, or goes against."""
        weight = float(self.scorer.weights[FEATURES.index(feature)])
        return [
            Reason(feature.value, weight, statement.preference.evidence)
            for statement in figures.stated
            if (statement.met if feature is Feature.STATED_MET else statement.violated)[place]
        ]


def _asks_for_category(profile: Profile) -> bool:
    return any(p.liked and p.facet.casefold() == CATEGORY for p in profile.preferences)
