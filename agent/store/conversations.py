"""Conversations in the database: one numbered log of messages and events a chat.

Whoever appends names the version of the conversation that the entry was written for; when the chat has
changed hands meanwhile (a person took over), the append is refused and nothing of it is kept.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from agent.errors import Conflict, NotFound
from agent.messages import Conversation, Event, EventType, Json, Message, Proposal, ProposalState, Role, Status
from agent.store.database import Database
from agent.store.rows import call_json, now, read_call, read_effect, read_result, result_json
from agent.store.tables import conversations, events, messages, proposals


@dataclass(frozen=True, slots=True)
class Started:
    """A new conversation and the only copy of its token in clear."""

    id: str
    token: str


class Log:
    """An open append to one conversation, inside one transaction."""

    def __init__(self, connection: Connection, conversation_id: str, turn_id: str | None) -> None:
        self.connection = connection
        self.conversation_id = conversation_id
        self._turn_id = turn_id

    def message(self, message: Message, client_id: str | None = None) -> int:
        """Append a message; its number."""
        sequence = self._next()
        self.connection.execute(
            insert(messages).values(
                conversation_id=self.conversation_id,
                sequence=sequence,
                role=message.role.value,
                text=message.text,
                calls=[call_json(c) for c in message.calls],
                result=result_json(message.result),
                author=message.author,
                client_id=client_id,
                turn_id=self._turn_id,
                at=now(),
            )
        )
        return sequence

    def event(self, kind: EventType, **data: Any) -> Event:
        """Append an event; the event with its number."""
        sequence = self._next()
        self.connection.execute(
            insert(events).values(
                conversation_id=self.conversation_id,
                sequence=sequence,
                type=kind.value,
                data=data,
                turn_id=self._turn_id,
                at=now(),
            )
        )
        return Event(kind, self.conversation_id, sequence, data)

    def change(self, **values: Any) -> None:
        """Change the conversation itself (status, assignee); it counts as changing hands."""
        self.connection.execute(
            update(conversations)
            .where(conversations.c.id == self.conversation_id)
            .values(version=conversations.c.version + 1, updated_at=now(), **values)
        )

    def _next(self) -> int:
        query = (
            update(conversations)
            .where(conversations.c.id == self.conversation_id)
            .values(last_sequence=conversations.c.last_sequence + 1, updated_at=now())
            .returning(conversations.c.last_sequence)
        )
        return int(self.connection.execute(query).scalar_one())


class ConversationStore:
    """Creates, finds, reads and appends to conversations."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def create(self, shopper_id: str | None, conversation_id: str | None = None) -> Started:
        """A new conversation with an unguessable id and token (256 bits; only its hash is kept)."""
        started = Started(conversation_id or secrets.token_urlsafe(16), secrets.token_urlsafe(32))
        moment = now()
        with self._db.write() as connection:
            connection.execute(
                insert(conversations).values(
                    id=started.id,
                    token_hash=_hash(started.token),
                    shopper_id=shopper_id,
                    status=Status.BOT.value,
                    version=0,
                    last_sequence=0,
                    created_at=moment,
                    updated_at=moment,
                )
            )
        return started

    def authenticate(self, conversation_id: str, token: str) -> Conversation:
        """The conversation that this token opens. Raises NotFound, whichever of the two is wrong."""
        with self._db.read() as connection:
            row = connection.execute(select(conversations).where(conversations.c.id == conversation_id)).first()
            kept = row.token_hash if row is not None else ""
            if row is None or not secrets.compare_digest(kept, _hash(token)):
                raise NotFound("no such conversation, or not with this token")
            return _conversation(connection, row)

    def get(self, conversation_id: str) -> Conversation:
        """Raises NotFound."""
        with self._db.read() as connection:
            return read_conversation(connection, conversation_id)

    def exists(self, conversation_id: str) -> bool:
        with self._db.read() as connection:
            query = select(conversations.c.id).where(conversations.c.id == conversation_id)
            return connection.execute(query).first() is not None

    @contextmanager
    def append(self, conversation_id: str, *, version: int | None = None, turn_id: str | None = None) -> Iterator[Log]:
        """Append within one transaction.

        Raises:
            Conflict: the conversation's version is no longer `version`; nothing is kept.
            NotFound: there is no such conversation.
        """
        with self._db.write() as connection:
            # Touching the row first locks it on PostgreSQL, so that the version cannot change under us.
            touch = update(conversations).where(conversations.c.id == conversation_id).values(updated_at=now())
            found = connection.execute(touch.returning(conversations.c.version)).scalar()
            if found is None:
                raise NotFound("no such conversation")
            if version is not None and found != version:
                raise Conflict("the conversation has changed hands meanwhile")
            yield Log(connection, conversation_id, turn_id)

    def messages(self, conversation_id: str) -> list[Message]:
        """The whole chat, oldest first."""
        with self._db.read() as connection:
            return read_messages(connection, conversation_id)

    def sequence_of(self, conversation_id: str, client_id: str) -> int | None:
        """The number of the message that was sent under this client id, if it was."""
        query = select(messages.c.sequence).where(
            messages.c.conversation_id == conversation_id, messages.c.client_id == client_id
        )
        with self._db.read() as connection:
            found: int | None = connection.execute(query).scalar()
            return found

    def events(self, conversation_id: str, after: int = 0) -> list[Event]:
        """The events with a number above `after`, in order."""
        query = select(events).where(events.c.conversation_id == conversation_id, events.c.sequence > after)
        with self._db.read() as connection:
            rows = connection.execute(query.order_by(events.c.sequence)).all()
        return [Event(EventType(row.type), conversation_id, row.sequence, row.data) for row in rows]

    def turn_events(self, turn_id: str) -> list[Event]:
        """The events of one turn, in order."""
        query = select(events).where(events.c.turn_id == turn_id).order_by(events.c.sequence)
        with self._db.read() as connection:
            rows = connection.execute(query).all()
        return [Event(EventType(row.type), row.conversation_id, row.sequence, row.data) for row in rows]

    def sign_in(self, conversation_id: str, shopper_id: str) -> None:
        """Bind the conversation to a shopper, once. Raises Conflict when it is somebody else's already."""
        with self._db.write() as connection:
            result = connection.execute(
                update(conversations)
                .where(
                    conversations.c.id == conversation_id,
                    conversations.c.shopper_id.is_(None) | (conversations.c.shopper_id == shopper_id),
                )
                .values(shopper_id=shopper_id, updated_at=now())
            )
            if result.rowcount != 1:
                raise Conflict("this chat belongs to another account; start a new one")

    def rate(self, conversation_id: str, stars: int, text: str) -> None:
        with self._db.write() as connection:
            connection.execute(
                update(conversations)
                .where(conversations.c.id == conversation_id)
                .values(rating=stars, rating_text=text)
            )

    def queue(self, *statuses: Status, newest: int | None = None) -> list[Conversation]:
        """The conversations in these states, the longest untouched first; or the `newest` few, the latest first."""
        query = select(conversations).where(conversations.c.status.in_([s.value for s in statuses]))
        touched = conversations.c.updated_at
        query = query.order_by(touched) if newest is None else query.order_by(touched.desc()).limit(newest)
        with self._db.read() as connection:
            return [_conversation(connection, row) for row in connection.execute(query).all()]

    def handover(self, conversation_id: str) -> Json | None:
        """What was noted for the desk when the chat was handed over."""
        query = select(conversations.c.handover).where(conversations.c.id == conversation_id)
        with self._db.read() as connection:
            found: Json | None = connection.execute(query).scalar()
            return found


