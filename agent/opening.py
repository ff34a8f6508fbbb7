"""Opening a shop for the first time: the demo's products and people, and the recommendation model.

Nothing is made twice: each step looks at what is there first, so that an opening that was cut off goes on.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from agent.importer import Tell, install
from agent.policy import Policy
from agent.reco_items import to_log
from agent.settings import Settings
from agent.shop import Product
from agent.store.catalogue import CatalogueStore
from agent.store.people import PeopleStore
from agent.store.rows import now
from agent.store.staff import StaffStore
from agent.store.tastes import TasteStore
from reco_core.core import RecoCore
from reco_core.errors import ItemsError, LogError, RecoError
from reco_core.items import Items
from reco_core.train import train, untrained
from retrieval.encoder import TextEncoder

log = logging.getLogger(__name__)
FIRST_STAFF = "desk"


def fill_catalogue(settings: Settings, store: CatalogueStore, encoder: TextEncoder, tell: Tell) -> None:
    """Give an empty shop the demo's products."""
    if store.current() is None and settings.demo:
        from agent.demo_shop.products import make_products

        install(make_products(settings.seed), "the demo shop", store, settings.home, encoder, tell)


def fill_people(
    settings: Settings, policy: Policy, products: Sequence[Product], people: PeopleStore, tastes: TasteStore
) -> None:
    """Give a shop without shoppers the demo's people, who like and buy what it sells."""
    if settings.demo and people.count() == 0 and products:
        from agent.demo_shop.people import make_people

        made = make_people(products, seed=settings.seed, now=now(), policy=policy)
        if tastes.count() == 0:  # an opening that was cut off between the two goes on with the second
            tastes.add(made.behaviour)
        people.add(made.shoppers, made.orders)


def first_staff(settings: Settings, staff: StaffStore) -> str | None:
    """Give a desk without staff its first member; the file in the home that holds the password, where one was made."""
    if staff.names():
        return None
    staff.set(FIRST_STAFF, settings.kept_secret("desk-password", settings.desk_password))
    return None if settings.desk_password else str(settings.home / "desk-password")


def recommendation_core(home: Path, items: Items, tastes: TasteStore, tell: Tell) -> RecoCore:
    """The model of the home over these items; trained on the shop's behaviour where there is none yet."""
    folder = home / "models" / "recommendation"
    if folder.exists():
        try:
            return RecoCore.load(folder).with_items(items)
        except RecoError as error:
            log.warning("the recommendation model is trained anew: %s", error)
    try:
        core = train(to_log(tastes.all()), items, progress=lambda stage, share: tell(stage, round(share * 100), 100))
    except (LogError, ItemsError) as error:  # a new shop; what its shoppers do will be learnt at a later start
        log.info("suggestions go by stated wishes only: %s", error)
        return untrained(items)
    folder.parent.mkdir(parents=True, exist_ok=True)
    core.save(folder)
    return core
