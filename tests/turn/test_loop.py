"""One turn: ask the model, act, repeat, until there is something to say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from langchain_core.messages import AIMessage, BaseMessage, SystemMessage, ToolMessage
from sqlalchemy import select

from agent.errors import NotFound
from agent.messages import EventType, Role, Status
from agent.policy import load_policy
from agent.store.database import Database
from agent.store.tables import conversations
from agent.store.turns import TurnState
from tests.store.racing import race
from tests.turn.house import ADA, SHIPPED, House, kinds, results, said

SEARCH = ("search_products", {"query": "lamp"})


def test_a_plain_reply_is_said(house: House, strangers: str) -> None:
    events = house.say(strangers, "hi", "Hello, what can I find for you?")
    assert kinds(events) == ["said"]
    data = dict(events[-1].data)
    assert data["text"] == "Hello, what can I find for you?"
    assert (data["by"], data["model"], data["fell_back"], data["replaced"], data["evidence"]) == (
        "bot",
        "scripted",
        False,
        False,
        [],
    )
    assert house.conversations.messages(strangers)[-1].text == "Hello, what can I find for you?"


def test_a_call_then_its_result_then_a_reply_with_its_evidence_and_cards(house: House, strangers: str) -> None:
    events = house.say(strangers, "a lamp please", SEARCH, "{1.title} costs {1.price}.")
    assert kinds(events) == ["called", "said", "showed"]
    called, words, showed = (e.data for e in events if e.type is not EventType.WORKING)
    assert (called["name"], called["arguments"]) == SEARCH
    assert called["ms"] >= 0
    assert called["result"]["products"][0]["title"] == "Nordlys lamp"
    assert words["text"] == "Nordlys lamp costs $39.99."
    assert words["evidence"] == [{"slot": "1.title", "value": "Nordlys lamp"}, {"slot": "1.price", "value": "$39.99"}]
    assert [p["id"] for p in showed["products"]] == ["lamp", "mug"]
    assert {"id", "title", "price", "currency", "in_stock", "image", "url"} <= set(showed["products"][0])


def test_every_event_of_a_turn_is_numbered_in_the_order_of_the_log(house: House, strangers: str) -> None:
    house.say(strangers, "a lamp", SEARCH, "Here you are.")
    house.say(strangers, "thanks", "You're welcome!")
    numbers = [m.sequence for m in house.conversations.messages(strangers)]
    numbers += [e.sequence for e in house.conversations.events(strangers)]
    assert sorted(numbers) == list(range(1, len(numbers) + 1))


def test_the_model_reads_the_rules_first_then_the_chat_and_its_own_results(house: House, strangers: str) -> None:
    house.say(strangers, "a lamp", SEARCH, "Here you are.")
    house.say(strangers, "thanks", "You're welcome!")
    first, second, third = house.script.seen
    assert isinstance(first[0], SystemMessage)
    assert house.policy.shop.name in first[0].text
    assert [type(m).__name__ for m in second[-2:]] == ["AIMessage", "ToolMessage"]
    assert isinstance(second[-2], AIMessage)
    assert isinstance(second[-1], ToolMessage)
    assert second[-2].tool_calls[0]["id"] == second[-1].tool_call_id
    assert third[-1].text == "thanks"


def test_parallel_calls_are_run_in_order_each_with_its_own_result(house: House, adas: str) -> None:
    events = house.say(
        adas, f"lamp? and where is {SHIPPED}", [SEARCH, ("get_order", {"order": SHIPPED})], "{1.title}; {order.status}."
    )
    assert kinds(events) == ["called", "called", "said", "showed"]
    assert said(events) == ["Nordlys lamp; shipped."]
    assert [e.data["name"] for e in events if e.type is EventType.CALLED] == ["search_products", "get_order"]


def test_calls_with_the_same_id_in_two_turns_are_told_apart(house: House, strangers: str) -> None:
    house.script.script = []
    for _ in range(2):
        house.script._next = 0  # the model begins its numbering anew
        house.script.script = [SEARCH, "Here."]
        house.post(strangers, "lamp")
        house.work()
    ids = [c.id for m in house.conversations.messages(strangers) for c in m.calls]
    assert len(ids) == len(set(ids)) == 2
    assert len(results(house.conversations.messages(strangers))) == 2


# --- proof -----------------------------------------------------------------------------------------------


def test_a_reply_that_cannot_be_proved_is_written_again_once(house: House, strangers: str) -> None:
    events = house.say(strangers, "a lamp", SEARCH, "The lamp costs $35.", "The lamp costs {1.price}.")
    assert said(events) == ["The lamp costs $39.99."]
    complaint = house.script.seen[-1][-1].text
    assert "$35" in complaint
    assert not [m for m in house.conversations.messages(strangers) if "$35" in m.text]  # the draft is not kept


@pytest.mark.parametrize("again", ["It's $36.", "{9.price}", SEARCH, "I've cancelled it."])
def test_a_second_one_that_cannot_be_proved_is_replaced_by_a_safe_line(
    house: House, strangers: str, again: object
) -> None:
    events = house.say(strangers, "a lamp", SEARCH, "It costs $35.", again)
    [text] = said(events)
    assert text in ("Here is what I found.", "These are the closest I could find.")
    data = next(e.data for e in events if e.type is EventType.SAID)
    assert (data["replaced"], data["evidence"]) == (True, [])
    assert kinds(events)[-1] == "showed"
    assert house.shelf.looked == 1


def test_without_products_the_safe_line_offers_a_person(house: House, strangers: str) -> None:
    [text] = said(house.say(strangers, "hi", "Everything is 50% off!", "Everything is 60% off!"))
    assert "person" in text


def test_a_slot_that_nothing_fills_is_never_shown(house: House, strangers: str) -> None:
    events = house.say(strangers, "hi", "It costs {1.price}.", "It is {order.status}.")
    assert "{" not in said(events)[0]


def test_without_the_proof_the_wrong_price_would_be_said(
    house: House, strangers: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault planted: a checker that finds nothing wrong."""
    monkeypatch.setattr("agent.reply.unproved", lambda *_: [])
    assert said(house.say(strangers, "a lamp", SEARCH, "The lamp costs $35.")) == ["The lamp costs $35."]