def read_conversation(connection: Connection, conversation_id: str) -> Conversation:
    """One conversation within a transaction. Raises NotFound."""
    row = connection.execute(select(conversations).where(conversations.c.id == conversation_id)).first()
    if row is None:
        raise NotFound("no such conversation")
    return _conversation(connection, row)


def read_messages(connection: Connection, conversation_id: str) -> list[Message]:
    """The whole chat within a transaction, oldest first."""
    query = select(messages).where(messages.c.conversation_id == conversation_id).order_by(messages.c.sequence)
    return [_message(row) for row in connection.execute(query)]


def read_proposal(row: Row[Any]) -> Proposal:
    return Proposal(
        id=row.id,
        call=read_call(row.call),
        effect=read_effect(row.effect),
        state=ProposalState(row.state),
        expires_at=row.expires_at,
        subject=row.subject,
        subject_version=row.subject_version,
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _conversation(connection: Connection, row: Row[Any]) -> Conversation:
    query = select(proposals).where(
        proposals.c.conversation_id == row.id, proposals.c.state == ProposalState.PENDING.value
    )
    pending = connection.execute(query.order_by(proposals.c.created_at.desc()).limit(1)).first()
    return Conversation(
        id=row.id,
        shopper_id=row.shopper_id,
        status=Status(row.status),
        version=row.version,
        pending=None if pending is None else read_proposal(pending),
        assigned_to=row.assigned_to,
        created_at=row.created_at,
        handover_reason=row.handover_reason,
    )


def _message(row: Row[Any]) -> Message:
    return Message(
        role=Role(row.role),
        text=row.text,
        calls=tuple(read_call(c) for c in row.calls),
        result=read_result(row.result),
        sequence=row.sequence,
        at=row.at,
        author=row.author,
        turn_id=row.turn_id,
    )
