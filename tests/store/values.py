"""Products, shoppers and orders, drawn by Hypothesis: any that the shop's types allow and a database can hold."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from agent.shop import (
    Address,
    Money,
    Order,
    OrderChange,
    OrderLine,
    OrderStatus,
    Payment,
    PaymentKind,
    PaymentMethod,
    Product,
    Shopper,
    Variant,
)

# Text as the guards let it through: no control characters, no halves of a pair.
texts = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=40)
names = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=20)
moments = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
minors = st.integers(0, 10**13)
options = st.dictionaries(names, names, max_size=3)


@st.composite
def products(draw: st.DrawFn, product_id: str) -> Product:
    count = draw(st.integers(0, 3))
    return Product(
        id=product_id,
        title=draw(names),
        description=draw(texts),
        brand=draw(st.none() | names),
        category=tuple(draw(st.lists(names, max_size=3))),
        attributes=draw(st.dictionaries(names, names | st.booleans() | st.floats(-1e9, 1e9), max_size=4)),
        image=draw(st.none() | names),
        rating=draw(st.none() | st.floats(0, 5)),
        rating_count=draw(st.integers(0, 10**6)),
        variants=tuple(
            Variant(
                f"{product_id}/{number}",
                draw(options),
                draw(st.none() | st.builds(Money, minors, st.sampled_from(["USD", "EUR", "JPY"]))),
                draw(st.none() | st.integers(0, 1000)),
            )
            for number in range(count)
        ),
    )


addresses = st.builds(Address, *(texts for _ in range(7)))


@st.composite
def methods(draw: st.DrawFn, currency: str) -> tuple[PaymentMethod, ...]:
    kinds = draw(st.lists(st.sampled_from(PaymentKind), min_size=1, max_size=3))
    return tuple(
        PaymentMethod(
            f"method-{number}",
            kind,
            draw(names),
            Money(draw(minors), currency) if kind is PaymentKind.GIFT_CARD else None,
        )
        for number, kind in enumerate(kinds)
    )


@st.composite
def shoppers(draw: st.DrawFn, shopper_id: str) -> Shopper:
    return Shopper(shopper_id, draw(names), draw(names), draw(addresses), draw(methods("USD")), draw(st.booleans()))


@st.composite
def orders(draw: st.DrawFn, order_id: str, shopper_id: str) -> Order:
    currency = draw(st.sampled_from(["USD", "EUR", "JPY"]))
    lines = tuple(
        OrderLine(
            f"line-{number}",
            draw(names),
            draw(names),
            draw(names),
            draw(options),
            Money(draw(minors), currency),
            draw(st.integers(1, 99)),
            draw(st.none() | names),
        )
        for number in range(draw(st.integers(0, 4)))
    )
    history = [
        OrderChange(draw(moments), draw(st.sampled_from(OrderStatus)), draw(texts))
        for _ in range(draw(st.integers(0, 3)))
    ]
    paid = sorted(draw(st.lists(moments, max_size=3)))
    return Order(
        id=order_id,
        shopper_id=shopper_id,
        status=draw(st.sampled_from(OrderStatus)),
        placed_at=draw(moments),
        lines=lines,
        shipping=Money(draw(minors), currency),
        address=draw(addresses),
        payment_method_id="method-0",
        expected_at=draw(st.none() | moments),
        delivered_at=draw(st.none() | moments),
        tracking=draw(st.none() | names),
        history=tuple(history),
        payments=tuple(
            Payment(at, Money(draw(st.integers(-(10**9), 10**9)), currency), "method-0", f"{order_id}:{number}")
            for number, at in enumerate(paid)
        ),
        version=draw(st.integers(0, 9)),
    )
