from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from agent.services import Services
from tests.models.stub_server import Stub, stub_server

KEY = "sk-the-shop-owners-secret"


@pytest.fixture
def stub() -> Iterator[Stub]:
    with stub_server() as stub:
        yield stub


@pytest.fixture
def remote_shop(stub: Stub, open_small_shop: Callable[..., Services]) -> Callable[..., Services]:
    """Opens a small shop whose dialog model is the stub server, with ample time for a step."""

    def open_one(**changes: Any) -> Services:
        return open_small_shop(
            **({"model": f"openai:stub@{stub.url}", "model_key": KEY, "model_timeout": 15.0} | changes)
        )

    return open_one
