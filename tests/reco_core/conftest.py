from __future__ import annotations

import pytest

from reco_core.core import RecoCore
from reco_core.train import train
from tests.reco_core.small_shop import small_items, small_log


@pytest.fixture(scope="session")
def core() -> RecoCore:
    """A model of the small shop."""
    return train(small_log(), small_items())


@pytest.fixture(scope="session")
def core_with_vectors() -> RecoCore:
    return train(small_log(), small_items(vectors=True))
