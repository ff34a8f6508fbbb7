"""One proposal is on the table, it is decided once, and its money leaves the outbox once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from agent.effects import send_refunds
from agent.messages import Change, Effect, Proposal, ProposalState, ToolCall
from agent.shop import Money, Payment
from agent.store.conversations import ConversationStore
from agent.store.database import Database
from agent.store.people import PeopleStore, add_payment
from agent.store.proposals import (
    add_proposal,
    decide_proposal,
    get_proposal,
    mark_sent,
    queue_effect,
    waiting_effects,
    write_audit,
)
from agent.store.rows import now
from agent.store.tables import audit, outbox
from tests.store.racing import race
from tests.store.test_people import ADA, BEN, ORDER

CALL = ToolCall("c1", "cancel_order", {"order": "JF-1", "reason": "ordered by mistake"})
EFFECT = Effect(
    "Cancel order JF-1", (Change("Order status", "pending", "cancelled"),), Money(1_000), "Gift card", ("Final.",)
)
REFUND = {"order": "JF-1", "method": "gift", "minor": 1_000, "currency": "USD"}


def proposal(name: str = "p1") -> Proposal:
    return Proposal(name, CALL, EFFECT, ProposalState.PENDING, now() + timedelta(minutes=15), "JF-1", 0)


@pytest.fixture
def chats(database: Database) -> ConversationStore:
    PeopleStore(database).add([ADA, BEN], [ORDER])
    return ConversationStore(database)


def put(chats: ConversationStore, chat: str, item: Proposal) -> Proposal:
    with chats.append(chat) as log:
        add_proposal(log.connection, chat, "turn", item)
    return item


def test_a_proposal_comes_back_as_it_was_put_in(chats: ConversationStore, database: Database) -> None:
    chat = chats.create("ada").id
    item = put(chats, chat, proposal())
    assert chats.get(chat).pending == item
    with database.read() as connection:
        assert get_proposal(connection, chat, "p1") == item


def test_a_proposal_of_another_chat_does_not_exist_in_this_one(chats: ConversationStore, database: Database) -> None:
    put(chats, chats.create("ada").id, proposal())
    with database.read() as connection:
        assert get_proposal(connection, chats.create("ben").id, "p1") is None


def test_only_the_newest_is_pending(chats: ConversationStore, database: Database) -> None:
    chat = chats.create("ada").id
    put(chats, chat, proposal("p1"))
    second = put(chats, chat, proposal("p2"))
    assert chats.get(chat).pending == second
    with database.read() as connection:
        first = get_proposal(connection, chat, "p1")
    assert first is not None
    assert first.state is ProposalState.REPLACED


@pytest.mark.parametrize(
    "end", [ProposalState.DONE, ProposalState.DECLINED, ProposalState.EXPIRED, ProposalState.FAILED]
)
def test_a_decided_proposal_is_off_the_table(chats: ConversationStore, database: Database, end: ProposalState) -> None:
    chat = chats.create("ada").id
    put(chats, chat, proposal())
    with database.write() as connection:
        assert decide_proposal(connection, "p1", end)
        assert not decide_proposal(connection, "p1", ProposalState.DONE)
        found = get_proposal(connection, chat, "p1")
    assert found is not None
    assert found.state is end
    assert chats.get(chat).pending is None


def test_it_is_decided_once_however_many_decide_at_once(chats: ConversationStore, database: Database) -> None:
    put(chats, chats.create("ada").id, proposal())

    def decide(number: int) -> bool:
        with database.write() as connection:
            return decide_proposal(connection, "p1", ProposalState.DONE if number % 2 else ProposalState.DECLINED)

    assert sorted(race(8, decide)) == [False] * 7 + [True]  # type: ignore[type-var]


def test_an_effect_is_queued_once_under_one_key(chats: ConversationStore, database: Database) -> None:
    def queue(_: int) -> None:
        with database.write() as connection:
            queue_effect(connection, "refund:p1", "p1", "refund", REFUND)

    results = race(6, queue)
    assert results.count(None) == 1
    assert all(isinstance(r, IntegrityError) for r in results if r is not None)
    with database.read() as connection:
        assert waiting_effects(connection) == [("refund:p1", "refund", REFUND)]


def test_money_leaves_the_outbox_once_however_many_send(chats: ConversationStore, database: Database) -> None:
    people = PeopleStore(database)
    with database.write() as connection:
        for number in range(5):
            queue_effect(connection, f"refund:{number}", f"p{number}", "refund", REFUND)
    assert sum(r for r in race(8, lambda _: send_refunds(database)) if isinstance(r, int)) == 5
    assert send_refunds(database) == 0
    assert sum(p.amount.minor for p in people.order("JF-1", "ada").payments) == -5_000
    assert people.shopper("ada").payment_methods[1].balance == Money(10_000)
    with database.read() as connection:
        assert waiting_effects(connection) == []
        assert {row.state for row in connection.execute(select(outbox))} == {"sent"}
        assert all(row.sent_at is not None for row in connection.execute(select(outbox)))


def test_an_entry_that_is_ticked_off_is_not_sent_again(chats: ConversationStore, database: Database) -> None:
    with database.write() as connection:
        queue_effect(connection, "refund:p1", "p1", "refund", REFUND)
        assert mark_sent(connection, "refund:p1")
        assert not mark_sent(connection, "refund:p1")
    assert send_refunds(database) == 0


def test_even_an_outbox_that_forgets_cannot_move_money_twice(chats: ConversationStore, database: Database) -> None:
    """The fault planted: the tick is lost. The payment's own key still holds."""
    with database.write() as connection:
        queue_effect(connection, "refund:p1", "p1", "refund", REFUND)
    assert send_refunds(database) == 1
    with database.write() as connection:
        connection.execute(update(outbox).values(state="waiting"))
    assert send_refunds(database) == 0
    people = PeopleStore(database)
    assert len(people.order("JF-1", "ada").payments) == 1
    assert people.shopper("ada").payment_methods[1].balance == Money(6_000)


def test_a_sending_that_fails_keeps_its_entry_and_holds_up_no_other(
    chats: ConversationStore, database: Database
) -> None:
    with database.write() as connection:
        queue_effect(connection, "refund:p1", "p1", "refund", REFUND)
        queue_effect(connection, "refund:p2", "p2", "refund", REFUND)
        add_payment(connection, "JF-1", Payment(now(), Money(-1), "gift", "refund:p1"))  # somebody has used its key
    assert send_refunds(database) == 1
    with database.read() as connection:
        assert [key for key, _, _ in waiting_effects(connection)] == ["refund:p1"]


def test_the_audit_log_says_who_did_what_where_on_which_yes(chats: ConversationStore, database: Database) -> None:
    with database.write() as connection:
        write_audit(connection, "shopper:ada", "cancel_order", "chat", "p1", subject="JF-1")
    with database.read() as connection:
        row = connection.execute(select(audit)).one()
    assert (row.actor, row.action, row.conversation_id, row.proposal_id) == (
        "shopper:ada",
        "cancel_order",
        "chat",
        "p1",
    )
    assert row.data == {"subject": "JF-1"}
