"""Prices and stock are read exactly, or not at all."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.feeds.amounts import CURRENCIES, currency_code, money, stock
from agent.feeds.entries import RowError
from agent.shop import Money


@pytest.mark.parametrize(
    ("value", "currency", "minor", "code"),
    [
        (19.99, "USD", 1999, "USD"),
        (20, "USD", 2000, "USD"),
        (0, "USD", 0, "USD"),
        (19.999, "USD", 2000, "USD"),
        ("15.00 USD", "EUR", 1500, "USD"),
        ("EUR 15", "USD", 1500, "EUR"),
        ("$1,299.00", "USD", 129900, "USD"),
        ("$5", "CAD", 500, "CAD"),
        ("$5", "EUR", 500, "USD"),
        ("15,99 €", "USD", 1599, "EUR"),
        ("1.299,00", "EUR", 129900, "EUR"),
        ("1,299", "USD", 129900, "USD"),
        ("1'299.50", "CHF", 129950, "CHF"),
        ("1\u00a0299,50", "EUR", 129950, "EUR"),
        ("1,29,999.00", "INR", 12999900, "INR"),
        ("1.234.567", "EUR", 123456700, "EUR"),
        (".5", "USD", 50, "USD"),
        ("0.125", "USD", 13, "USD"),
        ("1.299", "KWD", 1299, "KWD"),
        ("1200", "JPY", 1200, "JPY"),
        ("٣", "USD", 300, "USD"),
    ],
)
def test_prices_as_shops_write_them(value: Any, currency: str, minor: int, code: str) -> None:
    assert money(value, currency) == Money(minor, code)


@pytest.mark.parametrize("value", [None, "", "  "])
def test_no_price_is_a_price_on_request(value: Any) -> None:
    assert money(value, "USD") is None


@pytest.mark.parametrize(
    "value",
    ["abc", "-5", -5, -0.01, float("nan"), float("inf"), "NaN", "1e3", "5 to 9", "5-9", "1,2,3", "12.34.5", "1 2", True,
     "1.299", "99 XYZ", 10**13, 1e300, 10**400, "9" * 500, "--5", ".", ",", "²", [5]],
)  # fmt: skip
def test_what_is_not_a_price_is_a_bad_row(value: Any) -> None:
    with pytest.raises(RowError, match="price"):
        money(value, "USD")


def test_a_decimal_sign_settles_what_is_ambiguous() -> None:
    assert money("1.299", "EUR", ",") == Money(129900, "EUR")
    assert money("1.299", "EUR", ".") == Money(130, "EUR")
    assert money("1,299", "EUR", ",") == Money(130, "EUR")
    with pytest.raises(RowError):
        money("15,99", "USD", ".")


@given(st.integers(0, 10**12), st.sampled_from(sorted(CURRENCIES)))
def test_every_amount_is_read_back_exactly(minor: int, currency: str) -> None:
    amount = Money(minor, currency).amount
    assert money(f"{amount:,f} {currency}", "USD", ".") == Money(minor, currency)
    assert money(float(amount), currency) == Money(minor, currency)
    assert Decimal(repr(float(amount))) == amount


@pytest.mark.parametrize(
    ("value", "units"),
    [(None, None), ("", None), (5, 5), ("7", 7), ("7.0", 7), (-3, 0), ("-3", 0), ("1,200", 1200), ("in stock", None),
     ("In_Stock", None), (True, None), ("out of stock", 0), ("out-of-stock", 0), ("sold out", 0), (False, 0)],
)  # fmt: skip
def test_stock_in_numbers_and_words(value: Any, units: int | None) -> None:
    assert stock(value) == units


@pytest.mark.parametrize("value", ["many", "nan", "inf", 10**12, "5 or 6", [1]])
def test_what_is_not_a_count_is_a_bad_row(value: Any) -> None:
    with pytest.raises(RowError, match="stock"):
        stock(value)


def test_currencies_are_those_of_iso_4217() -> None:
    assert currency_code(" eur ", "USD") == "EUR"
    assert currency_code(None, "USD") == "USD"
    with pytest.raises(RowError, match="ISO 4217"):
        currency_code("BTC", "USD")
