"""Opening the database: SQLite by default, PostgreSQL by URL, brought to the newest tables by Alembic.

SQLite gets one writing connection, taken in turns (two would only meet as 'database is locked'), and
readers beside it: WAL with ``synchronous=FULL``, so that a commit survives a power cut.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from agent.errors import StoreError

_MIGRATIONS = Path(__file__).parent / "migrations"


class Database:
    """One database with two doors: `write` (serialised on SQLite) and `read`."""

    def __init__(self, url: str) -> None:
        try:
            parsed = make_url(url)
        except ArgumentError as error:
            raise StoreError(f"SHOPKEEPER_DATABASE is not a database URL: {error}") from error
        self.url = parsed
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        try:
            self._writer = self._engine(write=True)
            # One statement must not see more than the one before it; SQLite's readers never do.
            snapshot = {"isolation_level": "REPEATABLE READ"}
            self._reader = self._engine(write=False) if self.is_sqlite else self._writer.execution_options(**snapshot)
        except (NoSuchModuleError, ImportError) as error:
            raise StoreError(f"SHOPKEEPER_DATABASE: {error}; use sqlite:/// or postgresql+psycopg://") from error

    def _engine(self, *, write: bool) -> Engine:
        if not self.is_sqlite:
            return create_engine(self.url, pool_size=8, max_overflow=8, pool_pre_ping=True)
        engine = create_engine(
            self.url,
            poolclass=QueuePool,
            pool_size=1 if write else 8,
            max_overflow=0 if write else 16,
            pool_timeout=60,
            connect_args={"check_same_thread": False, "timeout": 60},
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_immediate if write else _begin_deferred)
        return engine

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that may write: committed at the end, rolled back on any error."""
        with self._writer.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent view for reading."""
        with self._reader.begin() as connection:
            yield connection

    def migrate(self) -> None:
        """Bring the tables to the newest version.

        Raises:
            StoreError: the database cannot be reached, or is newer than this program.
        """
        from alembic import command
        from alembic.config import Config
        from alembic.util import CommandError

        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS))
        try:
            with self.write() as connection:
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
        except (SQLAlchemyError, CommandError) as error:
            shown = self.url.render_as_string(hide_password=True)
            reason = str(error).splitlines()[0]
            raise StoreError(f"cannot open the database {shown}: {reason}; check SHOPKEEPER_DATABASE") from error

    def close(self) -> None:
        self._reader.dispose()
        self._writer.dispose()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # SQLAlchemy says BEGIN itself, see below
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=60000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    # Taking the write lock at once avoids the deadlock of two readers who both want to become writers.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_deferred(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
