"""The shop's own arithmetic: money is exact and of one currency, a product's price and stock come from its variants."""

from __future__ import annotations

import operator
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import MoneyError
from agent.shop import Address, Money, Order, OrderLine, OrderStatus, Product, Variant, exponent

currencies = st.sampled_from(["USD", "EUR", "JPY", "KWD", "SEK"])
minors = st.integers(-(10**12), 10**12)


@given(minors, currencies)
def test_an_amount_survives_the_way_to_major_units_and_back(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    assert Money.of(money.amount, currency) == money
    assert Money.of(str(money.amount), currency) == money


@given(minors, minors, currencies)
def test_sums_are_exact(a: int, b: int, currency: str) -> None:
    assert Money(a, currency) + Money(b, currency) - Money(b, currency) == Money(a, currency)
    assert (Money(a, currency) < Money(b, currency)) == (a < b)
    assert (Money(a, currency) <= Money(b, currency)) == (a <= b)
    assert Money(a, currency) * 3 == Money(a, currency) + Money(a, currency) + Money(a, currency)
    assert (-Money(a, currency)) + Money(a, currency) == Money(0, currency)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("19.99", "USD", 1999),
        (19.99, "USD", 1999),
        (0.1 + 0.2, "USD", 30),
        ("1.005", "USD", 101),
        ("-1.005", "USD", -101),
        ("1234", "JPY", 1234),
        ("1.5", "JPY", 2),
        ("1.2345", "KWD", 1235),
        (Decimal("0.01"), "EUR", 1),
        (0, "USD", 0),
    ],
)
def test_amounts_are_rounded_half_up_to_the_minor_unit(
    amount: Decimal | float | str, currency: str, minor: int
) -> None:
    assert Money.of(amount, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (Money(123456), "$1,234.56"),
        (Money(-500), "-$5.00"),
        (Money(5, "EUR"), "€0.05"),
        (Money(1234, "JPY"), "¥1,234"),
        (Money(1500, "SEK"), "15.00 SEK"),
        (Money(1500, "KWD"), "1.500 KWD"),
        (Money(0), "$0.00"),
        (Money(10**11, "GBP"), "£1,000,000,000.00"),
    ],
)
def test_money_in_words(money: Money, text: str) -> None:
    assert str(money) == text


def test_currencies_are_never_mixed() -> None:
    for combine in (operator.add, operator.sub, operator.lt, operator.le):
        with pytest.raises(MoneyError, match="cannot combine"):
            combine(Money(1), Money(1, "EUR"))


def test_the_digits_of_currencies() -> None:
    assert [exponent(c) for c in ("USD", "JPY", "KWD", "ZZZ")] == [2, 0, 3, 2]


def variant(name: str, price: int | None, stock: int | None, **options: str) -> Variant:
    return Variant(name, options, None if price is None else Money(price), stock)


def test_a_products_price_is_the_lowest_that_can_be_bought() -> None:
    cheap_but_gone = Product("p", "P", variants=(variant("a", 100, 0), variant("b", 300, 1), variant("c", 200, 5)))
    assert cheap_but_gone.price == Money(200)
    all_gone = Product("p", "P", variants=(variant("a", 100, 0), variant("b", 300, 0)))
    assert all_gone.price == Money(100)
    assert not all_gone.in_stock
    assert Product("p", "P", variants=(variant("a", None, 1),)).price is None
    assert Product("p", "P").price is None


def test_stock_is_counted_where_all_of_it_is() -> None:
    assert Product("p", "P", variants=(variant("a", 1, 2), variant("b", 1, 3))).stock == 5
    uncounted = Product("p", "P", variants=(variant("a", 1, 2), variant("b", 1, None)))
    assert uncounted.stock is None
    assert uncounted.in_stock
    assert Product("p", "P").stock is None
    assert not Product("p", "P").in_stock


def test_options_are_in_the_order_in_which_variants_bring_them() -> None:
    product = Product(
        "p", "P", variants=(variant("a", 1, 1, size="M", color="red"), variant("b", 1, 1, size="S", color="red"))
    )
    assert product.options == {"size": ("M", "S"), "color": ("red",)}


def test_an_orders_total_is_its_lines_and_the_shipping() -> None:
    home = Address("Ada", "1 Elm Street", "", "Springfield", "IL", "62701", "United States")
    lines = (
        OrderLine("1", "p", "v", "P", {}, Money(1_000), 3),
        OrderLine("2", "q", "w", "Q", {}, Money(250)),
    )
    order = Order("o", "ada", OrderStatus.PENDING, datetime(2026, 1, 1, tzinfo=UTC), lines, Money(495), home, "card")
    assert (order.subtotal, order.total) == (Money(3_250), Money(3_745))
    assert str(home) == "Ada, 1 Elm Street, Springfield, IL 62701, United States"
