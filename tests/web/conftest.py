from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser

from agent.services import Services
from agent.web.api import create_app
from agent.web.tokens import ShopperTokens
from tests.web.chromium import New, Widget, launched
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


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture
def new(browser: Browser, address: str) -> Iterator[New]:
    """A visitor of the demo store."""
    contexts = []

    def visit(path: str = "/", **settings: Any) -> Widget:
        context = browser.new_context(**settings)
        context.set_default_timeout(6_000)
        contexts.append(context)
        widget = Widget(context.new_page())
        widget.page.goto(address + path)
        return widget

    yield visit
    for context in contexts:
        context.close()
