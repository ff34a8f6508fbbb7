from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import FastAPI

from agent.services import Services
from agent.web.api import create_app
from agent.web.tokens import ShopperTokens
from tests.web.serving import Web, serving
from tests.web.small_shop import SECRET, open_small_shop


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    shop = open_small_shop(tmp_path_factory.mktemp("home"))
    yield shop
    shop.database.close()


@pytest.fixture(scope="session")
def app(shop: Services) -> FastAPI:
    return create_app(shop)


@pytest.fixture(scope="session")
def address(app: FastAPI) -> Iterator[str]:
    with serving(app) as address:
        yield address


@pytest.fixture(scope="session")
def web(address: str) -> Iterator[Web]:
    with Web(address) as web:
        yield web


@pytest.fixture(scope="session")
def tokens() -> ShopperTokens:
    return ShopperTokens(SECRET)
