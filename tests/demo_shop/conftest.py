"""The demo shop as it ships, made once for all tests of this folder."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agent.demo_shop.people import DemoPeople, make_people
from agent.demo_shop.products import make_products
from agent.shop import Product

NOW = datetime(2025, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def products() -> list[Product]:
    return make_products()


@pytest.fixture(scope="session")
def people(products: list[Product]) -> DemoPeople:
    return make_people(products, seed=7, now=NOW)
