"""The tools about products: search, look closer, compare, suggest, and remember a taste."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from agent.behaviour import BehaviourEvent, BehaviourKind
from agent.catalogue import Catalogue
from agent.conditions import conditions_text, miss_facts
from agent.errors import NotFound
from agent.evidence import LISTING
from agent.messages import Json
from agent.picking import misses_of, pick, query_of
from agent.policy import Policy
from agent.present import comparison, product_card, product_facts
from agent.recommender import Recommender, Suggested
from agent.references import focused, shown
from agent.references import pick as referred_to
from agent.shop import Product
from agent.store.tastes import StatedPreference
from agent.tools import Answer, Session, ToolRefused, reads
from agent.wording import Wording
from reco_core.errors import ProfileError
from retrieval.parse.lexicon import subject_of
from retrieval.query import Query, Sort
from retrieval.resolve import Wishes

SortName = Literal["relevance", "cheapest", "most_expensive", "best_rated"]
Facet = Literal["brand", "color", "material", "category", "style", "price_max", "other"]
_DETAILS = 40


class ProductTools:
    """What a shopper may ask about products. `taste` is whose profile counts: the shopper's, or this chat's."""

    def __init__(
        self,
        session: Session,
        catalogue: Catalogue,
        recommender: Recommender,
        policy: Policy,
        wording: Wording,
    ) -> None:
        self._session = session
        self._catalogue = catalogue
        self._recommender = recommender
        self._wording = wording
        self._currency = policy.shop.currency
        self._most = policy.limits.shown_products
        self.taste = session.shopper_id or f"chat:{session.conversation_id}"

    @reads
    def search_products(
        self,
        query: str,
        price_min: float | None = None,
        price_max: float | None = None,
        brands: list[str] = [],  # noqa: B006
        without_brands: list[str] = [],  # noqa: B006
        category: str | None = None,
        wants: list[str] = [],  # noqa: B006
        without: list[str] = [],  # noqa: B006
        rating_min: float | None = None,
        in_stock: bool = False,
        cheap: bool = False,
        sort: SortName = "relevance",
    ) -> Answer:
        """Find products. Repeat every condition that still holds; leave out those that the shopper dropped.

        query: the kind of thing, in the shopper's words, without the conditions ("running shoes").
        price_min, price_max: limits in the shop's currency, inclusive.
        brands: any of these; without_brands: none of these.
        category: a category of the shop, by its name.
        wants: properties that every product must have, each in a few words (["blue", "32 GB", "dual band"]).
        without: words that no product may have (["leather", "straw"]).
        cheap: only the lower half of the prices of this kind.
        """
        wishes = Wishes(
            price_min, price_max, tuple(brands), tuple(without_brands), category, tuple(wants), tuple(without),
            rating_min, in_stock,
        )  # fmt: skip
        search = self._catalogue.shelf.search
        wanted = query_of(self._catalogue, query, wishes, self._most, Sort(sort), cheap=cheap)
        products = pick(self._catalogue, wanted, wants)
        value: Json = {}
        if not products and (misses := misses_of(search, wanted)):
            value["nothing_fits"] = True
            value["nearest"] = [miss_facts(miss, self._currency, self._wording) for miss in misses]
            kept = tuple(c for c in wanted.constraints if c not in misses[0].given)
            products = pick(self._catalogue, replace(wanted, constraints=(*kept, *misses[0].instead)), wants)
        if not search.carries(subject_of(query)):
            value["not_sold"] = True
            products = products if wants else []  # without a property to go by, the nearest are near nothing
        if conditions := conditions_text(wishes, cheap, self._currency, self._wording):
            value["conditions"] = conditions
        value[LISTING] = [product_facts(p) for p in products]
        return Answer(value, {"products": [product_card(p) for p in products]})

    @reads
    def get_product(self, product: str) -> Answer:
        """Look closer at one product: description, attributes, options.

        product: its number in the list that was shown last ("2"), or its id.
        """
        found = self._find(product)
        self._recommender.record(
            BehaviourEvent(self.taste, found.id, BehaviourKind.VIEW, self._session.at, self._session.conversation_id)
        )
        return Answer(
            {"product": product_facts(found, details=_DETAILS), "ids": [found.id]},
            {"products": [product_card(found)]},
        )

    @reads
    def compare_products(self, products: list[str]) -> Answer:
        """Put two to four products side by side.

        products: their numbers in the list that was shown last (["1", "3"]), or their ids.
        """
        found = list({p.id: p for p in map(self._find, products)}.values())[:4]
        if len(found) < 2:
            raise ToolRefused("compare.two", "A comparison needs at least two different products.")
        table = comparison(found)
        priced = [p for p in found if p.price is not None]
        cheapest = min(priced, key=lambda p: p.price.minor if p.price else 0) if priced else None
        value = {
            "compared": [product_facts(p) for p in found],
            "rows": {row["name"]: row["values"] for row in table["rows"]},
            "cheapest": None if cheapest is None else product_facts(cheapest),
            "ids": [p.id for p in found],
        }
        return Answer(value, {"comparison": table})

    @reads
    def suggest(
        self, about: str = "", price_max: float | None = None, like: str | None = None, goes_with: str | None = None
    ) -> Answer:
        """Suggest products that fit this shopper's taste, each with its reasons.

        about: what it is for, in the shopper's words; empty for anything.
        like: the number or id of a product to find similar ones to.
        goes_with: the number or id of a product to find others that go with it.
        """
        if goes_with is not None:
            found = self._recommender.companions(self._find(goes_with), self._most * 4)
        else:
            need = self._need(about, like)
            exclude = () if like is None else (self._find(like).id,)
            found = self._recommender.suggest(
                self.taste, "chat", self._most * 4, list(need) if need else None, exclude=exclude, need=need or None
            )
        if price_max is not None:
            found = [s for s in found if s.product.price is not None and float(s.product.price.amount) <= price_max]
        return self._listing(found[: self._most])

    @reads
    def remember_preference(self, facet: Facet, value: str, liked: bool = True) -> Answer:
        """Remember what the shopper said they like or dislike; it counts in every later suggestion.

        facet: what it is about; value: the value ("leather", "Nordlys", "200" for price_max).
        """
        try:
            self._recommender.state(self.taste, StatedPreference(facet, value, liked))
        except ProfileError as error:
            raise ToolRefused("preference", str(error)) from error
        return Answer({"remembered": {"facet": facet, "value": value, "liked": "likes" if liked else "dislikes"}})

    def _listing(self, found: list[Suggested]) -> Answer:
        return Answer(
            {LISTING: [product_facts(s.product, s.reasons) for s in found]},
            {"products": [suggestion_card(s) for s in found]},
        )

    def _need(self, about: str, like: str | None) -> dict[str, float]:
        """How well products fit what was asked for, from 0 to 1; empty for anything."""
        text = about
        if like is not None:
            product = self._find(like)
            text = f"{product.category[-1] if product.category else product.title} {about}".strip()
        if not text:
            return {}
        hits = self._catalogue.search(Query(text, k=100))
        best = max((hit.score for hit in hits), default=1.0) or 1.0
        return {hit.product_id: hit.score / best for hit in hits}

    def _find(self, reference: str) -> Product:
        messages = self._session.messages
        product_id = referred_to(reference, shown(messages)) or referred_to(reference, focused(messages)) or reference
        product = self._catalogue.product(product_id)
        if product is None:
            raise NotFound(f"nothing with the number or id {reference!r} was shown; search first")
        return product


def suggestion_card(suggested: Suggested) -> Json:
    """A product's card with the score behind it and the exact parts of that, for developers."""
    parts = [{"feature": r.feature, "evidence": r.evidence, "contribution": r.contribution} for r in suggested.parts]
    return {**product_card(suggested.product, suggested.reasons), "score": suggested.score, "parts": parts}
