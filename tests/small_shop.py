"""A small real shop for tests: 60 of the demo's products, three shoppers with orders, everything that runs.

Its home is built once and copied for each test, so that a test may do to it what it likes.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

from agent.behaviour import BehaviourEvent, BehaviourKind
from agent.demo_shop.products import make_products
from agent.importer import install
from agent.messages import Event, EventType
from agent.services import Services, open_shop
from agent.settings import Settings
from agent.shop import Address, Money, Order, OrderLine, OrderStatus, PaymentKind, PaymentMethod, Product, Shopper
from agent.store.catalogue import CatalogueStore
from agent.store.database import Database
from agent.store.people import PeopleStore
from agent.store.rows import now
from agent.store.tastes import TasteStore
from retrieval.encoder import MiniLM, Vectors

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

ADA, BEN, CYD = "ada", "ben", "cyd"
PENDING, SHIPPED, DELIVERED, CANCELLED = "JF-1001", "JF-1002", "JF-1003", "JF-1004"
"""Ada's orders. Cyd has none."""
BENS = "JF-2001"
"""Ben's only order, pending."""
SECRET = "a secret of the tests, long enough for HS256"
_SHELVES = (
    "Desk lamps", "Mugs", "Backpacks", "Headphones", "Running shoes", "Suitcases",
    "Kettles", "Puzzles and games", "Armchairs", "Notebooks",
)  # fmt: skip
_A_SHELF = 6


def products() -> list[Product]:
    """Six products of each of ten categories of the demo shop, always the same."""
    made = make_products(7)
    return [p for shelf in _SHELVES for p in [p for p in made if p.category[-1] == shelf][:_A_SHELF]]


def shoppers() -> list[Shopper]:
    def one(shopper_id: str, name: str) -> Shopper:
        home = Address(name, "1 Elm Street", "", "Springfield", "IL", "62701", "United States")
        card = PaymentMethod(f"{shopper_id}-card", PaymentKind.CARD, "Visa ending 4411")
        return Shopper(shopper_id, name, f"{shopper_id}@example.com", home, (card,), simulated=True)

    return [one(ADA, "Ada Moreau"), one(BEN, "Ben Okafor"), one(CYD, "Cyd Larsen")]


def orders(sold: Sequence[Product]) -> list[Order]:
    people = {s.id: s for s in shoppers()}

    def one(order_id: str, shopper_id: str, status: OrderStatus, days_ago: int, product: Product) -> Order:
        variant, placed = product.variants[0], now() - timedelta(days=days_ago)
        line = OrderLine("1", product.id, variant.id, product.title, variant.options, variant.price or Money(2_000), 1)
        arrived = status is OrderStatus.DELIVERED
        return Order(
            order_id, shopper_id, status, placed, (line,), Money(495), people[shopper_id].address, f"{shopper_id}-card",
            expected_at=placed + timedelta(days=5), delivered_at=placed + timedelta(days=4) if arrived else None,
            tracking="JFT440022" if status is OrderStatus.SHIPPED else None,
        )  # fmt: skip

    return [
        one(CANCELLED, ADA, OrderStatus.CANCELLED, 40, sold[0]),
        one(DELIVERED, ADA, OrderStatus.DELIVERED, 12, sold[6]),
        one(SHIPPED, ADA, OrderStatus.SHIPPED, 3, sold[12]),
        one(PENDING, ADA, OrderStatus.PENDING, 1, sold[18]),
        one(BENS, BEN, OrderStatus.PENDING, 1, sold[24]),
    ]


def _behaviour(sold: Sequence[Product]) -> Iterator[BehaviourEvent]:
    """Ada keeps to the first shelves, Ben to the last; enough days for a recommendation core to be learnt."""
    for day in range(30):
        at = now() - timedelta(days=30 - day)
        for shopper, start in ((ADA, 0), (BEN, 30)):
            product = sold[start + day]
            for kind in (BehaviourKind.VIEW, BehaviourKind.CLICK, BehaviourKind.PURCHASE):
                yield BehaviourEvent(shopper, product.id, kind, at, f"{shopper}-{day}")


def settings_of(home: Path, **changes: Any) -> Settings:
    values: dict[str, Any] = {"home": home, "secret": SECRET, "desk_password": "a password", "demo": False}
    return Settings(**(values | changes))


class _Kept:
    """The real encoder, loaded once for all shops; it remembers what it has encoded, so that opening one is quick."""

    def __init__(self) -> None:
        self._encoder = MiniLM.load()
        self.name, self.dimension, self.fingerprint = MiniLM.name, MiniLM.dimension, self._encoder.fingerprint
        self.vocabulary = self._encoder.vocabulary
        self._known: dict[tuple[str, ...], Vectors] = {}

    def encode(self, texts: Sequence[str], *, progress: bool = False) -> Vectors:
        if len(texts) == 1:
            return self._encoder.encode(texts)
        key = tuple(texts)
        if key not in self._known:
            self._known[key] = self._encoder.encode(texts, progress=progress)
        return self._known[key].copy()


kept_encoder = cache(_Kept)


def open_with_kept_encoder(settings: Settings, model: BaseChatModel | None = None) -> Services:
    """`open_shop` with the encoder that is loaded already."""
    with mock.patch.object(MiniLM, "load", kept_encoder):
        return open_shop(settings, model=model)


def build_home(home: Path) -> Path:
    """Fill an empty folder with the shop, its index and its learnt models."""
    sold, database = products(), Database(settings_of(home).database_url)
    database.migrate()
    install(sold, "the tests", CatalogueStore(database), home, kept_encoder())
    TasteStore(database).add(_behaviour(sold))
    PeopleStore(database).add(shoppers(), orders(sold))
    database.close()
    shop = open_with_kept_encoder(settings_of(home))
    assert shop.recommender.core is not None
    shop.close()
    return home


@contextmanager
def opened(built: Path, folder: Path, *, given: BaseChatModel | None = None, **changes: Any) -> Iterator[Services]:
    """A copy of the built shop, answering, until the end."""
    shutil.copytree(built, folder)
    shop = open_with_kept_encoder(settings_of(folder, **changes), given)
    shop.start()
    try:
        yield shop
    finally:
        shop.close()


def answer_to(shop: Services, chat: str, text: str, *, client_id: str = "", seconds: float = 30.0) -> list[Event]:
    """Post a message as the shopper and wait for the end of its turn: the events that it brought."""
    before = [e.sequence for e in shop.chat.events(chat)]
    sequence = shop.chat.post(chat, client_id or f"m{len(before)}-{text[:8]}", text)
    return after_turns(shop, chat, max([sequence, *before]), seconds)


def after_turns(shop: Services, chat: str, after: int, seconds: float = 30.0) -> list[Event]:
    """Wait until the bot has nothing more to do in a chat: the events after this number."""
    wait_until(lambda: not shop.turns.unfinished(chat), seconds)
    return shop.chat.events(chat, after)


def said(events: Sequence[Event]) -> list[str]:
    return [str(e.data["text"]) for e in events if e.type is EventType.SAID]


def wait_until(ready: Callable[[], bool], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end, f"not so within {seconds} s"
        time.sleep(0.01)
