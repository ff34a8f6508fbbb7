from __future__ import annotations

import pytest

from agent.store.database import Database
from tests.turn.house import ADA, BEN, House


@pytest.fixture
def house(sqlite: Database) -> House:
    return House(sqlite)


@pytest.fixture
def adas(house: House) -> str:
    """A chat of Ada's."""
    return house.chat.start(ADA).id


@pytest.fixture
def bens(house: House) -> str:
    return house.chat.start(BEN).id


@pytest.fixture
def strangers(house: House) -> str:
    return house.chat.start().id
