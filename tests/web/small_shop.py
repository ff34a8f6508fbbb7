"""A small real shop for the web: SQLite, a real index, a real recommendation core. Nobody answers in it.

The events of a turn are appended by the tests themselves, through the same log that the turn loop writes to.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from agent.behaviour import BehaviourEvent, BehaviourKind
from agent.catalogue import Catalogue
from agent.chat import ChatService
from agent.desk import Desk
from agent.importer import install
from agent.messages import Change, Effect, Event, EventType, Message, Proposal, ProposalState, Role, ToolCall
from agent.notifier import Notifier
from agent.policy import load_policy
from agent.present import effect_card, product_card, proposal_card
from agent.reading import Reader
from agent.recommender import Recommender
from agent.services import Services
from agent.settings import Settings
from agent.shop import (
    Address,
    Money,
    Order,
    OrderLine,
    OrderStatus,
    PaymentKind,
    PaymentMethod,
    Product,
    Shopper,
    Variant,
)
from agent.store.catalogue import CatalogueStore
from agent.store.conversations import ConversationStore
from agent.store.database import Database
from agent.store.people import PeopleStore
from agent.store.proposals import add_proposal
from agent.store.rows import now
from agent.store.staff import StaffStore
from agent.store.tastes import TasteStore
from agent.store.turns import TurnKind, TurnStore, add_turn
from agent.wording import Wording
from agent.workers import Workers
from tests.retrieval.word_encoder import WordEncoder

HOSTILE_TITLE = "<img src=x onerror=\"window.hacked='title'\"> lamp"
HOSTILE = "hostile-lamp"
COLOURS = ("blue", "green", "black", "white")
CATEGORIES = ("Desk lamps", "Mugs", "Backpacks", "Notebooks", "Blankets", "Kettles")
SECRET = "a secret of the tests, long enough for HS256"
ADA, BEN, REAL = "ada", "ben", "real"


def products() -> list[Product]:
    """24 plain ones, a t-shirt in sizes, and one whose title is markup."""
    plain = [
        Product(
            id=f"{category.lower().replace(' ', '-')}-{colour}",
            title=f"{colour.capitalize()} {category.lower().removesuffix('s')}",
            description=f"A {colour} one that lasts.",
            brand="Nordlys" if place % 2 else "Oakline",
            category=("Home", category),
            attributes={"color": colour, "width_cm": 20.0 + place, "dishwasher_safe": place % 2 == 0},
            rating=4.0 + place / 10,
            rating_count=10 * (place + 1),
            variants=(
                Variant(
                    f"{category}-{colour}", {}, Money(1_000 * (at + 1) + place * 100), 0 if colour == "white" else 9
                ),
            ),
        )
        for at, category in enumerate(CATEGORIES)
        for place, colour in enumerate(COLOURS)
    ]
    sizes = tuple(
        Variant(f"shirt-{size}", {"size": size}, Money(1_500 + 100 * n), n) for n, size in enumerate(("S", "M", "L"))
    )
    shirt = Product("shirt", "Striped shirt", "Soft.", "Oakline", ("Clothing", "Shirts"), {}, variants=sizes)
    hostile = Product(
        HOSTILE,
        HOSTILE_TITLE,
        "<script>window.hacked='description'</script>",
        '"><b>Brand</b>',
        ("Home", "<i>Odd</i> lamps"),
        {"color": "<svg onload=\"window.hacked='attribute'\">"},
        image="javascript:window.hacked='image'",
        variants=(Variant("odd", {'"><script>': "</template><script>window.hacked='option'</script>"}, Money(999), 1),),
    )
    return [*plain, shirt, hostile]


def _people() -> list[Shopper]:
    home = Address("A", "1 Elm Street", "", "Springfield", "IL", "62701", "United States")
    card = (PaymentMethod("card-1", PaymentKind.CARD, "Visa ending 4411"),)
    return [
        Shopper(ADA, "Ada Moreau", "ada@example.com", home, card, simulated=True),
        Shopper(BEN, "Ben Okafor", "ben@example.com", home, (), simulated=True),
        Shopper(REAL, "Rea Lister", "rea@example.com", home, (), simulated=False),
    ]


def _orders() -> list[Order]:
    line = OrderLine("1", "mugs-blue", "Mugs-blue", "Blue mug", {"size": "large"}, Money(2_000), 2)
    address = _people()[0].address
    return [
        Order("JF-1001", ADA, OrderStatus.PENDING, now() - timedelta(days=1), (line,), Money(495), address, "card-1")
    ]


def _behaviour() -> Iterator[BehaviourEvent]:
    """Both like blue things; enough, over enough days, for a core to be learnt."""
    for day in range(30):
        at = now() - timedelta(days=30 - day)
        for shopper in (ADA, BEN):
            category = CATEGORIES[(day + (shopper == BEN)) % len(CATEGORIES)].lower().replace(" ", "-")
            for kind, colour in ((BehaviourKind.VIEW, "green"), (BehaviourKind.CLICK, "blue")):
                yield BehaviourEvent(shopper, f"{category}-{colour}", kind, at, f"{shopper}-{day}")


def open_small_shop(home: Path) -> Services:
    """The shop in an empty folder."""
    settings = Settings(home=home, secret=SECRET, demo=True, origins=["https://store.example"])
    policy, wording, notifier = load_policy(), Wording(), Notifier()
    database = Database(settings.database_url)
    database.migrate()
    encoder = WordEncoder()
    store = CatalogueStore(database)
    install(products(), "the tests", store, home, encoder)
    catalogue = Catalogue(store, home, encoder)
    people, tastes = PeopleStore(database), TasteStore(database)
    people.add(_people(), _orders())
    tastes.add(_behaviour())
    conversations, turns = ConversationStore(database), TurnStore(database)
    workers = Workers(turns, 1)
    nobody = cast(Any, None)  # the parts that answer; the web never asks for them
    return Services(
        settings=settings,
        policy=policy,
        wording=wording,
        database=database,
        conversations=conversations,
        people=people,
        tastes=tastes,
        staff=StaffStore(database),
        catalogue=catalogue,
        recommender=Recommender(home, tastes, catalogue, wording, lambda *_: None),
        articles=nobody,
        notifier=notifier,
        chat=ChatService(conversations, people, workers, notifier, wording, policy),
        desk=Desk(conversations, people, notifier, wording, policy),
        turns=turns,
        runner=nobody,
        reader=Reader(catalogue),
        workers=workers,
        local=nobody,
        ready=True,
    )


def say(shop: Services, chat: str, text: str, **extras: Any) -> Event:
    """The bot says something, as the turn loop writes it."""
    with shop.conversations.append(chat) as log:
        log.message(Message(Role.BOT, text))
        event = log.event(EventType.SAID, text=text, evidence=[], by="bot", **extras)
    shop.notifier.notify(chat)
    return event


def emit(shop: Services, chat: str, kind: EventType, **data: Any) -> Event:
    with shop.conversations.append(chat) as log:
        event = log.event(kind, **data)
    shop.notifier.notify(chat)
    return event


def propose(shop: Services, chat: str, proposal_id: str, minutes: float = 15) -> Proposal:
    """A real proposal to cancel Ada's order, with its card."""
    effect = Effect(
        "Cancel order JF-1001",
        (Change("Order status", "pending", "cancelled"), Change("Reason", "–", "no longer needed")),
        Money(4_495),
        "Visa ending 4411, within 5 to 7 business days",
        ("A cancelled order cannot be brought back.",),
    )
    call = ToolCall("call-1", "cancel_order", {"order": "JF-1001"})
    expires = now() + timedelta(minutes=minutes)
    proposal = Proposal(proposal_id, call, effect, ProposalState.PENDING, expires, "JF-1001", 0)
    with shop.conversations.append(chat) as log:
        asking = log.message(Message(Role.NOTE, "asked to cancel"))
        turn = add_turn(log.connection, chat, asking, TurnKind.MESSAGE, {})
        add_proposal(log.connection, chat, turn, proposal)
        log.event(EventType.PROPOSED, proposal=proposal_card(proposal))
    shop.notifier.notify(chat)
    return proposal


def done(shop: Services, chat: str, proposal: Proposal) -> None:
    emit(shop, chat, EventType.DONE, effect=effect_card(proposal.effect), proposal=proposal.id)


def cards(shop: Services, *ids: str) -> list[dict[str, Any]]:
    """What the bot shows of these products."""
    return [product_card(p, ("Often chosen with your desk",)) for p in shop.catalogue.products(ids)]