# --- the end of a turn -----------------------------------------------------------------------------------


def test_a_model_that_never_answers_is_cut_off_after_the_policys_steps(sqlite: Database) -> None:
    policy = load_policy()
    policy = policy.model_copy(update={"limits": policy.limits.model_copy(update={"steps_per_turn": 4})})
    house = House(sqlite, policy=policy)
    chat = house.chat.start().id
    events = house.say(chat, "hi", *[SEARCH] * 10)
    assert len(house.script.seen) == 4
    assert house.shelf.looked == 4
    assert kinds(events)[-2:] == ["said", "handed_over"]
    assert house.conversations.get(chat).status is Status.WAITING


def test_the_last_step_may_be_the_reply(sqlite: Database) -> None:
    policy = load_policy()
    policy = policy.model_copy(update={"limits": policy.limits.model_copy(update={"steps_per_turn": 4})})
    house = House(sqlite, policy=policy)
    chat = house.chat.start().id
    assert said(house.say(chat, "hi", SEARCH, SEARCH, SEARCH, "Here you are.")) == ["Here you are."]


def test_who_asks_for_a_person_gets_one_whatever_the_model_would_say(house: House, strangers: str) -> None:
    events = house.say(strangers, "i want to talk to a human", "I would rather keep you to myself.")
    assert kinds(events) == ["said", "handed_over"]
    assert house.conversations.get(strangers).status is Status.WAITING


