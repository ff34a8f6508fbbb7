"""The support staff and their passwords (Argon2id hashes) in the database."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import delete, insert, select

from agent.store.database import Database
from agent.store.rows import now
from agent.store.tables import staff


class StaffStore:
    """Who may work at the desk."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def set(self, name: str, password: str) -> None:
        """Add a member, or give one a new password."""
        from argon2 import PasswordHasher

        hashed = PasswordHasher().hash(password)
        with self._db.write() as connection:
            connection.execute(delete(staff).where(staff.c.name == name))
            connection.execute(insert(staff).values(name=name, password_hash=hashed, created_at=now()))

    def check(self, name: str, password: str) -> bool:
        """Is this the member's password? An unknown name costs as much time as a wrong password."""
        from argon2 import PasswordHasher
        from argon2.exceptions import InvalidHashError, VerificationError

        hasher = PasswordHasher()
        with self._db.read() as connection:
            known = connection.execute(select(staff.c.password_hash).where(staff.c.name == name)).scalar()
        try:
            return hasher.verify(known or _nobody(), password) and known is not None
        except (VerificationError, InvalidHashError):
            return False

    def remove(self, name: str) -> bool:
        """Remove a member. False when there is none of this name."""
        with self._db.write() as connection:
            return connection.execute(delete(staff).where(staff.c.name == name)).rowcount == 1

    def names(self) -> list[str]:
        with self._db.read() as connection:
            return list(connection.execute(select(staff.c.name).order_by(staff.c.name)).scalars())


@lru_cache(maxsize=1)
def _nobody() -> str:
    """A hash to check against where there is no such member; made once, since making it takes as long as checking."""
    from argon2 import PasswordHasher

    return PasswordHasher().hash("nobody")
