"""Turns are taken up in order, one at a time in a chat, by one worker, and again when that worker is gone."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import update

from agent.errors import Conflict
from agent.messages import Message, Role
from agent.store.conversations import ConversationStore
from agent.store.database import Database
from agent.store.rows import now
from agent.store.tables import turns as rows
from agent.store.turns import TurnKind, TurnState, TurnStore, add_turn, set_turn_state
from tests.store.racing import race


@pytest.fixture
def chats(database: Database) -> ConversationStore:
    return ConversationStore(database)


@pytest.fixture
def turns(database: Database) -> TurnStore:
    return TurnStore(database)


def post(chats: ConversationStore, chat: str) -> str:
    with chats.append(chat) as log:
        sequence = log.message(Message(Role.SHOPPER, "hi"))
        return add_turn(log.connection, chat, sequence, TurnKind.MESSAGE, {"a": 1})


def expire(database: Database, turn_id: str) -> None:
    with database.write() as connection:
        connection.execute(update(rows).where(rows.c.id == turn_id).values(lease_until=now() - timedelta(seconds=1)))


def test_the_oldest_turn_is_taken_first(chats: ConversationStore, turns: TurnStore) -> None:
    ids = [post(chats, chats.create(None).id) for _ in range(3)]
    claimed = [turns.claim("w") for _ in range(4)]
    assert [t.id if t else None for t in claimed] == [*ids, None]
    first = claimed[0]
    assert first is not None
    assert (first.state, first.kind, first.data, first.attempts) == (TurnState.RECEIVED, TurnKind.MESSAGE, {"a": 1}, 1)


def test_turns_of_one_chat_come_strictly_one_after_the_other(chats: ConversationStore, turns: TurnStore) -> None:
    chat = chats.create(None).id
    first, second = post(chats, chat), post(chats, chat)
    other = post(chats, chats.create(None).id)
    assert [t.id for t in (turns.claim("a"), turns.claim("b")) if t] == [first, other]
    assert turns.claim("c") is None
    assert turns.unfinished(chat)
    turns.finish(first)
    taken = turns.claim("c")
    assert taken is not None
    assert taken.id == second
    turns.finish(second)
    assert not turns.unfinished(chat)
    assert turns.state(second) is TurnState.DONE


def test_a_turn_whose_worker_died_is_taken_up_when_its_lease_is_over(
    chats: ConversationStore, turns: TurnStore, database: Database
) -> None:
    turn = post(chats, chats.create(None).id)
    assert turns.claim("dies") is not None
    assert turns.claim("other") is None
    expire(database, turn)
    again = turns.claim("other")
    assert again is not None
    assert (again.id, again.attempts) == (turn, 2)
    assert turns.claim("third") is None


def test_each_step_renews_the_lease(chats: ConversationStore, turns: TurnStore, database: Database) -> None:
    turn = post(chats, chats.create(None).id)
    turns.claim("works")
    expire(database, turn)
    with database.write() as connection:
        set_turn_state(connection, turn, TurnState.TOOL)
    assert turns.claim("other") is None
    assert turns.state(turn) is TurnState.TOOL


def test_releasing_frees_the_turns_of_one_worker_or_of_all(chats: ConversationStore, turns: TurnStore) -> None:
    for _ in range(2):
        post(chats, chats.create(None).id)
    a, b = turns.claim("a"), turns.claim("b")
    assert a is not None
    assert b is not None
    turns.release("a")
    freed = turns.claim("c")
    assert freed is not None
    assert freed.id == a.id
    turns.release()
    assert {t.id for t in (turns.claim("d"), turns.claim("e")) if t} == {a.id, b.id}


def test_one_chat_alone_can_be_asked_for(chats: ConversationStore, turns: TurnStore) -> None:
    post(chats, chats.create(None).id)
    mine = chats.create(None).id
    turn = post(chats, mine)
    taken = turns.claim("w", mine)
    assert taken is not None
    assert taken.id == turn


def test_two_workers_never_have_the_same_turn_and_a_chat_never_two(chats: ConversationStore, turns: TurnStore) -> None:
    conversations = [chats.create(None).id for _ in range(4)]
    expected = {post(chats, chat) for chat in conversations for _ in range(5)}
    lock, busy, order = threading.Lock(), set[str](), dict[str, list[int]]()
    done: list[str] = []

    def work(number: int) -> str:
        idle = 0
        while idle < 40:
            turn = turns.claim(f"worker-{number}")
            if turn is None:
                idle += 1
                time.sleep(0.005)
                continue
            idle = 0
            with lock:
                assert turn.conversation_id not in busy, "two turns of one chat at once"
                busy.add(turn.conversation_id)
                order.setdefault(turn.conversation_id, []).append(turn.sequence)
                done.append(turn.id)
            time.sleep(0.002)
            with lock:
                busy.discard(turn.conversation_id)
            turns.finish(turn.id)
        return "ok"

    assert race(6, work) == ["ok"] * 6
    assert len(done) == len(expected)
    assert set(done) == expected
    assert all(numbers == sorted(numbers) for numbers in order.values())


def test_a_worker_that_lost_its_turn_cannot_move_it_any_more(
    chats: ConversationStore, turns: TurnStore, database: Database
) -> None:
    """A worker slower than its lease must not write beside the one that took over from it."""
    turn = post(chats, chats.create(None).id)
    slow = turns.claim("slow")
    assert slow is not None
    expire(database, turn)
    quick = turns.claim("quick")
    assert quick is not None
    with pytest.raises(Conflict), database.write() as connection:
        set_turn_state(connection, slow.id, TurnState.SAYING, attempts=slow.attempts)
    turns.finish(slow.id, slow.attempts)
    assert turns.state(turn) is TurnState.RECEIVED
    with database.write() as connection:
        set_turn_state(connection, quick.id, TurnState.DONE, attempts=quick.attempts)
    assert turns.state(turn) is TurnState.DONE
