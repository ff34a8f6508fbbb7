"""A shop without search for the turn loop's tests: real stores, tools, guard, decisions and desk; a scripted model.

Nothing runs by itself: `House.work` runs the turns that wait, one after the other.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any

from agent.chat import ChatService
from agent.decisions import Decisions
from agent.desk import Desk
from agent.evidence import LISTING
from agent.help_tools import HelpTools
from agent.messages import Event, EventType, Message, Role
from agent.model import DialogModel
from agent.notifier import Notifier
from agent.order_tools import OrderTools
from agent.policy import Policy, load_policy
from agent.present import product_card, product_facts
from agent.reply import ReplyWriter
from agent.scripted_model import ScriptedModel
from agent.shop import (
    Address,
    Money,
    Order,
    OrderLine,
    OrderStatus,
    Payment,
    PaymentKind,
    PaymentMethod,
    Product,
    Shopper,
    Variant,
)
from agent.store.conversations import ConversationStore
from agent.store.database import Database
from agent.store.people import PeopleStore
from agent.store.rows import now
from agent.store.turns import TurnStore
from agent.tools import Answer, Session, Toolbox, reads
from agent.turn import TurnRunner
from agent.wording import Wording
from agent.workers import Workers
from retrieval.articles import Article, ArticleIndex
from tests.retrieval.word_encoder import WordEncoder

log = logging.getLogger(__name__)
ADA, BEN = "ada", "ben"
PENDING, SHIPPED, GIFT = "JF-1001", "JF-1002", "JF-1003"
"""Ada's orders: one that may be cancelled, one that may not, and one that was paid with a gift card."""
BENS = "JF-2001"
LAMP = Product("lamp", "Nordlys lamp", brand="Nordlys", variants=(Variant("v", {}, Money(3_999), 4),))
MUG = Product("mug", "Oak mug", variants=(Variant("v", {}, Money(1_200), 0),))
Step = Any


def people() -> tuple[list[Shopper], list[Order]]:
    home = Address("A", "1 Elm Street", "", "Springfield", "IL", "62701", "United States")
    card = PaymentMethod("card", PaymentKind.CARD, "Visa ending 4411")
    gift = PaymentMethod("gift", PaymentKind.GIFT_CARD, "Gift card", Money(1_000))
    shoppers = [
        Shopper(ADA, "Ada Moreau", "ada@example.com", home, (card, gift)),
        Shopper(BEN, "Ben Okafor", "ben@example.com", home, (card,)),
    ]
    line = OrderLine("1", "lamp", "v", "Nordlys lamp", {}, Money(3_999))
    placed = now() - timedelta(days=1)

    def order(order_id: str, shopper: str, status: OrderStatus, method: str = "card") -> Order:
        paid = (Payment(placed, Money(4_494), method, f"paid:{order_id}"),)
        return Order(order_id, shopper, status, placed, (line,), Money(495), home, method, payments=paid)

    orders = [
        order(PENDING, ADA, OrderStatus.PENDING),
        replace(order(SHIPPED, ADA, OrderStatus.SHIPPED), placed_at=placed - timedelta(days=3)),
        replace(order(GIFT, ADA, OrderStatus.PENDING, "gift"), placed_at=placed - timedelta(days=2)),
        order(BENS, BEN, OrderStatus.PENDING),
    ]
    return shoppers, orders


@cache
def articles() -> ArticleIndex:
    text = "## How long\nYou can send things back within 30 days of delivery."
    return ArticleIndex([Article("returns", "Returns", text)], WordEncoder())


class Shelf:
    """Two products, found whatever is asked for."""

    def __init__(self) -> None:
        self.looked = 0

    @reads
    def search_products(self, query: str, price_max: float | None = None) -> Answer:
        """Find products."""
        self.looked += 1
        if query == "nothing":
            return Answer({LISTING: []}, {"products": []})
        if query == "breaks":
            raise RuntimeError("the index is gone")
        found = [LAMP, MUG]
        return Answer({LISTING: [product_facts(p) for p in found]}, {"products": [product_card(p) for p in found]})


