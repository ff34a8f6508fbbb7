"""What the simulated shoppers look at: visits with views, clicks, carts and purchases, the oldest first."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random

from agent.behaviour import BehaviourEvent, BehaviourKind
from agent.demo_shop.rhythm import Rhythm
from agent.demo_shop.tastes import Tastes
from agent.shop import Order, Product, Shopper

_VIEW, _CLICK, _CART, _PURCHASE = BehaviourKind


class Visits:
    """Writes the log: every purchase with the visit that led to it, and visits that led to nothing."""

    def __init__(
        self,
        rng: Random,
        products: Sequence[Product],
        people: Sequence[Shopper],
        shelf_of: Mapping[str, int],
        tastes: Tastes,
        now: datetime,
    ) -> None:
        self._rng, self._products, self._people, self._tastes, self._now = rng, products, people, tastes, now
        self._shelf_of = shelf_of
        self._number = {shopper.id: number for number, shopper in enumerate(people)}
        self._place = {product.id: position for position, product in enumerate(products)}
        self._log: list[BehaviourEvent] = []
        self._visits = 0

    def log(self, orders: Sequence[Order], activity: Sequence[float], count: int) -> list[BehaviourEvent]:
        """`count` events, or more where the orders alone need more; the oldest first."""
        for order in orders:
            if self._rng.random() < 0.3:
                self._look_before(order)
            self._buy(order)
        rhythm = Rhythm(self._now)
        while len(self._log) < count and self._products:
            who = self._rng.choices(range(len(self._people)), activity)[0]
            self._browse(who, rhythm.moment(self._rng), count - len(self._log))
        return sorted(self._log, key=lambda event: event.at)

    def _buy(self, order: Order) -> None:
        """A visit that ends in this order: other things are looked at, the bought ones are put in the cart."""
        who, session = self._number[order.shopper_id], self._session()
        bought = [line.product_id for line in order.lines]
        others = self._others(who, bought[0], self._rng.randint(1, 4))
        at = order.placed_at - timedelta(minutes=self._rng.uniform(2, 4) * (len(bought) + len(others)) + 3)
        for product in others:
            at = self._look(who, product, at, session)
        for product in bought:
            at = self._look(who, product, at, session, sure=True)
            self._add(who, product, _CART, at, session)
        for product in bought:
            self._add(who, product, _PURCHASE, order.placed_at, session)

    def _look_before(self, order: Order) -> None:
        """Some days earlier the same thing was looked at and left."""
        who, session = self._number[order.shopper_id], self._session()
        at = order.placed_at - timedelta(days=self._rng.uniform(0.4, 6))
        wanted = order.lines[0].product_id
        for product in (*self._others(who, wanted, 2), wanted):
            at = self._look(who, product, at, session, sure=product == wanted)

    def _browse(self, who: int, at: datetime, most: int) -> None:
        """A visit without a purchase, of at most `most` events."""
        session, before = self._session(), len(self._log)
        shelf = self._tastes.choose_shelf(who, at, self._rng.random())
        for _ in range(self._rng.randint(2, 9)):
            if self._rng.random() < 0.15:
                shelf = self._tastes.choose_shelf(who, at, self._rng.random())
            product = self._tastes.choose_product(who, shelf, self._rng.random())
            if product is None:
                continue
            product_id = self._products[product].id
            at = self._look(who, product_id, at, session)
            if at < self._now and self._log[-1].kind == _CLICK and self._rng.random() < 0.14:
                self._add(who, product_id, _CART, at, session)
        del self._log[before + most :]

    def _others(self, who: int, product: str, count: int) -> list[str]:
        shelf = self._shelf_of[product]
        drawn = [self._tastes.choose_product(who, shelf, self._rng.random()) for _ in range(count)]
        return [self._products[p].id for p in drawn if p is not None and self._products[p].id != product]

    def _look(self, who: int, product: str, at: datetime, session: str, sure: bool = False) -> datetime:
        """A view, and a click where it is liked; returns when the shopper goes on."""
        self._add(who, product, _VIEW, at, session)
        liking = self._tastes.liking(who, self._place[product])
        if sure or self._rng.random() < 1 / (1 + math.exp(0.6 - liking)):
            at += timedelta(seconds=self._rng.randint(3, 20))
            self._add(who, product, _CLICK, at, session)
        return at + timedelta(seconds=self._rng.randint(8, 90))

    def _add(self, who: int, product: str, kind: BehaviourKind, at: datetime, session: str) -> None:
        at = min(at, self._now)
        self._log.append(BehaviourEvent(self._people[who].id, product, kind, at, session))

    def _session(self) -> str:
        self._visits += 1
        return f"visit-{self._visits:06d}"
