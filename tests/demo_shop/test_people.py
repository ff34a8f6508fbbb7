"""The simulated people: their orders add up, their behaviour fits their orders, and there is something to learn."""

from __future__ import annotations

import hashlib
import math
import os
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.behaviour import BehaviourKind
from agent.demo_shop.people import DEMO_SHOPPER_ID, DemoPeople, make_people
from agent.policy import load_policy
from agent.shop import Money, Order, OrderStatus, PaymentKind, Product, Variant
from tests.demo_shop.conftest import NOW

POLICY = load_policy()


def paid(order: Order) -> int:
    return sum(payment.amount.minor for payment in order.payments)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))
def test_the_featured_orders_can_be_made_at_any_time(seed: int, now: datetime) -> None:
    made = make_people(flat(9, 9), seed=seed, now=now, shoppers=6, orders=40, events=0)
    assert {order.status for order in made.orders} == set(OrderStatus)


def test_there_are_as_many_as_asked(people: DemoPeople) -> None:
    assert (len(people.shoppers), len(people.orders), len(people.behaviour)) == (500, 2500, 60_000)


def test_orders_are_in_every_state(people: DemoPeople) -> None:
    states = Counter(order.status for order in people.orders)
    assert set(states) == set(OrderStatus)
    assert states[OrderStatus.DELIVERED] > 0.7 * len(people.orders)


def test_the_featured_shoppers_cover_every_state(people: DemoPeople) -> None:
    of = defaultdict(set)
    for order in people.orders:
        of[order.shopper_id].add(order.status)
    assert len(people.featured) == 6
    assert set().union(*(of[shopper] for shopper in people.featured)) == set(OrderStatus)
    assert of[DEMO_SHOPPER_ID] == {
        OrderStatus.PENDING,
        OrderStatus.SHIPPED,
        OrderStatus.DELIVERED,
        OrderStatus.CANCELLED,
    }
    assert people.featured[0] == DEMO_SHOPPER_ID


def test_ids_are_unique(people: DemoPeople) -> None:
    assert len({order.id for order in people.orders}) == len(people.orders)
    assert len({shopper.id for shopper in people.shoppers}) == len(people.shoppers)
    assert len({shopper.email for shopper in people.shoppers}) == len(people.shoppers)
    keys = [payment.key for order in people.orders for payment in order.payments]
    assert len(set(keys)) == len(keys)


def test_shoppers_are_invented_and_reachable(people: DemoPeople) -> None:
    for shopper in people.shoppers:
        assert shopper.simulated
        assert shopper.email.endswith("@example.com")
        assert shopper.address.country in POLICY.shipping.countries
        assert 1 <= len(shopper.payment_methods) <= 3
        assert len({method.id for method in shopper.payment_methods}) == len(shopper.payment_methods)
        for method in shopper.payment_methods:
            assert (method.balance is not None) == (method.kind == PaymentKind.GIFT_CARD)
    assert len({shopper.name for shopper in people.shoppers}) > 400


def test_money_adds_up(people: DemoPeople) -> None:
    for order in people.orders:
        first, *rest = order.payments
        assert first.amount == order.total
        assert first.amount.minor > 0
        assert all(payment.amount.minor <= 0 for payment in rest)
        if order.status == OrderStatus.CANCELLED:
            assert paid(order) == order.total.minor * POLICY.cancellation.fee_percent // 100
        elif order.status == OrderStatus.RETURNED:
            assert paid(order) == order.shipping.minor + POLICY.returns.shipping_fee_minor
        else:
            assert not rest


def test_shipping_is_what_the_policy_says(people: DemoPeople) -> None:
    rules = POLICY.shipping
    for order in people.orders:
        standard = 0 if order.subtotal.minor >= rules.free_from_minor else rules.standard_fee_minor
        assert order.shipping.minor in (standard, rules.express_fee_minor)


def test_histories_make_sense(people: DemoPeople) -> None:
    for order in people.orders:
        times = [change.at for change in order.history]
        assert times == sorted(times)
        assert times[0] == order.placed_at
        assert times[-1] <= NOW
        assert order.history[0].status == OrderStatus.PENDING
        assert order.history[-1].status == order.status
        assert order.version == len(order.history) - 1
        passed = {change.status for change in order.history}
        assert (order.tracking is not None) == (OrderStatus.SHIPPED in passed)
        assert (order.delivered_at is not None) == (OrderStatus.DELIVERED in passed)


