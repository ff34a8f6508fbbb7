"""A call is run when its tool exists, its arguments fit, and its order was mentioned; the rest is the owner's."""

from __future__ import annotations

from dataclasses import replace

import pytest
from langchain_core.messages import ToolMessage

from agent.tools import Session
from tests.turn.house import ADA, BENS, PENDING, House, kinds, results, said


def test_an_unknown_tool_is_an_error_that_the_model_reads(house: House, strangers: str) -> None:
    house.say(strangers, "hi", ("grant_discount", {"percent": 100}), "I can't do that.")
    assert results(house.conversations.messages(strangers)) == [(False, "guard.unknown_tool")]
    error = house.script.seen[-1][-1]
    assert isinstance(error, ToolMessage)
    assert error.status == "error"
    assert "grant_discount" in error.text


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"query": "lamp", "shopper_id": "ben"},
        {"query": ["lamp"]},
        {"query": "lamp", "price_max": "cheap"},
        {"query": "x" * 2_001},
        {"query": "lamp", "price_max": float("nan")},
        {"query": "lamp", "price_max": float("inf")},
        {"query": "lamp", "price_max": "NaN"},
    ],
)
def test_arguments_that_the_tool_does_not_have_are_an_error_and_nothing_runs(
    house: House, strangers: str, arguments: dict[str, object]
) -> None:
    house.say(strangers, "hi", ("search_products", arguments), "Sorry.")
    [(ok, rule)] = results(house.conversations.messages(strangers))
    assert not ok
    assert rule in ("guard.arguments", "guard.too_long")
    assert house.shelf.looked == 0


def test_a_number_where_a_text_is_wanted_is_taken_as_one(house: House, adas: str) -> None:
    house.say(adas, "order 1001", ("get_order", {"order": 1001}), "Let me look.")
    assert results(house.conversations.messages(adas)) == [(False, "not_found")]


def test_no_tool_takes_a_shoppers_id(house: House, adas: str) -> None:
    for tool in house.toolbox(Session(adas, ADA)).structured():
        assert not [name for name in tool.args if "shopper" in name or "user" in name or "customer" in name]


# --- other people's orders, and orders that nobody has ---------------------------------------------------


def refusal(house: House, chat: str, order: str, tool: str) -> str:
    events = house.say(chat, f"what about {order}?", (tool, {"order": order}), "{refused}")
    assert kinds(events) == ["called", "refused", "said"]
    assert results(house.conversations.messages(chat))[-1] == (False, "not_found")
    return said(events)[0].replace(order, "#")


@pytest.mark.parametrize("tool", ["get_order", "cancel_order"])
def test_somebody_elses_order_looks_like_one_that_does_not_exist(house: House, adas: str, tool: str) -> None:
    assert refusal(house, adas, BENS, tool) == refusal(house, adas, "JF-7777", tool)
    assert house.conversations.get(adas).pending is None


@pytest.mark.parametrize("tool", ["get_order", "cancel_order"])
def test_a_number_that_nobody_mentioned_is_refused_before_any_look(house: House, adas: str, tool: str) -> None:
    for order in (PENDING, BENS, "JF-7777"):
        house.say(adas, "cancel my thing", (tool, {"order": order}), "Which one?")
    assert results(house.conversations.messages(adas)) == [(False, "guard.invented_order")] * 3


def test_a_number_that_a_tool_gave_may_be_used(house: House, adas: str) -> None:
    events = house.say(adas, "my orders?", ("find_my_orders", {}), ("get_order", {"order": PENDING}), "{order.status}")
    assert said(events) == ["pending"]


@pytest.mark.parametrize("typed", ["JF-1001", "jf1001", "#JF 1001", "jf - 1001", "order no. JF-1001!"])
def test_an_orders_number_is_understood_however_it_is_typed(house: House, adas: str, typed: str) -> None:
    number = typed.removeprefix("order no. ").removesuffix("!")
    assert said(house.say(adas, f"where is {typed}", ("get_order", {"order": number}), "{order.id}")) == [PENDING]


def test_a_stranger_is_asked_to_sign_in(house: House, strangers: str) -> None:
    for tool, arguments in (
        ("find_my_orders", {}),
        ("get_order", {"order": "latest"}),
        ("cancel_order", {"order": "latest"}),
    ):
        events = house.say(strangers, "my orders", (tool, arguments), "{refused}")
        assert results(house.conversations.messages(strangers))[-1] == (False, "identity.sign_in")
        assert "sign in" in said(events)[0]


@pytest.mark.parametrize("tool", ["get_order", "cancel_order"])
def test_the_latest_order_is_meant_by_many_words_and_there_may_be_none(house: House, adas: str, tool: str) -> None:
    house.people.add([replace(house.people.shopper(ADA), id="new")], [])
    chat = house.chat.start("new").id
    for word in ("latest", "last", "Newest", ""):
        house.say(adas, "my latest order", ("get_order", {"order": word}), "{order.id}")
        house.say(chat, "my latest order", (tool, {"order": word}), "{refused}")
    assert {rule for _, rule in results(house.conversations.messages(chat))} == {"orders.none"}
    assert {ok for ok, _ in results(house.conversations.messages(adas))} == {True}


def test_an_order_whose_payment_method_is_gone_is_for_a_person(house: House, adas: str) -> None:
    gone = replace(house.order(), id="JF-3", payment_method_id="gone", payments=())
    house.people.add([], [gone])
    house.say(adas, "cancel JF-3", ("cancel_order", {"order": "JF-3"}), "{refused}")
    assert results(house.conversations.messages(adas)) == [(False, "refund.method")]
    assert house.conversations.get(adas).pending is None
