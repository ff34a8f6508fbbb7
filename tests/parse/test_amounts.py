"""Prices in free text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.parse.amounts import PriceWish, cut_price
from retrieval.parse.cutting import Cutting


def price(text: str, *, had_price: bool = False) -> tuple[float | None, float | None]:
    wish = cut_price(Cutting(text), had_price=had_price)
    return wish.low, wish.high


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("under $50", None, 50),
        ("nothing over 15 bucks", None, 15),
        ("not more than 25", None, 25),
        ("it mustn't cost more than 900.", None, 900),
        ("my budget is 60", None, 60),
        ("budget: 80", None, 80),
        ("i can spend 200", None, 200),
        ("40 tops", None, 40),
        ("1.5k max", None, 1500),
        ("1,299 dollars or less", None, 1299),
        ("a lamp for $50", None, 50),
        ("max 25", None, 25),
        ("up to £30.50", None, 30.5),
        ("over 40", 40, None),
        ("at least 100 euros", 100, None),
        ("$100+", 100, None),
        ("100 or more", 100, None),
        ("between 20 and 40 euros", 20, 40),
        ("$20-$40", 20, 40),
        ("20 to 30 dollars", 20, 30),
        ("from 40 to 20 dollars", 20, 40),
        ("around 20", 13, 27),
        ("a lamp under 80 in black", None, 80),
    ],
)
def test_limits_are_read_however_they_are_written(text: str, low: float | None, high: float | None) -> None:
    assert price(text) == (low, high)


@pytest.mark.parametrize(
    "text",
    ["at least 32 gb", "15.6 inch", "under 2 metres",
     "more than 3 ports", "a 4 person tent", "size 42", "up to 20 hours",
     "over 500 ml", "30% off", "within 3 days", "airpods 2", "cat6", ""],
)  # fmt: skip
def test_other_numbers_are_no_prices(text: str) -> None:
    assert price(text) == (None, None)


def test_a_bare_number_replaces_a_price_that_is_talked_about_and_only_then() -> None:
    assert price("ok 60 again", had_price=True) == (None, 60)
    assert price("ok 60 again") == (None, None)


def test_what_was_understood_is_cut_out_and_the_rest_stays() -> None:
    text = Cutting("a desk lamp under $50 in black")
    assert cut_price(text) == PriceWish(None, 50, "USD")
    assert "50" not in text.text
    assert "desk lamp" in text.text
    assert "in black" in text.text


@given(
    st.integers(1, 99_999),
    st.sampled_from(["under ${}", "{} dollars or less", "no more than {}", "max {}", "up to {} euros"]),
)
def test_every_whole_amount_is_read(amount: int, form: str) -> None:
    assert price(form.format(amount)) == (None, float(amount))


@given(st.text(max_size=200))
def test_any_text_is_read_without_an_error_and_limits_never_cross(text: str) -> None:
    low, high = price(text)
    assert low is None or high is None or low <= high
