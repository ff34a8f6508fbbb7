"""What shoppers did and what they said they like, in the database; the recommendation core's memory."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import delete, func, insert, select

from agent.behaviour import BehaviourEvent
from agent.store.database import Database
from agent.store.rows import now
from agent.store.tables import behaviour, preferences

_BATCH = 5_000


class StatedPreference(NamedTuple):
    facet: str
    value: str
    liked: bool


class TasteStore:
    """Behaviour events and stated preferences of shoppers."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, items: Iterable[BehaviourEvent]) -> None:
        """Add behaviour, all or nothing."""
        rows = [
            {
                "shopper_id": e.shopper_id,
                "product_id": e.product_id,
                "kind": str(e.kind),
                "at": e.at,
                "session": e.session,
            }
            for e in items
        ]
        with self._db.write() as connection:
            for start in range(0, len(rows), _BATCH):
                connection.execute(insert(behaviour), rows[start : start + _BATCH])

    def recent(self, shopper_id: str, most: int = 200) -> list[BehaviourEvent]:
        """A shopper's last events, the oldest first."""
        query = select(behaviour).where(behaviour.c.shopper_id == shopper_id)
        query = query.order_by(behaviour.c.at.desc(), behaviour.c.id.desc()).limit(most)
        with self._db.read() as connection:
            rows = connection.execute(query).all()
        return [BehaviourEvent(r.shopper_id, r.product_id, r.kind, r.at, r.session) for r in reversed(rows)]

    def all(self) -> list[BehaviourEvent]:
        """Every event, oldest first; what the core is trained on."""
        with self._db.read() as connection:
            rows = connection.execute(select(behaviour).order_by(behaviour.c.at, behaviour.c.id)).all()
        return [BehaviourEvent(r.shopper_id, r.product_id, r.kind, r.at, r.session) for r in rows]

    def count(self) -> int:
        with self._db.read() as connection:
            return connection.execute(select(func.count()).select_from(behaviour)).scalar_one()

    def state(self, shopper_id: str, preference: StatedPreference) -> None:
        """Remember a stated preference; a later word on the same value replaces an earlier one."""
        same = (
            (preferences.c.shopper_id == shopper_id)
            & (preferences.c.facet == preference.facet)
            & (preferences.c.value == preference.value)
        )
        with self._db.write() as connection:
            connection.execute(delete(preferences).where(same))
            connection.execute(insert(preferences).values(shopper_id=shopper_id, at=now(), **preference._asdict()))

    def forget(self, shopper_id: str, facet: str, value: str | None = None) -> int:
        """Drop a stated preference, or all of a facet; how many went."""
        query = delete(preferences).where(preferences.c.shopper_id == shopper_id, preferences.c.facet == facet)
        if value is not None:
            query = query.where(preferences.c.value == value)
        with self._db.write() as connection:
            return connection.execute(query).rowcount

    def stated(self, shopper_id: str) -> list[StatedPreference]:
        """What the shopper said, in the order in which it was said."""
        query = select(preferences).where(preferences.c.shopper_id == shopper_id).order_by(preferences.c.at)
        with self._db.read() as connection:
            rows = connection.execute(query).all()
        return [StatedPreference(r.facet, r.value, r.liked) for r in rows]
