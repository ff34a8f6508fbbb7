"""What every room's tests share: databases of both kinds, made once and copied."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from agent.store.database import Database
from tests.postgres import Postgres, private_postgres

if TYPE_CHECKING:
    from agent.services import Services

OpenDatabase = Callable[[], Database]
OpenShop = Callable[..., "Services"]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with private_postgres() as server:
        if server is None:
            pytest.fail("PostgreSQL is not installed; install it as .ci/run does")
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


@pytest.fixture(scope="session")
def small_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of the small shop of `tests.small_shop`: to be copied, not opened."""
    from tests.small_shop import build_home

    return build_home(tmp_path_factory.mktemp("small-shop"))


@pytest.fixture
def open_small_shop(small_home: Path, tmp_path: Path) -> Iterator[OpenShop]:
    """Opens shops of the test's own, ``open_small_shop(given=model, model_timeout=…)``, closed at its end."""
    from tests.small_shop import opened

    with ExitStack() as stack:

        def open_one(**changes: Any) -> Services:
            folder = tmp_path / f"home-{len(list(tmp_path.glob('home-*')))}"
            return stack.enter_context(opened(small_home, folder, **changes))

        yield open_one


@pytest.fixture
def small_services(open_small_shop: OpenShop) -> Services:
    """A small shop of the test's own, answering with the encoder policy."""
    return open_small_shop()