def test_states_fit_the_age_of_an_order(people: DemoPeople) -> None:
    for order in people.orders:
        age = NOW - order.placed_at
        if order.status == OrderStatus.PENDING:
            assert age < timedelta(days=2)
        if order.status == OrderStatus.SHIPPED:
            assert order.expected_at
            assert age < timedelta(days=16)
        if order.status == OrderStatus.CANCELLED:
            assert order.history[-1].note in POLICY.cancellation.reasons
            assert [change.status for change in order.history][-2] in POLICY.cancellation.states
        if order.status in (OrderStatus.RETURN_REQUESTED, OrderStatus.RETURNED):
            asked = next(c.at for c in order.history if c.status == OrderStatus.RETURN_REQUESTED)
            assert order.delivered_at
            assert asked - order.delivered_at <= timedelta(days=POLICY.returns.window_days)
        assert age < timedelta(days=305)


def test_final_sale_is_never_returned(people: DemoPeople, products: list[Product]) -> None:
    final = {p.id for p in products if set(p.category) & set(POLICY.returns.final_sale_categories)}
    with_final = [order for order in people.orders if any(line.product_id in final for line in order.lines)]
    assert len(with_final) > 10
    back = {OrderStatus.RETURN_REQUESTED, OrderStatus.RETURNED, OrderStatus.EXCHANGE_REQUESTED}
    assert not [order for order in with_final if order.status in back]
    assert not [order for order in with_final if order.shopper_id in people.featured]


def test_lines_are_things_of_the_shop(people: DemoPeople, products: list[Product]) -> None:
    by_id = {product.id: product for product in products}
    for order in people.orders:
        assert len({line.product_id for line in order.lines}) == len(order.lines)
        for line in order.lines:
            product = by_id[line.product_id]
            assert line.title == product.title
            assert line.quantity >= 1
            assert line.options == next(v.options for v in product.variants if v.id == line.variant_id)


def test_every_order_is_in_the_behaviour_and_nothing_else_was_bought(people: DemoPeople) -> None:
    ordered = Counter((o.shopper_id, line.product_id, o.placed_at) for o in people.orders for line in o.lines)
    logged = Counter((e.shopper_id, e.product_id, e.at) for e in people.behaviour if e.kind == BehaviourKind.PURCHASE)
    assert ordered == logged


def test_behaviour_is_a_funnel_in_time(people: DemoPeople) -> None:
    counts = Counter(event.kind for event in people.behaviour)
    assert [kind for kind, _ in counts.most_common()] == list(BehaviourKind)
    times = [event.at for event in people.behaviour]
    assert times == sorted(times)
    assert times[-1] <= NOW
    visits = defaultdict(list)
    for event in people.behaviour:
        visits[event.session].append(event)
    assert all(len({event.shopper_id for event in visit}) == 1 for visit in visits.values())
    assert all(visit[0].kind == BehaviourKind.VIEW for visit in visits.values())


