from __future__ import annotations

from pathlib import Path

import pytest

from retrieval.build import build
from retrieval.documents import Document
from retrieval.encoder import MiniLM
from retrieval.search import Search
from tests.retrieval.shop import SHOP
from tests.retrieval.word_encoder import WordEncoder


@pytest.fixture
def encoder() -> WordEncoder:
    return WordEncoder()


@pytest.fixture(scope="session")
def minilm() -> MiniLM:
    return MiniLM.load()


@pytest.fixture(scope="session")
def shop() -> tuple[Document, ...]:
    return SHOP


@pytest.fixture(scope="session")
def shop_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the small shop, which no test may change."""
    folder = tmp_path_factory.mktemp("shop") / "index"
    build(SHOP, folder, WordEncoder())
    return folder


@pytest.fixture(scope="session")
def search(shop_index: Path) -> Search:
    return Search.open(shop_index, WordEncoder())
