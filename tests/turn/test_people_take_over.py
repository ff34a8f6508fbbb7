"""When a person is in the chat the bot is silent; a draft that it was writing meanwhile is dropped."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from agent.errors import Conflict
from agent.messages import EventType, Message, Role, Status
from agent.shop import OrderStatus
from tests.store.racing import race
from tests.turn.house import PENDING, House, kinds, said

SEARCH = ("search_products", {"query": "lamp"})


def bots(house: House, chat: str, after: int = 0) -> list[str]:
    return [
        e.data["text"]
        for e in house.conversations.events(chat, after)
        if e.type is EventType.SAID and e.data["by"] == "bot"
    ]


def while_thinking(house: House, chat: str, happens: Callable[[], None], *draft: object) -> None:
    """Post a message; while the model thinks about it, something happens; then it goes on with its draft."""
    thinking, go_on = threading.Event(), threading.Event()

    def think(_: object) -> object:
        thinking.set()
        assert go_on.wait(10)
        return draft[0]

    house.steps(think, *draft[1:])
    house.post(chat, "a lamp please")
    worker = threading.Thread(target=house.work)
    worker.start()
    assert thinking.wait(10)
    happens()
    go_on.set()
    worker.join(10)
    assert not worker.is_alive()


@pytest.mark.parametrize(
    "draft", ["Here is my late draft.", SEARCH, ("cancel_order", {"order": "latest"}), ("hand_over", {"reason": "x"})]
)
def test_a_take_over_while_the_model_thinks_drops_its_draft(house: House, adas: str, draft: object) -> None:
    while_thinking(house, adas, lambda: house.desk.take_over(adas, "Mia"), draft, "and this too")
    assert bots(house, adas) == []
    assert house.conversations.get(adas).pending is None
    assert house.shelf.looked == 0
    assert not house.turns.unfinished(adas)
    assert house.conversations.get(adas).status is Status.STAFF


def test_asking_for_a_person_by_the_button_drops_the_draft_too(house: House, adas: str) -> None:
    while_thinking(house, adas, lambda: house.chat.hand_over(adas), "Here is my late draft.")
    assert "late draft" not in str(house.conversations.messages(adas))
    assert house.conversations.get(adas).status is Status.WAITING


def test_a_chat_taken_over_and_given_back_meanwhile_has_changed_hands_all_the_same(house: House, adas: str) -> None:
    def come_and_go() -> None:
        house.desk.take_over(adas, "Mia")
        house.desk.give_back(adas, "Mia")

    while_thinking(house, adas, come_and_go, "Here is my late draft.")
    assert "late draft" not in str(house.conversations.messages(adas))


def test_without_the_version_the_late_draft_would_land(
    house: House, adas: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault planted: appends that do not look at the version."""
    append = house.conversations.append
    monkeypatch.setattr(
        house.conversations, "append", lambda chat, *, version=None, turn_id=None: append(chat, turn_id=turn_id)
    )
    while_thinking(house, adas, lambda: house.desk.take_over(adas, "Mia"), "Here is my late draft.")
    assert bots(house, adas) == ["Here is my late draft."]


def test_while_staff_are_in_it_the_bot_is_silent_and_no_model_is_asked(house: House, adas: str) -> None:
    house.desk.take_over(adas, "Mia")
    house.desk.reply(adas, "Mia", "Hello, this is Mia.")
    for text in ("hello?", "a lamp", "yes", f"cancel {PENDING}", "I want a person"):
        assert house.say(adas, text, "never said") == []
    assert house.script.seen == []
    assert bots(house, adas) == []
    assert next(m.text for m in house.conversations.messages(adas) if m.role is Role.SHOPPER) == "hello?"


def test_a_chat_that_waits_for_a_person_is_left_alone_too(house: House, adas: str) -> None:
    house.chat.hand_over(adas)
    before = bots(house, adas)
    assert house.say(adas, "hello?", "never said") == []
    assert bots(house, adas) == before
    house.chat.hand_over(adas)  # pressed again
    assert bots(house, adas) == before


