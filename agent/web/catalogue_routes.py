"""What a store page asks for beside the chat: search, suggestions, products, pictures, behaviour."""

from __future__ import annotations

import hashlib
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel, Field

from agent.behaviour import BehaviourEvent, BehaviourKind
from agent.demo_shop.pictures import draw
from agent.errors import NotFound
from agent.guard.text import clean
from agent.messages import Json
from agent.picking import pick, query_of
from agent.present import attribute_text, label, product_card
from agent.services import Services
from agent.shop import Product
from agent.store.rows import now
from agent.variants import narrowed
from agent.web.errors import unauthorized
from agent.web.headers import PICTURE_POLICY
from agent.web.identity import CallerHere, ServicesHere
from agent.web.limits import RateLimit
from reco_core.core import Scene
from retrieval.query import Query as SearchQuery
from retrieval.query import Sort
from retrieval.resolve import Wishes

router = APIRouter()

_MOST_HITS = 60
_Word = Annotated[str, Field(min_length=1, max_length=300)]
_Amount = Annotated[float | None, Query(ge=0, le=1e9, allow_inf_nan=False)]
_ON_PAGE = (BehaviourKind.VIEW, BehaviourKind.CLICK, BehaviourKind.CART)


@router.get("/api/search")
def search(
    services: ServicesHere,
    q: Annotated[str, Query(max_length=1_000)] = "",
    k: Annotated[int, Query(ge=1, le=_MOST_HITS)] = 12,
    price_min: _Amount = None,
    price_max: _Amount = None,
    rating_min: Annotated[float | None, Query(ge=0, le=5)] = None,
    brand: Annotated[list[_Word] | None, Query(max_length=10)] = None,
    category: Annotated[str | None, Query(max_length=300)] = None,
    in_stock: bool = False,
    sort: Sort = Sort.RELEVANCE,
) -> Json:
    """Products for a text, best first. The text is read as the chat reads it: "black mug under $20" holds in every one.

    A parameter of the request counts before what the text says of the same thing. `understood` is what was read.
    """
    text = clean(q, 1_000)
    understood = services.reader.wish(text) if text else {"query": ""}
    given = {
        "price_min": price_min, "price_max": price_max, "rating_min": rating_min, "brands": brand or None,
        "category": category, "in_stock": in_stock or None, "sort": None if sort is Sort.RELEVANCE else sort.value,
    }  # fmt: skip
    asked = understood | {name: value for name, value in given.items() if value is not None}
    wishes, order = Wishes.of(asked), Sort(str(asked.get("sort", Sort.RELEVANCE)))
    wanted = query_of(services.catalogue, str(asked["query"]), wishes, k, order, cheap=bool(asked.get("cheap")))
    products = pick(services.catalogue, wanted, wishes.wants, padded=True)
    return {"query": text, "understood": understood, "products": [product_card(product) for product in products]}


@router.get("/api/recommendations")
def recommendations(
    services: ServicesHere,
    who: CallerHere,
    scene: Scene = Scene.PAGE,
    k: Annotated[int, Query(ge=1, le=50)] = 8,
    like: Annotated[str | None, Query(max_length=200)] = None,
) -> Json:
    """What the core suggests to this shopper, with its reasons in words; `like`: beside this product."""
    near = None if like is None else _similar(services, _product(services, like))
    found = services.recommender.suggest(
        who.taste_id,
        scene.value,
        k,
        list(near) if near else None,
        exclude=() if like is None else (like,),
        need=near,
    )
    return {
        "scene": scene.value,
        "personal": who.shopper_id is not None,
        "products": [{**product_card(s.product, s.reasons), "score": s.score} for s in found],
    }


@router.get("/api/categories")
def categories(services: ServicesHere) -> Json:
    """The narrowest categories, the fullest first."""
    return {"categories": [{"name": name, "products": count} for name, count in services.catalogue.categories()]}


@router.get("/api/products/{product_id:path}")
def product(services: ServicesHere, product_id: str) -> Json:
    """One product with everything that its page shows."""
    found = _product(services, product_id)
    return {
        **product_card(found),
        "description": found.description,
        "category": list(found.category),
        "attributes": [{"name": label(k), "value": attribute_text(v)} for k, v in found.attributes.items()],
        "options": {name: list(values) for name, values in found.options.items()},
        "variants": [
            {
                "id": v.id,
                "options": v.options,
                "price_text": None if v.price is None else str(v.price),
                "in_stock": v.in_stock,
            }
            for v in found.variants
        ],
    }


@router.get("/images/{product_id:path}.svg")
def image(
    services: ServicesHere,
    product_id: str,
    color: Annotated[str | None, Query(max_length=60)] = None,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """A product's drawn picture, in one of the colours that it comes in; it may be kept for a day."""
    found = _product(services, product_id)
    drawn = draw((color and narrowed(found, (color,))) or found).encode()
    tag = f'"{hashlib.sha256(drawn).hexdigest()[:20]}"'
    headers = {"ETag": tag, "Cache-Control": "public, max-age=86400", "Content-Security-Policy": PICTURE_POLICY}
    if if_none_match is not None and tag in if_none_match:
        return Response(status_code=304, headers=headers)
    return Response(drawn, media_type="image/svg+xml", headers=headers)


class Seen(BaseModel):
    kind: BehaviourKind
    product: _Word


class Beacon(BaseModel):
    events: Annotated[list[Seen], Field(min_length=1, max_length=50)]
    session: Annotated[str, Field(pattern=r"^[\x21-\x7e]{0,64}$")] = ""


@router.post("/api/events", status_code=202)
def behaviour(request: Request, services: ServicesHere, who: CallerHere, body: Beacon) -> Json:
    """What a shopper did on the page. Purchases come from the store's server, never from a page."""
    if who.taste_id is None:
        raise unauthorized("behaviour is kept for signed-in shoppers only; send X-Shopper-Token")
    pace: RateLimit = request.app.state.beacon_pace
    pace.take(who.taste_id)
    known = {p.id for p in services.catalogue.products([e.product for e in body.events])}
    kept = [e for e in body.events if e.product in known and e.kind in _ON_PAGE]
    for event in kept:
        services.recommender.record(BehaviourEvent(who.taste_id, event.product, event.kind, now(), body.session))
    return {"kept": len(kept)}


def _product(services: Services, product_id: str) -> Product:
    """Raises NotFound."""
    found = services.catalogue.product(product_id) if product_id.isprintable() else None
    if found is None:
        raise NotFound("there is no such product")
    return found


def _similar(services: Services, product: Product) -> dict[str, float]:
    """How near other products are to this one, from 0 to 1: found by its own words."""
    words = " ".join((product.category[-1] if product.category else "", product.title))
    hits = services.catalogue.search(SearchQuery(words, k=60))
    best = max((hit.score for hit in hits), default=1.0) or 1.0
    return {hit.product_id: hit.score / best for hit in hits if hit.product_id != product.id}
