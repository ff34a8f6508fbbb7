"""The orders of the simulated shoppers: baskets from their tastes, journeys, and money that adds up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from agent.demo_shop.journeys import Journey, journey, journey_to
from agent.demo_shop.rhythm import Rhythm
from agent.demo_shop.shelves import Shelves
from agent.demo_shop.tastes import Tastes
from agent.policy import Policy, cancellation_refund
from agent.shop import Money, Order, OrderLine, OrderStatus, Payment, PaymentKind, Product, Shopper, Variant

_LINES, _LINE_WEIGHTS = (1, 2, 3, 4), (54, 28, 12, 6)


def make_orders(
    rng: Random,
    products: Sequence[Product],
    people: Sequence[Shopper],
    activity: Sequence[float],
    shelves: Shelves,
    tastes: Tastes,
    words: Mapping[str, Any],
    policy: Policy,
    now: datetime,
    count: int,
) -> list[Order]:
    """`count` orders, the oldest first; none where nothing on the shelves can be bought."""
    baskets = _Baskets(rng, products, shelves, tastes, words)
    if not any(baskets.buyable(product) for product in products):
        return []
    categories = {product.id: product.category for product in products}
    plan = _plan(rng, people, activity, words, now, count)
    made: list[Order] = []
    number = 10_000
    for placed, shopper, status in plan:
        number += rng.randint(1, 7)
        lines = baskets.fill(shopper, placed, now)
        if status is None:
            kinds = {level for line in lines for level in categories[line.product_id]}
            way = journey(
                rng,
                policy,
                placed,
                now,
                returnable=not kinds & set(policy.returns.final_sale_categories),
                exchangeable=any(line.options for line in lines),
            )
        else:
            way = journey_to(rng, policy, placed, now, OrderStatus(status))
        made.append(_order(rng, f"JF-{number}", people[shopper], lines, way, policy))
    return made


def _plan(
    rng: Random,
    people: Sequence[Shopper],
    activity: Sequence[float],
    words: Mapping[str, Any],
    now: datetime,
    count: int,
) -> list[tuple[datetime, int, str | None]]:
    """When, who, and for the featured shoppers also which state; the oldest first."""
    planned: list[tuple[datetime, int, str | None]] = [
        (now - timedelta(days=age), who, status)
        for who, row in enumerate(words["featured"][: len(people)])
        for status, age in row["orders"]
    ][:count]
    crowd = range(min(len(words["featured"]), len(people) - 1), len(people))
    moments = Rhythm(now).moments(rng, count - len(planned))
    chosen = rng.choices(crowd, [activity[i] for i in crowd], k=len(moments))
    planned += [(at, who, None) for at, who in zip(moments, chosen, strict=True)]
    return sorted(planned, key=lambda entry: (entry[0], entry[1]))


class _Baskets:
    """Fills baskets: what a shopper likes, what goes with it, and what was used up."""

    def __init__(
        self, rng: Random, products: Sequence[Product], shelves: Shelves, tastes: Tastes, words: Mapping[str, Any]
    ) -> None:
        self._rng, self._products, self._tastes = rng, products, tastes
        repeats = set(words["repeats"]["categories"])
        self._shelf_of = {int(p): number for number, s in enumerate(shelves.shelves) for p in s.products}
        self._used_up = {
            number
            for number, shelf in enumerate(shelves.shelves)
            if shelf.name.rsplit(" > ", 1)[-1] in repeats or Random(f"repeat/{shelf.name}").random() < 0.06
        }
        self._bought: dict[int, list[int]] = {}
        self._build: dict[int, float] = {}

    @staticmethod
    def buyable(product: Product) -> bool:
        return any(_for_sale(variant) for variant in product.variants)

    def fill(self, shopper: int, at: datetime, now: datetime) -> tuple[OrderLine, ...]:
        size = self._rng.choices(_LINES, _LINE_WEIGHTS)[0]
        first = self._again(shopper) if self._rng.random() < 0.2 else None
        chosen = [first if first is not None else self._by_taste(shopper, at)]
        currency = self._price(chosen[0]).currency
        for _ in range(size - 1):
            one = self._beside(shopper, chosen[0]) if self._rng.random() < 0.6 else self._by_taste(shopper, at)
            if one is not None and one not in chosen and self._price(one).currency == currency:
                chosen.append(one)
        self._bought.setdefault(shopper, []).extend(chosen)
        days = (now - at) / timedelta(days=1)
        return tuple(self._line(shopper, product, number, days) for number, product in enumerate(chosen, start=1))

    def _again(self, shopper: int) -> int | None:
        known = [p for p in self._bought.get(shopper, ()) if self._shelf_of[p] in self._used_up]
        return self._rng.choice(known) if known else None

    def _by_taste(self, shopper: int, at: datetime) -> int:
        shelf = self._tastes.choose_shelf(shopper, at, self._rng.random(), to_buy=True)
        product = self._tastes.choose_product(shopper, shelf, self._rng.random(), to_buy=True)
        if product is None:
            raise ValueError(f"shelf {shelf} has nothing to buy; choose_shelf must not have chosen it")
        return product

    def _beside(self, shopper: int, product: int) -> int | None:
        shelf = self._rng.choice(self._tastes.complements[self._shelf_of[product]])
        return self._tastes.choose_product(shopper, shelf, self._rng.random(), to_buy=True)

    def _price(self, product: int) -> Money:
        return next(v.price for v in self._products[product].variants if v.price and v.price.minor > 0)

    def _line(self, shopper: int, position: int, number: int, days: float) -> OrderLine:
        product = self._products[position]
        variant, price = self._variant(shopper, product)
        if days > 60 and self._rng.random() < 0.15:
            price = Money(max(1, round(price.minor * self._rng.choice((0.9, 0.95, 1.05)))), price.currency)
        several = self._shelf_of[position] in self._used_up and self._rng.random() < 0.35
        return OrderLine(
            id=str(number),
            product_id=product.id,
            variant_id=variant.id,
            title=product.title,
            options=variant.options,
            price=price,
            quantity=self._rng.randint(2, 3) if several else 1,
            image=product.image,
        )

    def _variant(self, shopper: int, product: Product) -> tuple[Variant, Money]:
        """The choice that fits this shopper: people do not change their size from order to order."""
        offered = [(v, v.price) for v in product.variants if v.price and v.price.minor > 0]
        first = next(iter(offered[0][0].options), None)
        if first is None:
            return self._rng.choice(offered)
        values = list(dict.fromkeys(v.options.get(first, "") for v, _ in offered))
        build = self._build.setdefault(shopper, min(0.99, max(0.0, self._rng.gauss(0.5, 0.25))))
        mine = values[int(build * len(values))]
        return self._rng.choice([pair for pair in offered if pair[0].options.get(first, "") == mine])


def _for_sale(variant: Variant) -> bool:
    return variant.price is not None and variant.price.minor > 0


def _order(
    rng: Random, order_id: str, shopper: Shopper, lines: tuple[OrderLine, ...], way: Journey, policy: Policy
) -> Order:
    subtotal = sum(line.total.minor for line in lines)
    currency = lines[0].price.currency
    rules = policy.shipping
    fee = 0 if subtotal >= rules.free_from_minor else rules.standard_fee_minor
    order = Order(
        id=order_id,
        shopper_id=shopper.id,
        status=way.status,
        placed_at=way.history[0].at,
        lines=lines,
        shipping=Money(rules.express_fee_minor if way.express else fee, currency),
        address=shopper.address,
        payment_method_id=_pays_with(rng, shopper),
        expected_at=None if way.status == OrderStatus.CANCELLED else way.expected_at,
        delivered_at=way.delivered_at,
        tracking=_tracking(rng) if way.shipped else None,
        history=way.history,
        version=len(way.history) - 1,
    )
    return _paid(order, policy)


def _pays_with(rng: Random, shopper: Shopper) -> str:
    """Mostly the first method; a gift card seldom, since it runs out."""
    weights = [0.5 if m.kind == PaymentKind.GIFT_CARD else 5.0 / (i + 1) for i, m in enumerate(shopper.payment_methods)]
    return rng.choices(shopper.payment_methods, weights)[0].id


def _tracking(rng: Random) -> str:
    return f"{rng.choice(('NF', 'PX', 'QT'))}{rng.randrange(10**9):09d}US"


def _paid(order: Order, policy: Policy) -> Order:
    """The order with its movements of money: paid when placed, given back when cancelled or returned."""
    first = Payment(order.placed_at, order.total, order.payment_method_id, f"{order.id}/paid")
    order = replace(order, payments=(first,))
    last = order.history[-1]
    if order.status == OrderStatus.CANCELLED:
        back = cancellation_refund(policy, order)
    elif order.status == OrderStatus.RETURNED:
        back = Money(max(0, order.subtotal.minor - policy.returns.shipping_fee_minor), order.shipping.currency)
    else:
        return order
    refund = Payment(last.at, -back, order.payment_method_id, f"{order.id}/refund")
    return replace(order, payments=(first, refund))