class House:
    """The parts of a shop, put together around a scripted model."""

    def __init__(self, database: Database, *, policy: Policy | None = None, fill: bool = True) -> None:
        self.database = database
        self.policy, self.wording, self.notifier = policy or load_policy(), Wording(), Notifier()
        self.conversations, self.people, self.turns = (
            ConversationStore(database),
            PeopleStore(database),
            TurnStore(database),
        )
        if fill:
            self.people.add(*people())
        self.shelf = Shelf()
        self.script = ScriptedModel(script=[])
        self.fallback = ScriptedModel(script=["I'm the fallback."] * 50)
        self.decisions = Decisions(self.conversations, database, self.wording, self.policy)
        self.runner = TurnRunner(
            self.conversations,
            self.turns,
            DialogModel("scripted", self.script, self.fallback, timeout=20.0),
            self.toolbox,
            self.decisions,
            ReplyWriter(self.conversations, self.notifier, self.wording, self.policy),
            self.notifier,
            self.wording,
            self.policy,
        )
        self.workers = Workers(self.turns, 2)
        self.chat = ChatService(self.conversations, self.people, self.workers, self.notifier, self.wording, self.policy)
        self.desk = Desk(self.conversations, self.people, self.notifier, self.wording, self.policy)
        self._posted = 0

    def toolbox(self, session: Session) -> Toolbox:
        return Toolbox(
            [self.shelf, OrderTools(session, self.people, self.policy, self.wording), HelpTools(session, articles())]
        )

    def steps(self, *steps: Step) -> None:
        """What the model will do next."""
        self.script.script.extend(steps)

    def post(self, chat: str, text: str) -> int:
        self._posted += 1
        return self.chat.post(chat, f"m{self._posted}", text)

    def work(self, worker: str = "tests") -> int:
        """Run the turns that wait; how many."""
        ran = 0
        while (turn := self.turns.claim(worker)) is not None:
            self.runner.run(turn)
            ran += 1
        return ran

    def say(self, chat: str, text: str, *steps: Step) -> list[Event]:
        """The shopper writes, the model does these steps; the events that came of it."""
        self.steps(*steps)
        posted = self.post(chat, text)
        self.work()
        return self.conversations.events(chat, posted)

    def propose(self, chat: str, order: str = PENDING) -> str:
        """Bring a card to cancel this order onto the table; its proposal's id."""
        self.say(chat, f"cancel order {order}", ("cancel_order", {"order": order}))
        pending = self.conversations.get(chat).pending
        assert pending is not None
        return pending.id

    def press(self, chat: str, proposal: str, *, yes: bool) -> list[Event]:
        last = self.last(chat)
        self.chat.decide(chat, proposal, accept=yes)
        self.work()
        return self.conversations.events(chat, last)

    def last(self, chat: str) -> int:
        numbers = [e.sequence for e in self.conversations.events(chat)]
        return max([*numbers, *(m.sequence for m in self.conversations.messages(chat))])

    def order(self, order_id: str = PENDING, shopper: str = ADA) -> Order:
        return self.people.order(order_id, shopper)

    def balance(self, order_id: str = PENDING, shopper: str = ADA) -> int:
        """What the shop still holds of the money paid for an order, in cents."""
        return sum(p.amount.minor for p in self.order(order_id, shopper).payments)

    def everything(self) -> list[Order]:
        return [*self.people.orders_of(ADA), *self.people.orders_of(BEN)]


def said(events: Sequence[Event]) -> list[str]:
    return [str(e.data["text"]) for e in events if e.type is EventType.SAID]


def kinds(events: Sequence[Event]) -> list[str]:
    """The types of events, without the signs of work."""
    return [e.type.value for e in events if e.type is not EventType.WORKING]


def results(messages: Sequence[Message]) -> list[tuple[bool, str | None]]:
    """Of each tool's result: whether it went well, and the rule that refused it."""
    return [(m.result.ok, m.result.rule) for m in messages if m.role is Role.TOOL and m.result is not None]