def test_few_products_get_much_of_the_attention(people: DemoPeople, products: list[Product]) -> None:
    seen = Counter(event.product_id for event in people.behaviour).most_common()
    top = sum(count for _, count in seen[: len(products) // 10]) / len(people.behaviour)
    assert 0.25 < top < 0.7
    assert len(seen) > 0.7 * len(products)
    assert seen[0][1] < 0.05 * len(people.behaviour)


def test_people_keep_to_their_tastes(people: DemoPeople, products: list[Product]) -> None:
    """What somebody buys is of a category that they looked at before far more often than chance would have it."""
    category = {product.id: product.category for product in products}
    share = Counter(category[event.product_id] for event in people.behaviour)
    looked: dict[str, Counter[tuple[str, ...]]] = defaultdict(Counter)
    lift, bought = 0.0, 0
    for event in people.behaviour:
        if event.kind == BehaviourKind.PURCHASE and sum(looked[event.shopper_id].values()) >= 20:
            mine = looked[event.shopper_id]
            chance = share[category[event.product_id]] / len(people.behaviour)
            lift += math.log((mine[category[event.product_id]] / sum(mine.values()) + 1e-3) / chance)
            bought += 1
        elif event.at < NOW - timedelta(days=60):
            looked[event.shopper_id][category[event.product_id]] += 1
    assert bought > 500
    assert lift / bought > 0.5


def test_things_that_go_together_are_bought_together(people: DemoPeople, products: list[Product]) -> None:
    last = {product.id: product.category[-1] for product in products}
    baskets = [{last[line.product_id] for line in order.lines} for order in people.orders]

    def lift(one: str, other: str) -> float:
        both = sum(one in basket and other in basket for basket in baskets)
        return both * len(baskets) / (sum(one in b for b in baskets) * sum(other in b for b in baskets))

    assert lift("Frying pans", "Kitchen knives") > 2
    assert lift("Kettles", "Mugs") > 2
    assert lift("Notebooks", "Pens") > 2


def test_some_things_are_bought_again(people: DemoPeople) -> None:
    bought = Counter((o.shopper_id, line.product_id) for o in people.orders for line in o.lines)
    assert sum(count > 1 for count in bought.values()) > 20


def test_garden_furniture_sells_in_summer(products: list[Product]) -> None:
    """Seasons: over a year of orders more than half of the planters and garden chairs go in five months."""
    made = make_people(products, seed=3, now=datetime(2025, 9, 30, tzinfo=UTC), shoppers=60, orders=1200, events=0)
    garden = {product.id for product in products if product.category[0] == "Garden"}
    months = Counter(o.placed_at.month for o in made.orders for line in o.lines if line.product_id in garden)
    warm = sum(months[month] for month in range(3, 8))
    everything = Counter(o.placed_at.month for o in made.orders)
    assert warm / months.total() > 1.15 * sum(everything[month] for month in range(3, 8)) / everything.total()


# --- any catalogue ---------------------------------------------------------------------------------------


def flat(count: int, priced: int) -> list[Product]:
    """A catalogue as it may be imported: no categories, some products without a price, stock not counted."""
    nouns = ("cable", "monitor", "keyboard", "toner cartridge", "Ω")
    return [
        Product(
            id=str(number),
            title=f"Thing {nouns[number % len(nouns)]} no {number}",
            brand=None if number % 3 == 0 else f"B{number % 7}",
            variants=(Variant(str(number), {}, Money(1000 + number) if number < priced else None, None),),
        )
        for number in range(count)
    ]


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 40), st.integers(0, 40), st.integers(1, 12), st.integers(0, 30), st.integers(0, 200))
def test_any_catalogue_will_do(count: int, priced: int, shoppers: int, orders: int, events: int) -> None:
    products = flat(count, priced)
    made = make_people(products, seed=1, now=NOW, shoppers=shoppers, orders=orders, events=events)
    assert len(made.shoppers) == shoppers
    assert len(made.orders) == (orders if priced else 0)
    assert len(made.behaviour) >= events
    bought = {line.product_id for order in made.orders for line in order.lines}
    assert bought <= {product.id for product in products if product.price}


def test_an_empty_catalogue_has_people_without_orders() -> None:
    made = make_people([], seed=1, now=NOW, shoppers=3)
    assert (len(made.shoppers), made.orders, made.behaviour) == (3, [], [])


def test_an_order_has_one_currency() -> None:
    products = flat(20, 20)
    euro = [
        Product(f"e{p.id}", p.title, variants=(Variant(f"e{p.id}", {}, Money(900, "EUR"), None),)) for p in products
    ]
    made = make_people([*products, *euro], seed=1, now=NOW, shoppers=5, orders=60, events=0)
    for order in made.orders:
        assert {line.price.currency for line in order.lines} == {order.shipping.currency}


def test_another_seed_is_other_people(products: list[Product]) -> None:
    few = [make_people(products, seed=s, now=NOW, shoppers=9, orders=9, events=90) for s in (1, 1, 2)]
    assert few[0] == few[1]
    assert few[0] != few[2]


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_the_same_seed_is_the_same_people_in_every_process(people: DemoPeople, hash_seed: str) -> None:
    code = (
        "import hashlib; from datetime import UTC, datetime\n"
        "from agent.demo_shop.people import make_people\n"
        "from agent.demo_shop.products import make_products\n"
        "made = make_people(make_products(), seed=7, now=datetime(2025, 11, 24, 12, 0, tzinfo=UTC))\n"
        "print(hashlib.sha256(repr(made).encode()).hexdigest())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    made = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert made.stdout.strip() == hashlib.sha256(repr(people).encode()).hexdigest()
