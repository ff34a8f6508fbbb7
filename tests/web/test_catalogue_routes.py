"""What a store page asks for: search, suggestions, products, pictures, and where behaviour goes."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest

from agent.services import Services
from agent.web.tokens import ShopperTokens
from tests.web.serving import Web
from tests.web.small_shop import ADA, HOSTILE, HOSTILE_TITLE

CARD = {"id", "title", "price", "currency", "in_stock", "image", "url"}


def search(web: Web, **params: Any) -> list[dict[str, Any]]:
    answer = web.http.get("/api/search", params=params)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["products"]
    return found


def test_search_finds_by_words_and_gives_cards(web: Web) -> None:
    found = search(web, q="mug", k=3)
    assert {card["id"].split("-")[0] for card in found} == {"mugs"}
    assert all(set(card) >= CARD for card in found)
    assert len(found) == 3


def test_search_reads_conditions_in_the_text_as_the_chat_does(web: Web) -> None:
    assert [card["id"] for card in search(web, q="blue mug")] == ["mugs-blue"]
    cheap = search(web, q="mugs under $22, not blue", k=30)
    assert cheap and {card["id"].split("-")[0] for card in cheap} == {"mugs"}
    assert all(card["price"] <= 22 and card["id"] != "mugs-blue" for card in cheap)
    understood = web.http.get("/api/search", params={"q": "mugs under $22, not blue"}).json()["understood"]
    assert understood == {"query": "mugs", "price_max": 22.0, "without": ["blue"]}


def test_a_parameter_counts_before_the_text(web: Web) -> None:
    found = search(web, q="mugs under $30", price_max=20, k=30)
    assert found and all(card["price"] <= 20 for card in found)


def test_a_size_that_was_asked_for_decides_the_price_that_a_card_shows(web: Web) -> None:
    shirt = next(card for card in search(web, q="t-shirt in size L") if card["id"] == "shirt")
    assert (shirt["price"], shirt["price_text"]) == (17.0, "$17.00")
    assert "shirt" not in [card["id"] for card in search(web, q="t-shirt in size L under 16")]


def test_search_keeps_hard_constraints(web: Web) -> None:
    assert {c["price"] <= 21 and c["in_stock"] for c in search(web, price_max=21, in_stock=True, k=30)} == {True}
    assert {c["brand"] for c in search(web, q="mug", brand="Nordlys", k=30)} == {"Nordlys"}
    assert {c["id"].split("-")[0] for c in search(web, category="Mugs", k=30)} == {"mugs"}
    assert [c["price"] for c in search(web, category="Mugs", sort="cheapest")] == [20.0, 21.0, 22.0, 23.0]
    assert search(web, q="mug", price_min=9_000) == []


def test_suggestions_for_a_stranger_are_not_personal(web: Web) -> None:
    answer = web.http.get("/api/recommendations", params={"scene": "page", "k": 4}).json()
    assert (answer["personal"], len(answer["products"])) == (False, 4)


def test_suggestions_for_a_shopper_are_the_same_in_every_scene(web: Web, tokens: ShopperTokens) -> None:
    answers = [
        web.http.get(
            "/api/recommendations", params={"scene": scene, "k": 5}, headers={"X-Shopper-Token": tokens.sign(ADA)}
        ).json()
        for scene in ("page", "chat", "search")
    ]
    assert answers[0]["personal"]
    assert answers[0]["products"] == answers[1]["products"] == answers[2]["products"]


def test_a_chat_s_shopper_is_known_by_the_chat_s_token(web: Web, tokens: ShopperTokens) -> None:
    chat, key = web.start(shopper_token=tokens.sign(ADA))
    answer = web.http.get("/api/recommendations", params={"conversation": chat}, headers=key)
    assert answer.json()["personal"]
    stranger, _ = web.start()
    assert web.http.get("/api/recommendations", params={"conversation": stranger}, headers=key).status_code == 404


def test_what_is_like_a_product_leaves_the_product_out(web: Web) -> None:
    found = web.http.get("/api/recommendations", params={"like": "mugs-blue", "k": 6}).json()["products"]
    ids = [card["id"] for card in found]
    assert ids and "mugs-blue" not in ids
    assert web.http.get("/api/recommendations", params={"like": "none"}).status_code == 404


def test_a_product_tells_all_that_its_page_shows(web: Web) -> None:
    shirt = web.http.get("/api/products/shirt").json()
    assert shirt["options"] == {"size": ["S", "M", "L"]}
    assert [(v["price_text"], v["in_stock"]) for v in shirt["variants"]] == [
        ("$15.00", False),
        ("$16.00", True),
        ("$17.00", True),
    ]
    mug = web.http.get("/api/products/mugs-blue").json()
    assert {"name": "Width (cm)", "value": "20"} in mug["attributes"]


def test_pictures_are_plain_svg_and_are_kept(web: Web) -> None:
    answer = web.http.get(f"/images/{HOSTILE}.svg")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    root = ElementTree.fromstring(answer.text)
    tags = {element.tag.rsplit("}")[-1] for element in root.iter()}
    assert not tags & {"script", "img", "foreignObject", "image", "use"}
    again = web.http.get(f"/images/{HOSTILE}.svg", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_script_is_kept_until_it_changes(web: Web) -> None:
    answer = web.http.get("/widget.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    again = web.http.get("/widget.js", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


def test_behaviour_of_a_shopper_is_kept_and_nobody_else_s(web: Web, shop: Services, tokens: ShopperTokens) -> None:
    before = shop.tastes.count()
    events = [{"kind": "view", "product": "mugs-blue"}, {"kind": "cart", "product": "mugs-green"}]
    assert web.http.post("/api/events", json={"events": events}).status_code == 401
    assert shop.tastes.count() == before
    headers = {"X-Shopper-Token": tokens.sign(ADA)}
    answer = web.http.post("/api/events", json={"events": events, "session": "s1"}, headers=headers)
    assert (answer.status_code, answer.json()) == (202, {"kept": 2})
    assert [(e.product_id, str(e.kind)) for e in shop.tastes.recent(ADA)[-2:]] == [
        ("mugs-blue", "view"),
        ("mugs-green", "cart"),
    ]


def test_a_page_cannot_claim_purchases_or_unknown_products(web: Web, shop: Services, tokens: ShopperTokens) -> None:
    before = shop.tastes.count()
    events = [{"kind": "purchase", "product": "mugs-blue"}, {"kind": "view", "product": "none"}]
    headers = {"X-Shopper-Token": tokens.sign(ADA)}
    assert web.http.post("/api/events", json={"events": events}, headers=headers).json() == {"kept": 0}
    assert shop.tastes.count() == before


@pytest.mark.parametrize("events", [[], [{"kind": "stare", "product": "x"}], [{"kind": "view", "product": "x"}] * 51])
def test_beacons_are_bounded(web: Web, tokens: ShopperTokens, events: list[Any]) -> None:
    answer = web.http.post("/api/events", json={"events": events}, headers={"X-Shopper-Token": tokens.sign(ADA)})
    assert answer.status_code == 422


def test_pages_say_what_is_there_and_escape_it(web: Web) -> None:
    front = web.http.get("/").text
    assert "Juniper &amp; Finch" in front and 'src="/widget.js"' in front and "Demo: sign in as" in front
    page = web.http.get(f"/product/{HOSTILE}").text
    assert HOSTILE_TITLE not in page and "&lt;img src=x onerror" in page
    assert "<script>window" not in page and "<b>Brand</b>" not in page
    missing = web.http.get("/product/none")
    assert (missing.status_code, missing.headers["content-type"]) == (404, "text/html; charset=utf-8")