def test_without_the_guard_a_model_could_stand_in_the_way(
    house: House, strangers: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault planted: nobody listens for the wish."""
    monkeypatch.setattr("agent.turn.asks_for_person", lambda _text: False)
    assert kinds(house.say(strangers, "i want to talk to a human", "I would rather keep you to myself.")) == ["said"]
    assert house.conversations.get(strangers).status is Status.BOT


def test_asking_for_a_person_hands_over_and_ends_the_turn(house: House, strangers: str) -> None:
    events = house.say(
        strangers, "nobody answers my mails", [("hand_over", {"reason": "asked for a person"}), SEARCH], "never said"
    )
    assert kinds(events) == ["called", "said", "handed_over"]
    assert house.conversations.get(strangers).status is Status.WAITING
    assert house.shelf.looked == 0
    house.steps("never said either")
    assert house.say(strangers, "hello?") == []


@pytest.mark.parametrize("failures", [[RuntimeError("CUDA is on fire")], ["", ""], [[], []]])
def test_a_model_that_fails_is_replaced_by_the_fallback_for_that_step(
    house: House, strangers: str, failures: list[object]
) -> None:
    events = house.say(strangers, "hi", *failures)
    assert said(events) == ["I'm the fallback."]
    data = events[-1].data
    assert (data["fell_back"], data["model"]) == (True, "local")


def test_a_tool_that_breaks_does_not_end_in_silence(
    house: House, strangers: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The turn is tried again, and a person is asked in the end."""
    house.steps(*[("search_products", {"query": "breaks"})] * 9)
    house.post(strangers, "a lamp")
    for _ in range(9):
        assert house.turns.unfinished(strangers) or house.conversations.get(strangers).status is Status.WAITING
        house.workers._runner = house.runner
        house.workers._run_one("w")
    assert house.conversations.get(strangers).status is Status.WAITING
    assert not house.turns.unfinished(strangers)
    assert len(house.script.seen) == 1  # the call was made once; only its running was tried again


def test_two_messages_are_answered_one_after_the_other(house: House, strangers: str) -> None:
    house.steps("One.", "Two.")
    house.post(strangers, "first")
    house.post(strangers, "second")
    assert house.work() == 2
    assert said(house.conversations.events(strangers)) == ["One.", "Two."]
    assert "second" not in [m.text for m in house.script.seen[0]]
    assert [m.text for m in house.script.seen[1]][-3:] == ["first", "One.", "second"]


def test_a_message_sent_twice_is_one_message_and_one_turn(house: House, strangers: str) -> None:
    house.steps("Hello.", "Hello again.")
    sent = race(6, lambda _: house.chat.post(strangers, "same", "hi"))
    assert len(set(sent)) == 1
    assert house.chat.post(strangers, "same", "hi") == sent[0]
    assert house.work() == 1
    assert said(house.conversations.events(strangers)) == ["Hello."]


def test_secrets_never_reach_the_log_or_the_model(house: House, strangers: str) -> None:
    house.say(strangers, "my card is 4111 1111 1111 1111 12/27, password: hunter2\x00", "Please never share that.")
    everything = str(house.conversations.messages(strangers)) + str(house.script.seen)
    assert "4111" not in everything
    assert "hunter2" not in everything
    assert "[card ending 1111]" in everything


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x00\x01",
        "x" * 100_000,
        "<script>alert(1)</script>",
        "👨‍👩‍👧‍👦",
        "{1.price}",
        "\u202e",
        "'; DROP TABLE orders; --",
    ],
)
def test_any_text_is_answered(house: House, strangers: str, text: str) -> None:
    assert said(house.say(strangers, text, "I see.")) == ["I see."]
    assert len(house.conversations.messages(strangers)[1].text) <= house.policy.limits.message_characters


def test_the_words_of_the_shop_say_that_it_is_an_ai(house: House) -> None:
    for shopper in (None, ADA):
        started = house.chat.start(shopper)
        assert "AI" in started.greeting
        assert house.chat.history(started.id)[1][0]["text"] == started.greeting
    with pytest.raises(NotFound):
        house.chat.start("nobody")


def test_a_shopper_without_a_name_is_greeted_too(house: House) -> None:
    ada = house.people.shopper(ADA)
    house.people.add([replace(ada, id="nameless", name="")], [])
    assert "AI" in house.chat.start("nameless").greeting


def test_control_characters_of_a_model_do_not_reach_the_shopper(house: House, strangers: str) -> None:
    assert said(house.say(strangers, "hi", "Hel\x00lo \u202ethere\x1b")) == ["Hello there"]


def test_a_finished_turn_is_done(house: House, strangers: str) -> None:
    house.steps("Hello.")
    house.post(strangers, "hi")
    turn = house.turns.claim("w")
    assert turn is not None
    house.runner.run(turn)
    assert house.turns.state(turn.id) is TurnState.DONE


def test_staff_and_notes_reach_the_model_as_what_they_are(house: House, strangers: str) -> None:
    house.desk.take_over(strangers, "Mia")
    house.desk.reply(strangers, "Mia", "I have looked into it.")
    house.desk.give_back(strangers, "Mia")
    house.say(strangers, "thanks", "You're welcome!")
    seen: Sequence[BaseMessage] = house.script.seen[-1]
    staff = next(m for m in seen if "I have looked into it." in m.text)
    assert "Mia" in staff.text
    assert [m.role for m in house.conversations.messages(strangers)].count(Role.STAFF) == 1


def test_a_rating_is_kept_without_secrets(house: House, strangers: str, sqlite: Database) -> None:
    house.chat.rate(strangers, 2, "my card 4111 1111 1111 1111 was refused")
    with sqlite.read() as connection:
        row = connection.execute(select(conversations).where(conversations.c.id == strangers)).one()
    assert (row.rating, row.rating_text) == (2, "my card [card ending 1111] was refused")