def test_given_back_the_bot_answers_again(house: House, adas: str) -> None:
    house.desk.take_over(adas, "Mia")
    house.say(adas, "for Mia", "never said")
    house.desk.give_back(adas, "Mia")
    house.script.script.clear()
    assert said(house.say(adas, "a lamp", "Here I am again.")) == ["Here I am again."]


def test_whoever_writes_into_a_closed_chat_opens_it_again(house: House, adas: str) -> None:
    house.desk.take_over(adas, "Mia")
    house.desk.close(adas, "Mia")
    assert house.conversations.get(adas).status is Status.CLOSED
    with pytest.raises(Conflict):
        house.desk.take_over(adas, "Mia")
    assert said(house.say(adas, "one more thing", "Sure, what is it?")) == ["Sure, what is it?"]
    assert house.conversations.get(adas).status is Status.BOT


# --- the card on the table -------------------------------------------------------------------------------


@pytest.mark.parametrize("yes", [True, False])
def test_a_button_pressed_while_staff_are_in_the_chat_counts_and_the_bot_says_nothing(
    house: House, adas: str, yes: bool
) -> None:
    proposal = house.propose(adas)
    house.desk.take_over(adas, "Mia")
    events = house.press(adas, proposal, yes=yes)
    assert kinds(events) == (["done"] if yes else [])
    assert house.order().status is (OrderStatus.CANCELLED if yes else OrderStatus.PENDING)
    assert house.balance() == (0 if yes else 4_494)
    assert house.conversations.get(adas).pending is None


def test_a_button_pressed_in_the_moment_of_a_take_over_is_not_lost(house: House, adas: str) -> None:
    proposal = house.propose(adas)
    house.chat.decide(adas, proposal, accept=True)
    turn = house.turns.claim("w")
    assert turn is not None
    stale = house.conversations.get(adas)
    house.desk.take_over(adas, "Mia")
    before = house.last(adas)
    house.decisions.decide(turn, stale, proposal, accept=True)
    assert house.order().status is OrderStatus.CANCELLED
    assert bots(house, adas, before) == []


def test_a_typed_yes_in_a_chat_that_a_person_took_over_is_for_that_person(house: House, adas: str) -> None:
    house.propose(adas)
    house.desk.take_over(adas, "Mia")
    house.say(adas, "yes")
    assert house.order().status is OrderStatus.PENDING


# --- the desk --------------------------------------------------------------------------------------------


def test_the_hand_over_is_a_plan(house: House, adas: str) -> None:
    house.say(adas, "a lamp", SEARCH, "Here.")
    house.say(adas, "my orders", ("find_my_orders", {}), "These.")
    house.say(adas, f"and {PENDING}?", ("get_order", {"order": PENDING}), "It is {order.status}.")
    house.propose(adas)
    house.say(adas, "let me talk to a person")
    view = house.desk.view(adas)
    plan = view["plan"]
    assert plan["reason"] == "asked for a person"
    assert plan["wishes"] == [f"and {PENDING}?", f"cancel order {PENDING}", "let me talk to a person"]
    assert [t["tool"] for t in plan["tried"]] == [
        "search_products",
        "find_my_orders",
        "get_order",
        "cancel_order",
    ]
    assert plan["facts"]["order.status"] == "pending"
    assert plan["pending"] == f"Cancel order {PENDING}"
    assert view["pending"]["title"] == f"Cancel order {PENDING}"
    assert view["shopper"]["name"] == "Ada Moreau"
    assert len(view["orders"]) == 3


