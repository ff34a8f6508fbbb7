"""The people of the demo shop, their orders and their behaviour: simulated, for any catalogue, from a seed."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from agent.behaviour import BehaviourEvent
from agent.demo_shop.orders import make_orders
from agent.demo_shop.shelves import make_shelves
from agent.demo_shop.tastes import Tastes
from agent.demo_shop.visits import Visits
from agent.policy import Policy, load_policy
from agent.shop import Address, Money, Order, PaymentKind, PaymentMethod, Product, Shopper

DEMO_SHOPPER_ID = "shopper-0001"
"""The first of the featured shoppers: has a pending, a shipped, a delivered and a cancelled order."""


@dataclass(frozen=True, slots=True)
class DemoPeople:
    shoppers: list[Shopper]
    orders: list[Order]
    """The oldest first."""
    behaviour: list[BehaviourEvent]
    """The oldest first."""
    featured: tuple[str, ...]
    """Ids of the shoppers to show first; their orders cover every state between them."""


def make_people(
    products: Sequence[Product],
    *,
    seed: int,
    now: datetime,
    shoppers: int = 500,
    orders: int = 2500,
    events: int = 60_000,
    policy: Policy | None = None,
) -> DemoPeople:
    """Shoppers with orders and behaviour on any catalogue: the same arguments, the same people.

    Args:
        products: the catalogue; products without a price are looked at but not bought.
        seed: whom to draw.
        now: the moment that everything lies before; with a time zone.
        shoppers: how many people; at least one.
        orders: how many orders; those of the featured shoppers come first.
        events: how many behaviour events; more where the orders' own visits need more.
        policy: whose countries, fees and windows the orders keep; the shop's own by default.
    """
    rules, words = policy or load_policy(), _words()
    currency = next((p.price.currency for p in products if p.price), rules.shop.currency)
    people = _shoppers(Random(f"{seed}/people"), shoppers, words, rules, currency)
    featured = tuple(person.id for person in people[: len(words["featured"])])
    if not products:
        return DemoPeople(people, [], [], featured)
    numbers = np.random.default_rng([seed, 31])
    shelves = make_shelves(products, numbers)
    buyable = [any(v.price is not None and v.price.minor > 0 for v in p.variants) for p in products]
    tastes = Tastes(shelves, shoppers, words, buyable, numbers)
    for category in rules.returns.final_sale_categories:
        tastes.avoid(range(len(featured)), category)  # so that their deliveries can be returned
    activity = [float(a) for a in numbers.lognormal(0.0, 0.9, shoppers)]
    made = make_orders(Random(f"{seed}/orders"), products, people, activity, shelves, tastes, words, rules, now, orders)
    shelf_of = {products[int(p)].id: number for number, s in enumerate(shelves.shelves) for p in s.products}
    visits = Visits(Random(f"{seed}/visits"), products, people, shelf_of, tastes, now)
    return DemoPeople(people, made, visits.log(made, activity, events), featured)


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "words" / "people.toml").read_text(encoding="utf-8"))


def _shoppers(rng: Random, count: int, words: Mapping[str, Any], policy: Policy, currency: str) -> list[Shopper]:
    names = [row["name"] for row in words["featured"]]
    taken: dict[str, int] = {}
    made = []
    for number in range(count):
        name = (
            names[number]
            if number < len(names)
            else f"{rng.choice(words['first_names'])} {rng.choice(words['last_names'])}"
        )
        taken[name] = taken.get(name, 0) + 1
        mail = name.lower().replace(" ", ".") + (str(taken[name]) if taken[name] > 1 else "")
        made.append(
            Shopper(
                id=f"shopper-{number + 1:04d}",
                name=name,
                email=f"{mail}@example.com",
                address=_address(rng, name, words, policy),
                payment_methods=_methods(rng, words, policy, currency),
                simulated=True,
            )
        )
    return made


def _address(rng: Random, name: str, words: Mapping[str, Any], policy: Policy) -> Address:
    """An address in a country that the shop ships to, the first one of the policy most often."""
    countries = policy.shipping.countries
    country = rng.choices(countries, [3.0] + [1.0] * (len(countries) - 1))[0]
    city, region, postcode = rng.choice(words["places"].get(country, words["places"]["elsewhere"]))
    return Address(
        name=name,
        line1=f"{rng.randint(2, 980)} {rng.choice(words['streets'])}",
        line2=rng.choice(words["second_lines"]) if rng.random() < 0.3 else "",
        city=city,
        region=region,
        postcode="".join(str(rng.randint(0, 9)) if sign == "#" else sign for sign in postcode),
        country=country,
    )


def _methods(rng: Random, words: Mapping[str, Any], policy: Policy, currency: str) -> tuple[PaymentMethod, ...]:
    """One to three ways to pay, no kind twice."""
    kinds = rng.sample(list(PaymentKind), rng.choices((1, 2, 3), (45, 38, 17))[0])
    kinds.sort(key=lambda kind: kind == PaymentKind.GIFT_CARD)
    if kinds == [PaymentKind.GIFT_CARD]:
        kinds = [PaymentKind.CARD, PaymentKind.GIFT_CARD]
    return tuple(_method(rng, kind, words, policy, currency) for kind in kinds)


def _method(rng: Random, kind: PaymentKind, words: Mapping[str, Any], policy: Policy, currency: str) -> PaymentMethod:
    digits = f"{rng.randrange(10_000):04d}"
    if kind == PaymentKind.CARD:
        return PaymentMethod(f"card-{digits}", kind, f"{rng.choice(words['cards'])} ending {digits}")
    if kind == PaymentKind.PAYPAL:
        return PaymentMethod("paypal", kind, "PayPal")
    cards = policy.gift_cards
    left = rng.randrange(cards.minimum_minor // 2, max(cards.minimum_minor, cards.maximum_minor // 3), 50)
    return PaymentMethod(f"gift-{digits}", kind, f"Gift card ending {digits}", Money(left, currency))
