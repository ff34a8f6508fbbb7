"""Coming up from nothing gives exactly the tables that the program knows, on either database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, Table, inspect, text

from agent.errors import StoreError
from agent.store.database import Database
from agent.store.tables import metadata
from tests.postgres import Postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'new.db'}"
    else:
        server: Postgres = request.getfixturevalue("postgres")
        url = server.new_database(empty=True)
    database = Database(url)
    yield database
    database.close()


def differences(database: Database, expected: MetaData) -> list[object]:
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, expected))


def test_an_empty_database_becomes_what_the_program_knows(empty: Database) -> None:
    empty.migrate()
    assert differences(empty, metadata) == []


def test_the_comparison_would_notice_a_missing_table(empty: Database) -> None:
    empty.migrate()
    planted = MetaData(naming_convention=metadata.naming_convention)
    for table in metadata.tables.values():
        table.to_metadata(planted)
    Table("forgotten", planted)
    assert differences(empty, planted) != []


def test_migrating_again_changes_nothing(empty: Database) -> None:
    empty.migrate()
    with empty.write() as connection:
        connection.execute(text("INSERT INTO staff VALUES ('ann', 'x', '2026-01-01T00:00:00.000000+00:00')"))
    empty.migrate()
    with empty.read() as connection:
        assert connection.execute(text("SELECT name FROM staff")).scalars().all() == ["ann"]


def test_what_keeps_money_and_messages_single_is_in_the_database_itself(empty: Database) -> None:
    empty.migrate()
    with empty.read() as connection:
        found = inspect(connection)
        assert found.get_pk_constraint("payments")["constrained_columns"] == ["key"]
        assert found.get_pk_constraint("outbox")["constrained_columns"] == ["key"]
        unique = [c["column_names"] for c in found.get_unique_constraints("messages")]
        assert ["conversation_id", "client_id"] in unique


def test_a_database_of_a_newer_program_is_refused_in_one_line(empty: Database) -> None:
    empty.migrate()
    with empty.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError) as caught:
        empty.migrate()
    assert "SHOPKEEPER_DATABASE" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "not a url",
        "sqlite:////nowhere/at/all/shop.db",
        "postgresql+psycopg://shop:secret@127.0.0.1:1/shop",
        "nosuch://x",
        "postgresql+nosuch://x",
    ],
)
def test_a_database_that_cannot_be_opened_is_one_line_without_its_password(url: str) -> None:
    with pytest.raises(StoreError) as caught:
        Database(url).migrate()
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)
    assert "SHOPKEEPER_DATABASE" in str(caught.value)


def test_a_commit_on_sqlite_survives_a_power_cut(sqlite: Database) -> None:
    with sqlite.write() as connection:
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2  # FULL
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