def test_the_plans_facts_are_never_a_mixture_of_two_orders(house: House, adas: str) -> None:
    from dataclasses import replace

    house.people.add([], [replace(house.order(), id="JF-8", tracking="T-8", payments=())])
    house.say(adas, "JF-8?", ("get_order", {"order": "JF-8"}), "Fine.")
    house.say(adas, f"{PENDING}?", ("get_order", {"order": PENDING}), "Fine.")
    house.chat.hand_over(adas)
    facts = house.desk.view(adas)["plan"]["facts"]
    assert facts["order.id"] == PENDING
    assert "order.tracking" not in facts


def test_the_queue_has_who_waits_longest_first_then_who_is_being_served(house: House) -> None:
    chats = [house.chat.start().id for _ in range(4)]
    house.desk.take_over(chats[3], "Mia")
    for chat in (chats[1], chats[0]):
        house.chat.hand_over(chat)
    assert [c.id for c in house.desk.queue()] == [chats[1], chats[0], chats[3]]
    assert [c.id for c in house.desk.open_chats()] == [chats[2]]


def test_one_colleague_is_in_a_chat_at_a_time(house: House, adas: str) -> None:
    house.chat.hand_over(adas)

    def take(number: int) -> str:
        house.desk.take_over(adas, f"staff-{number}")
        return f"staff-{number}"

    results = race(5, take)
    assert len([r for r in results if isinstance(r, str)]) == 1
    assert all(isinstance(r, Conflict) for r in results if not isinstance(r, str))
    winner = next(r for r in results if isinstance(r, str))
    house.desk.take_over(adas, winner)  # again: nothing happens
    assert [e.data["author"] for e in house.conversations.events(adas) if e.data.get("by") == "staff"] == [winner]


@pytest.mark.parametrize("move", ["reply", "give_back", "close"])
def test_only_who_is_in_the_chat_may_move_in_it(house: House, adas: str, move: str) -> None:
    house.desk.take_over(adas, "Mia")
    arguments = (adas, "Tom", "hello") if move == "reply" else (adas, "Tom")
    with pytest.raises(Conflict):
        getattr(house.desk, move)(*arguments)
    assert house.conversations.get(adas).assigned_to == "Mia"


def test_a_staff_reply_is_cleaned_and_an_empty_one_is_none(house: House, adas: str) -> None:
    house.desk.take_over(adas, "Mia")
    before = house.last(adas)
    house.desk.reply(adas, "Mia", " \x00 ")
    assert house.conversations.events(adas, before) == []
    house.desk.reply(adas, "Mia", "Hel\x00lo")
    [event] = house.conversations.events(adas, before)
    assert (event.data["text"], event.data["by"], event.data["author"]) == ("Hello", "staff", "Mia")


def test_the_shopper_reads_what_was_said_and_nothing_else(house: House, adas: str) -> None:
    house.say(adas, "lamp", SEARCH, "Here.")
    house.desk.take_over(adas, "Mia")
    house.desk.reply(adas, "Mia", "Hello.")
    status, history = house.chat.history(adas)
    assert status is Status.STAFF
    assert [(m["role"], m["text"]) for m in history[1:]] == [("shopper", "lamp"), ("bot", "Here."), ("staff", "Hello.")]


def test_signing_in_meanwhile_changes_no_hands(house: House, strangers: str) -> None:
    while_thinking(house, strangers, lambda: house.chat.sign_in(strangers, "ada"), "Here you are.")
    assert bots(house, strangers) == ["Here you are."]
    assert house.conversations.get(strangers).shopper_id == "ada"
    with pytest.raises(Conflict):
        house.chat.sign_in(strangers, "ben")


def test_listeners_are_told_of_news(house: House, adas: str) -> None:
    news: list[int] = []
    stop = house.notifier.listen(adas, lambda: news.append(1))
    house.say(adas, "hi", "Hello.")
    heard = len(news)
    assert heard >= 2
    stop()
    stop()
    with house.conversations.append(adas) as log:
        log.message(Message(Role.NOTE, "x"))
    house.notifier.notify(adas)
    assert len(news) == heard
