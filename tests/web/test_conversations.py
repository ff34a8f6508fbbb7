"""The HTTP contract of a conversation."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from agent.messages import EventType
from agent.services import Services
from agent.store.tables import turns
from agent.web.tokens import ShopperTokens
from tests.web.serving import Web
from tests.web.small_shop import ADA, BEN, emit, propose, say


def test_a_chat_starts_with_an_id_a_token_and_a_greeting_that_says_it_is_an_ai(web: Web) -> None:
    answer = web.http.post("/api/conversations")
    assert answer.status_code == 201
    assert set(answer.json()) == {"id", "token", "greeting"}
    assert "AI" in answer.json()["greeting"]
    assert len(answer.json()["token"]) >= 32


def test_a_shopper_whom_the_store_vouches_for_is_greeted_by_name(web: Web, tokens: ShopperTokens) -> None:
    answer = web.http.post("/api/conversations", json={"shopper_token": tokens.sign(ADA)})
    assert "Ada" in answer.json()["greeting"]


def test_a_message_is_stored_and_numbered(web: Web) -> None:
    chat, key = web.start()
    answer = web.post(chat, key, "a blue mug")
    assert answer.status_code == 202
    messages = web.http.get(f"/api/conversations/{chat}", headers=key).json()["messages"]
    assert [(m["role"], m["text"]) for m in messages][1:] == [("shopper", "a blue mug")]
    assert messages[1]["sequence"] == answer.json()["sequence"]


def test_the_same_message_sent_twice_is_stored_once(web: Web) -> None:
    chat, key = web.start()
    first, again = web.post(chat, key, "a mug", "same"), web.post(chat, key, "a mug", "same")
    other = web.post(chat, key, "a mug", "other")
    assert first.json() == again.json() != other.json()
    messages = web.http.get(f"/api/conversations/{chat}", headers=key).json()["messages"]
    assert len([m for m in messages if m["role"] == "shopper"]) == 2


def test_a_card_number_is_masked_before_anything_is_stored(web: Web) -> None:
    chat, key = web.start()
    web.post(chat, key, "my card is 4111 1111 1111 1111")
    assert "4111 1111" not in web.http.get(f"/api/conversations/{chat}", headers=key).text


def test_the_chat_tells_its_state_and_the_card_that_is_open(web: Web, shop: Services, tokens: ShopperTokens) -> None:
    chat, key = web.start(shopper_token=tokens.sign(ADA))
    state = web.http.get(f"/api/conversations/{chat}", headers=key).json()
    assert (state["status"], state["pending"], state["shopper"]) == ("bot", None, {"name": "Ada Moreau"})
    propose(shop, chat, "open-card")
    assert web.http.get(f"/api/conversations/{chat}", headers=key).json()["pending"] == "open-card"


@pytest.mark.parametrize("accept", [True, False])
def test_a_decision_on_a_card_is_queued(web: Web, shop: Services, accept: bool) -> None:
    chat, key = web.start()
    proposal = propose(shop, chat, f"card-{accept}")
    path = f"/api/conversations/{chat}/proposals/{proposal.id}"
    assert web.http.post(path, json={"accept": accept}, headers=key).status_code == 202
    with shop.database.read() as connection:
        of_chat = select(turns.c.data).where(turns.c.conversation_id == chat, turns.c.kind == "decision")
        assert connection.execute(of_chat).scalars().all() == [{"proposal": proposal.id, "accept": accept}]


def test_a_card_of_another_chat_is_not_found(web: Web, shop: Services) -> None:
    mine, key = web.start()
    theirs, _ = web.start()
    propose(shop, theirs, "their-card")
    answer = web.http.post(f"/api/conversations/{mine}/proposals/their-card", json={"accept": True}, headers=key)
    assert answer.status_code == 404


def test_the_shopper_gets_a_person_and_hears_of_it(web: Web) -> None:
    chat, key = web.start()
    answer = web.http.post(f"/api/conversations/{chat}/hand-over", headers=key)
    assert (answer.status_code, answer.json()) == (202, {"status": "waiting"})
    assert [e["type"] for e in web.events(chat, key, 2)] == ["said", "handed_over"]
    assert web.http.post(f"/api/conversations/{chat}/hand-over", headers=key).json() == {"status": "waiting"}


def test_staff_are_heard_by_name(web: Web, shop: Services) -> None:
    chat, key = web.start()
    shop.chat.hand_over(chat)
    shop.desk.take_over(chat, "Mara")
    shop.desk.reply(chat, "Mara", "Hello, this is Mara.")
    last = web.events(chat, key, 4)[-1]
    assert (last["by"], last["author"], last["text"]) == ("staff", "Mara", "Hello, this is Mara.")


def test_a_closed_chat_can_be_rated_and_whoever_writes_into_it_opens_it_again(web: Web, shop: Services) -> None:
    chat, key = web.start()
    shop.chat.hand_over(chat)
    shop.desk.take_over(chat, "Mara")
    shop.desk.close(chat, "Mara")
    answer = web.http.post(f"/api/conversations/{chat}/rating", json={"stars": 5, "text": "good"}, headers=key)
    assert answer.status_code == 200
    assert web.post(chat, key, "hello?").status_code == 202
    assert web.http.get(f"/api/conversations/{chat}", headers=key).json()["status"] == "bot"


@pytest.mark.parametrize("stars", [0, 6, 2.5, "5", None, True])
def test_a_rating_is_one_to_five_stars(web: Web, stars: object) -> None:
    chat, key = web.start()
    answer = web.http.post(f"/api/conversations/{chat}/rating", json={"stars": stars}, headers=key)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("stars: ")


def test_signing_in_binds_the_chat_once(web: Web, tokens: ShopperTokens) -> None:
    chat, key = web.start()
    path = f"/api/conversations/{chat}/sign-in"
    for _ in range(2):
        answer = web.http.post(path, json={"shopper_token": tokens.sign(ADA)}, headers=key)
        assert (answer.status_code, answer.json()) == (200, {"shopper": {"name": "Ada Moreau"}})
    assert web.http.post(path, json={"shopper_token": tokens.sign(BEN)}, headers=key).status_code == 409


def test_history_and_events_agree_on_their_numbers(web: Web, shop: Services) -> None:
    chat, key = web.start()
    asked = web.post(chat, key, "hello").json()["sequence"]
    said = say(shop, chat, "Hi!").sequence
    shown = emit(shop, chat, EventType.SHOWED, products=[]).sequence
    assert asked < said < shown
    assert [e["sequence"] for e in web.events(chat, key, 2)] == [said, shown]


def test_the_demo_lends_its_simulated_people_and_nobody_else(web: Web) -> None:
    people = web.http.get("/api/demo/shoppers").json()["shoppers"]
    assert [(p["id"], p["about"]) for p in people] == [
        (ADA, "1 order, the latest pending"),
        (BEN, "no orders yet"),
    ]
    token = web.http.post("/api/demo/sign-in", json={"shopper": ADA}).json()["shopper_token"]
    web.start(shopper_token=token)
    assert web.http.post("/api/demo/sign-in", json={"shopper": "real"}).status_code == 404
    assert web.http.post("/api/demo/sign-in", json={"shopper": "no\x00body"}).status_code == 404
