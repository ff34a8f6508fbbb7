"""The shop's one voice for suggestions: shoppers' profiles, the core's scores, and its reasons in words."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.behaviour import BehaviourEvent
from agent.catalogue import Catalogue
from agent.importer import Tell
from agent.opening import recommendation_core
from agent.reco_items import to_items
from agent.shop import Product
from agent.store.tastes import StatedPreference, TasteStore
from agent.wording import Wording, fill
from reco_core.core import RecoCore, Scene
from reco_core.features import Feature
from reco_core.interactions import Interaction, Kind
from reco_core.profile import PRICE_MAX, Preference, Profile
from reco_core.ranking import Reason, Suggestion

TELLING = 0.25
"""A reason is told from this contribution on, in logits: it moves the odds by a quarter or more."""


@dataclass(frozen=True, slots=True)
class Suggested:
    """A product that the core suggests, and why, in words; the strongest reason first."""

    product: Product
    score: float
    reasons: tuple[str, ...]
    parts: tuple[Reason, ...] = ()
    """The exact parts that the score is the sum of, with the model's intercept."""


class Recommender:
    """Suggestions for a taste: a shopper's id, or a chat's own for a stranger. Every scene asks here."""

    def __init__(self, home: Path, tastes: TasteStore, catalogue: Catalogue, wording: Wording, tell: Tell) -> None:
        self._home = home
        self._tastes = tastes
        self._catalogue = catalogue
        self._wording = wording
        self._tell = tell
        self._lock = threading.Lock()
        self._bound: tuple[int, RecoCore] | None = None

    @property
    def core(self) -> RecoCore:
        """The model over the current catalogue; bound to it anew after a swap."""
        generation = self._catalogue.generation
        with self._lock:
            if self._bound is None or self._bound[0] != generation:
                search = self._catalogue.shelf.search
                ids, vectors = search.items()
                items = to_items(self._catalogue.products(ids), vectors)
                self._bound = generation, recommendation_core(self._home, items, self._tastes, self._tell)
            return self._bound[1]

    def profile(self, taste_id: str | None) -> Profile:
        """What is known of a shopper; a stranger's profile for None."""
        if taste_id is None:
            return Profile.stranger()
        events = [
            Interaction(taste_id, e.product_id, Kind(str(e.kind)), e.at.timestamp())
            for e in self._tastes.recent(taste_id)
        ]
        profile = Profile(taste_id).with_interactions(tuple(events))
        for stated in self._tastes.stated(taste_id):
            profile = profile.with_preference(Preference(stated.facet, stated.value, stated.liked))
        return profile

    def suggest(
        self,
        taste_id: str | None,
        scene: str,
        k: int,
        candidates: Sequence[str] | None = None,
        *,
        exclude: Collection[str] = (),
        need: Mapping[str, float] | None = None,
    ) -> list[Suggested]:
        """The best `k` products in stock for this taste, of the candidates or of the whole catalogue."""
        found = self.core.recommend(
            self.profile(taste_id), Scene(scene), k * 2, candidates=candidates, exclude=exclude, need=need
        )
        products = {p.id: p for p in self._catalogue.products([s.item_id for s in found])}
        kept = [s for s in found if s.item_id in products and products[s.item_id].in_stock]
        named = self._names(kept[:k])
        return [
            Suggested(products[s.item_id], s.score, self.words(s, products[s.item_id], named), s.reasons)
            for s in kept[:k]
        ]

    def companions(self, product: Product, k: int) -> list[Suggested]:
        """What is chosen together with a product, other than more of its kind."""
        profile = Profile.stranger().with_interaction(Interaction("", product.id, Kind.CLICK, 0.0))
        found = self.core.recommend(profile, Scene.CHAT, 10 * k, exclude=(product.id,))
        products = {p.id: p for p in self._catalogue.products([s.item_id for s in found])}
        others = {i: p for i, p in products.items() if p.in_stock and p.category[-1:] != product.category[-1:]}
        names = {product.id: product.title}
        bound = sorted((s for s in found if s.item_id in others), key=lambda s: -_pull(s, product.id))
        return [
            Suggested(others[s.item_id], s.score, self.words(s, others[s.item_id], names), s.reasons) for s in bound[:k]
        ]

    def words(
        self, suggestion: Suggestion, product: Product, names: Mapping[str, str], most: int = 2
    ) -> tuple[str, ...]:
        """The positive reasons that name something the shopper can verify, in words."""
        weighty = (reason for reason in suggestion.grounds if reason.contribution >= TELLING)
        told = (self._reason(reason, product, names) for reason in weighty)
        return tuple(dict.fromkeys(text for text in told if text))[:most]

    def record(self, event: BehaviourEvent) -> None:
        """Behaviour counts from the next suggestion on."""
        self._tastes.add([event])

    def state(self, taste_id: str, preference: StatedPreference) -> None:
        """A stated preference counts from the next suggestion on. Raises reco_core.errors.ProfileError."""
        checked = Preference(preference.facet, preference.value, preference.liked)
        self._tastes.state(taste_id, StatedPreference(checked.facet, checked.value, checked.liked))

    def _names(self, suggestions: Sequence[Suggestion]) -> dict[str, str]:
        """The titles of the items that reasons rest on."""
        ids = {r.evidence for s in suggestions for r in s.grounds if "=" not in r.evidence}
        return {p.id: p.title for p in self._catalogue.products(sorted(ids))}

    def _reason(self, reason: Reason, product: Product, names: Mapping[str, str]) -> str | None:
        """One reason in words; None for one that has no line, or whose item is not sold any more."""
        facet, separator, value = reason.evidence.partition("=")
        line = "reason.stated_price" if facet == PRICE_MAX else f"reason.{reason.feature}"
        if line not in self._wording:
            return None
        if reason.evidence == product.id:
            return self._wording.template(line) if reason.feature == Feature.SEEN else None
        if not separator:
            title = names.get(reason.evidence)
            return None if title is None else self._wording.line(line, title=title)
        return fill(self._wording.template(line), {"value": value})


def _pull(suggestion: Suggestion, product_id: str) -> float:
    """How much of a score rests on one product."""
    return sum(r.contribution for r in suggestion.reasons if r.evidence == product_id)
