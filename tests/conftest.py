"""What every room's tests share: databases of both kinds, made once and copied."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent.store.database import Database
from tests.postgres import Postgres, private_postgres

OpenDatabase = Callable[[], Database]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with private_postgres() as server:
        if server is None:
            pytest.skip("PostgreSQL is not installed here")
        yield server


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file: to be copied, not opened."""
    path = tmp_path_factory.mktemp("migrated") / "shop.db"
    database = Database(f"sqlite:///{path}")
    database.migrate()
    database.close()
    return path


@pytest.fixture
def sqlite_url(tmp_path: Path, migrated: Path) -> str:
    """The URL of a fresh SQLite database with the shop's tables."""
    path = tmp_path / "shop.db"
    shutil.copy(migrated, path)
    return f"sqlite:///{path}"


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[Database]:
    database = Database(sqlite_url)
    yield database
    database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a fresh database with the shop's tables, of either kind."""
    if request.param == "sqlite":
        return str(request.getfixturevalue("sqlite_url"))
    server: Postgres = request.getfixturevalue("postgres")
    return server.new_database()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh, migrated database, of either kind; the contract of the store holds for both."""
    database = Database(database_url)
    yield database
    database.close()
