"""Turns in the database: what is still to be answered, and who works on it.

A turn is claimed with a lease, so that another worker takes it up when the first one dies; turns of one
conversation run strictly one after the other. What a turn has done so far is in the conversation's log,
so that a resumed turn goes on where the log ends.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import Connection, insert, or_, select, update

from agent.errors import Conflict
from agent.messages import Json
from agent.store.database import Database
from agent.store.rows import now
from agent.store.tables import turns

LEASE = timedelta(seconds=60)


class TurnState(StrEnum):
    RECEIVED = "received"
    DECIDING = "deciding"
    TOOL = "tool"
    SAYING = "saying"
    DONE = "done"


class TurnKind(StrEnum):
    MESSAGE = "message"
    """A message of the shopper's is to be answered."""
    DECISION = "decision"
    """The shopper pressed yes or no on a card: `data` holds the proposal and the answer."""


@dataclass(frozen=True, slots=True)
class Turn:
    id: str
    conversation_id: str
    sequence: int
    """The number of the message that it answers."""
    state: TurnState
    kind: TurnKind
    data: Json
    attempts: int
    """How often it was taken up, this time included."""


def add_turn(connection: Connection, conversation_id: str, sequence: int, kind: TurnKind, data: Json) -> str:
    """Put a turn into the queue, within the transaction that stores its message; its id."""
    turn_id = secrets.token_hex(12)
    connection.execute(
        insert(turns).values(
            id=turn_id,
            conversation_id=conversation_id,
            sequence=sequence,
            state=TurnState.RECEIVED.value,
            kind=kind.value,
            data=data,
            attempts=0,
            created_at=now(),
        )
    )
    return turn_id


def set_turn_state(connection: Connection, turn_id: str, state: TurnState, attempts: int | None = None) -> None:
    """Move a turn on, within the transaction that stores what moved it; its lease is renewed.

    Raises:
        Conflict: the turn has been taken up again since `attempts`; a worker slower than its lease must not
            write beside the one that took over.
    """
    moment = now()
    values: Json = {"state": state.value, "lease_until": moment + LEASE}
    if state is TurnState.DONE:
        values |= {"finished_at": moment, "worker": None, "lease_until": None}
    query = update(turns).where(turns.c.id == turn_id)
    if attempts is not None:
        query = query.where(turns.c.attempts == attempts)
    if connection.execute(query.values(**values)).rowcount != 1:
        raise Conflict("another worker has taken this turn up")


class TurnStore:
    """Claims and frees turns."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def claim(self, worker: str, conversation_id: str | None = None) -> Turn | None:
        """Take up the oldest turn that nobody works on and that no earlier turn of its chat holds up."""
        moment = now()
        free = or_(turns.c.worker.is_(None), turns.c.lease_until < moment)
        earlier = turns.alias()
        held_up = (
            select(earlier.c.id)
            .where(
                earlier.c.conversation_id == turns.c.conversation_id,
                earlier.c.sequence < turns.c.sequence,
                earlier.c.state != TurnState.DONE.value,
            )
            .exists()
        )
        query = select(turns).where(turns.c.state != TurnState.DONE.value, free, ~held_up)
        if conversation_id is not None:
            query = query.where(turns.c.conversation_id == conversation_id)
        with self._db.write() as connection:
            row = connection.execute(query.order_by(turns.c.created_at).limit(1)).first()
            if row is None:
                return None
            # On PostgreSQL two workers may have read the same row: the one whose update comes first has it.
            taken = connection.execute(
                update(turns)
                .where(turns.c.id == row.id, turns.c.attempts == row.attempts)
                .values(worker=worker, lease_until=moment + LEASE, attempts=row.attempts + 1)
            )
            if taken.rowcount != 1:
                return None
        return Turn(
            row.id,
            row.conversation_id,
            row.sequence,
            TurnState(row.state),
            TurnKind(row.kind),
            row.data,
            row.attempts + 1,
        )

    def release(self, worker: str | None = None) -> None:
        """Free the turns of one worker, or of all: at the start of the only process, nobody else works."""
        query = update(turns).where(turns.c.state != TurnState.DONE.value).values(worker=None, lease_until=None)
        if worker is not None:
            query = query.where(turns.c.worker == worker)
        with self._db.write() as connection:
            connection.execute(query)

    def finish(self, turn_id: str, attempts: int | None = None) -> None:
        """End a turn; where `attempts` is given, only if nobody has taken it up since."""
        with suppress(Conflict), self._db.write() as connection:
            set_turn_state(connection, turn_id, TurnState.DONE, attempts)

    def state(self, turn_id: str) -> TurnState:
        with self._db.read() as connection:
            return TurnState(connection.execute(select(turns.c.state).where(turns.c.id == turn_id)).scalar_one())

    def unfinished(self, conversation_id: str) -> bool:
        """Is the bot still at work on this chat?"""
        query = select(turns.c.id).where(
            turns.c.conversation_id == conversation_id, turns.c.state != TurnState.DONE.value
        )
        with self._db.read() as connection:
            return connection.execute(query.limit(1)).first() is not None
