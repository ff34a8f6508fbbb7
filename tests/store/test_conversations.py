"""One numbered log a chat: opened by its token only, without gaps, refused to whoever writes for an older version."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import select

from agent.errors import Conflict, NotFound
from agent.messages import EventType, Message, Role, Status, ToolCall, ToolResult
from agent.store.conversations import ConversationStore
from agent.store.database import Database
from agent.store.rows import now
from agent.store.tables import conversations as rows
from tests.store.racing import race


@pytest.fixture
def store(database: Database) -> ConversationStore:
    return ConversationStore(database)


# --- whose it is -----------------------------------------------------------------------------------------


def test_the_token_opens_the_chat(store: ConversationStore) -> None:
    chat = store.create("ada")
    opened = store.authenticate(chat.id, chat.token)
    assert (opened.id, opened.shopper_id, opened.status, opened.version) == (chat.id, "ada", Status.BOT, 0)
    assert opened.created_at is not None
    assert now() - opened.created_at < timedelta(minutes=1)


def test_a_wrong_token_looks_like_a_chat_that_does_not_exist(store: ConversationStore) -> None:
    chat, other = store.create(None), store.create(None)
    errors = []
    wrong = [
        (chat.id, "wrong"),
        (chat.id, ""),
        (chat.id, other.token),
        (chat.id, chat.token + "x"),
        ("nothing", chat.token),
    ]
    for conversation_id, token in wrong:
        with pytest.raises(NotFound) as caught:
            store.authenticate(conversation_id, token)
        errors.append(str(caught.value))
    assert len(set(errors)) == 1


def test_ids_and_tokens_cannot_be_guessed_and_the_token_is_not_kept(
    store: ConversationStore, database: Database
) -> None:
    chats = [store.create(None) for _ in range(50)]
    assert len({c.id for c in chats}) == len({c.token for c in chats}) == 50
    assert min(len(c.id) for c in chats) >= 20  # 128 bits and more
    assert min(len(c.token) for c in chats) >= 43  # 256 bits
    with database.read() as connection:
        kept = connection.execute(select(rows).where(rows.c.id == chats[0].id)).one()
    assert chats[0].token not in [str(value) for value in kept]
    assert kept.token_hash == hashlib.sha256(chats[0].token.encode()).hexdigest()


def test_a_chat_is_bound_to_one_shopper_once(store: ConversationStore) -> None:
    chat = store.create(None)
    store.sign_in(chat.id, "ada")
    store.sign_in(chat.id, "ada")
    with pytest.raises(Conflict):
        store.sign_in(chat.id, "ben")
    assert store.get(chat.id).shopper_id == "ada"


def test_of_two_shoppers_who_sign_in_at_once_one_has_the_chat(store: ConversationStore) -> None:
    chat = store.create(None)
    names = [f"shopper-{n}" for n in range(6)]
    results = race(6, lambda n: store.sign_in(chat.id, names[n]))
    assert results.count(None) == 1
    assert store.get(chat.id).shopper_id == names[results.index(None)]


# --- the log ---------------------------------------------------------------------------------------------


def test_what_is_appended_comes_back(store: ConversationStore) -> None:
    chat = store.create(None).id
    call = ToolCall("c1", "get_order", {"order": "JF-1", "nested": {"ö": [1, 2.5, None, True]}})
    result = ToolResult("c1", True, {"order": {"id": "JF-1"}}, shows={"order": {"id": "JF-1"}})
    refused = ToolResult("c2", False, {"refused": "no"}, "no", "some.rule")
    with store.append(chat, turn_id="t1") as log:
        log.message(Message(Role.SHOPPER, "where is it? 👋🏽"), client_id="x")
        log.message(Message(Role.BOT, calls=(call,)))
        log.message(Message(Role.TOOL, result=result))
        log.message(Message(Role.TOOL, result=refused))
        log.message(Message(Role.STAFF, "hello", author="Mia"))
    found = store.messages(chat)
    assert [m.sequence for m in found] == [1, 2, 3, 4, 5]
    assert found[0].text == "where is it? 👋🏽"
    assert found[1].calls == (call,)
    assert [found[2].result, found[3].result] == [result, refused]
    assert (found[4].author, found[4].turn_id) == ("Mia", "t1")
    assert all(m.at is not None for m in found)


def test_messages_and_events_share_one_numbering(store: ConversationStore) -> None:
    chat = store.create(None).id
    with store.append(chat, turn_id="t1") as log:
        log.message(Message(Role.SHOPPER, "hi"))
        said = log.event(EventType.SAID, text="hello")
    with store.append(chat) as log:
        log.message(Message(Role.SHOPPER, "bye"))
        log.event(EventType.WORKING, step="thinking")
    assert said.sequence == 2
    assert [m.sequence for m in store.messages(chat)] == [1, 3]
    assert [e.sequence for e in store.events(chat)] == [2, 4]
    assert [e.sequence for e in store.events(chat, after=2)] == [4]
    assert store.events(chat)[0].as_json() == {"type": "said", "sequence": 2, "conversation": chat, "text": "hello"}
    assert [e.sequence for e in store.turn_events("t1")] == [2]


def test_numbers_have_no_gap_and_no_double_under_eight_threads(store: ConversationStore) -> None:
    chat = store.create(None).id

    def write(number: int) -> None:
        for _ in range(6):
            with store.append(chat) as log:
                log.message(Message(Role.SHOPPER, str(number)))
                log.event(EventType.WORKING, step=str(number))

    assert race(8, write) == [None] * 8
    numbers = [m.sequence for m in store.messages(chat)] + [e.sequence for e in store.events(chat)]
    assert sorted(numbers) == list(range(1, 97))


def test_an_error_within_an_append_leaves_nothing_and_no_gap(store: ConversationStore) -> None:
    chat = store.create(None).id
    with pytest.raises(RuntimeError), store.append(chat) as log:
        log.message(Message(Role.SHOPPER, "lost"))
        raise RuntimeError
    with store.append(chat) as log:
        assert log.message(Message(Role.SHOPPER, "kept")) == 1
    assert [m.text for m in store.messages(chat)] == ["kept"]


def test_an_append_for_an_older_version_is_refused_and_nothing_of_it_is_kept(store: ConversationStore) -> None:
    chat = store.create(None).id
    with store.append(chat, version=0) as log:
        log.change(status=Status.STAFF.value, assigned_to="Mia")
    with pytest.raises(Conflict), store.append(chat, version=0) as log:
        log.message(Message(Role.BOT, "a late draft"))
    assert store.messages(chat) == []
    now_is = store.get(chat)
    assert (now_is.version, now_is.status, now_is.assigned_to) == (1, Status.STAFF, "Mia")
    with store.append(chat, version=1) as log:
        log.message(Message(Role.STAFF, "hello"))


def test_the_version_cannot_change_while_an_append_is_open(store: ConversationStore) -> None:
    """Of several that read version 0 and change hands at once, exactly one succeeds."""
    chat = store.create(None).id

    def take(number: int) -> str:
        with store.append(chat, version=0) as log:
            log.change(status=Status.STAFF.value, assigned_to=f"staff-{number}")
        return f"staff-{number}"

    results = race(6, take)
    winners = [r for r in results if isinstance(r, str)]
    assert len(winners) == 1
    assert all(isinstance(r, Conflict) for r in results if not isinstance(r, str))
    assert store.get(chat).assigned_to == winners[0]


def test_without_a_version_the_last_one_would_win(store: ConversationStore) -> None:
    """The twin of the test above, with the fault planted: nobody names the version."""
    chat = store.create(None).id

    def take(number: int) -> str:
        with store.append(chat) as log:
            log.change(status=Status.STAFF.value, assigned_to=f"staff-{number}")
        return f"staff-{number}"

    assert len([r for r in race(6, take) if isinstance(r, str)]) == 6


def test_appending_to_no_chat_is_not_found(store: ConversationStore) -> None:
    with pytest.raises(NotFound), store.append("nothing"):
        pass
    with pytest.raises(NotFound):
        store.get("nothing")
    assert not store.exists("nothing")


def test_a_client_id_counts_once_in_a_chat_and_again_in_another(store: ConversationStore) -> None:
    chat, other = store.create(None).id, store.create(None).id
    for conversation in (chat, other):
        with store.append(conversation) as log:
            log.message(Message(Role.SHOPPER, "hi"), client_id="x")
    assert store.sequence_of(chat, "x") == store.sequence_of(other, "x") == 1
    assert store.sequence_of(chat, "y") is None

    def again(_: int) -> None:
        with store.append(chat) as log:
            log.message(Message(Role.SHOPPER, "hi"), client_id="z")

    assert race(6, again).count(None) == 1
    assert len(store.messages(chat)) == 2


# --- what the desk reads ---------------------------------------------------------------------------------


def test_the_queue_has_the_longest_waiting_first(store: ConversationStore) -> None:
    chats = [store.create(None).id for _ in range(3)]
    for chat in (chats[2], chats[0]):
        with store.append(chat) as log:
            log.change(status=Status.WAITING.value, handover_reason="asked", handover={"reason": "asked"})
    assert [c.id for c in store.queue(Status.WAITING)] == [chats[2], chats[0]]
    assert [c.id for c in store.queue(Status.BOT)] == [chats[1]]
    assert store.handover(chats[0]) == {"reason": "asked"}
    assert store.get(chats[0]).handover_reason == "asked"
    assert store.handover(chats[1]) is None


def test_reading_sees_one_moment_only(database: Database) -> None:
    """A reader that has begun does not see what is committed meanwhile, so that a whole is read as a whole."""
    store = ConversationStore(database)
    chat = store.create(None).id
    with database.read() as connection:
        before = connection.execute(select(rows.c.last_sequence).where(rows.c.id == chat)).scalar()
        with store.append(chat) as log:
            log.message(Message(Role.SHOPPER, "meanwhile"))
        after = connection.execute(select(rows.c.last_sequence).where(rows.c.id == chat)).scalar()
    assert before == after == 0
