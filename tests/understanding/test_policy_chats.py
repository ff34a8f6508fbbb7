"""Whole chats of the encoder policy with a small shop: what a shopper would expect of each turn."""

from __future__ import annotations

from agent.messages import Event, EventType
from agent.services import Services
from tests.small_shop import ADA, BENS, DELIVERED, PENDING, answer_to, said


def calls(events: list[Event]) -> list[str]:
    return [str(e.data["name"]) for e in events if e.type is EventType.CALLED]


def shown(events: list[Event]) -> list[dict[str, object]]:
    return [p for e in events if e.type is EventType.SHOWED for p in e.data.get("products", [])]


def test_find_narrow_look_closer_and_compare(small_services: Services) -> None:
    shop = small_services
    chat = shop.chat.start().id
    lamps = shown(answer_to(shop, chat, "hi, i'm looking for a desk lamp"))
    assert len(lamps) > 1
    middle = sorted(float(str(p["price"])) for p in lamps)[len(lamps) // 2]
    cheaper = shown(answer_to(shop, chat, "cheaper"))
    assert cheaper
    assert all(float(str(p["price"])) < middle for p in cheaper)
    closer = answer_to(shop, chat, "tell me more about the first one")
    assert [p["id"] for p in shown(closer)] == [cheaper[0]["id"]]
    assert str(cheaper[0]["title"]) in said(closer)[0]
    compared = answer_to(shop, chat, "compare the first two")
    assert calls(compared) == ["compare_products"]


def test_small_talk_and_other_subjects_bring_no_products(small_services: Services) -> None:
    shop = small_services
    chat = shop.chat.start().id
    for text in (
        "hello!",
        "how's your day going",
        "what's the capital of france?",
        "thanks, bye",
        "are you a robot?",
        "🙂",
    ):
        events = answer_to(shop, chat, text)
        assert shown(events) == [], text
        assert calls(events) == [], text
        assert said(events), text


def test_nothing_fits_is_said_and_the_nearest_is_offered(small_services: Services) -> None:
    shop = small_services
    chat = shop.chat.start().id
    answer_to(shop, chat, "a desk lamp")
    events = answer_to(shop, chat, "under $1")
    assert "up to $" in said(events)[0]
    assert shown(events), "the nearest products are shown"


def test_orders_need_a_sign_in_and_then_are_told(small_services: Services) -> None:
    shop = small_services
    chat = shop.chat.start().id
    events = answer_to(shop, chat, "where is my order?")
    assert "sign in" in said(events)[0]
    assert [e.data.get("needs") for e in events if e.type is EventType.SAID] == ["sign_in"]
    shop.chat.sign_in(chat, ADA)
    assert "delivered" in said(answer_to(shop, chat, f"what about {DELIVERED}?"))[0]


def test_somebody_elses_order_looks_like_no_order(small_services: Services) -> None:
    shop = small_services
    chat = shop.chat.start(ADA).id
    foreign, unknown = (said(answer_to(shop, chat, f"where is order {o}"))[0] for o in (BENS, "JF-9999"))
    assert foreign.replace(BENS, "JF-9999") == unknown


def test_the_one_order_that_can_be_cancelled_is_proposed_and_a_yes_does_it(small_services: Services) -> None:
    shop = small_services
    chat = shop.chat.start(ADA).id
    events = answer_to(shop, chat, "cancel my order please")
    assert any(e.type is EventType.PROPOSED for e in events)
    assert shop.people.order(PENDING, ADA).status == "pending"
    answer_to(shop, chat, "yes please")
    order = shop.people.order(PENDING, ADA)
    assert order.status == "cancelled"


def test_an_order_that_is_under_way_cannot_be_cancelled(small_services: Services) -> None:
    shop = small_services
    chat = shop.chat.start(ADA).id
    events = answer_to(shop, chat, f"cancel order {DELIVERED}")
    assert not any(e.type is EventType.PROPOSED for e in events)
    assert "delivered" in said(events)[0]


def test_a_policy_question_is_answered_from_an_article_with_the_policys_figure(small_services: Services) -> None:
    shop = small_services
    text = said(answer_to(shop, shop.chat.start().id, "how many days do i have to return something?"))[0]
    assert str(shop.policy.returns.window_days) in text
    assert "help article" in text


def test_a_person_is_brought_in_when_asked_for_and_when_somebody_is_angry(small_services: Services) -> None:
    shop = small_services
    for text in ("i want to talk to a human", "this is ridiculous, you are useless"):
        chat = shop.chat.start().id
        assert any(e.type is EventType.HANDED_OVER for e in answer_to(shop, chat, text)), text


def test_a_stated_dislike_is_kept_out_of_the_next_suggestions(small_services: Services) -> None:
    shop = small_services
    chat = shop.chat.start(ADA).id
    before = {str(p["brand"]) for p in shown(answer_to(shop, chat, "suggest something for me"))}
    brand = sorted(before)[0]
    assert "remember_preference" in calls(answer_to(shop, chat, f"i don't like {brand}"))
    after = {str(p["brand"]) for p in shown(answer_to(shop, chat, "suggest something for me"))}
    assert brand not in after
