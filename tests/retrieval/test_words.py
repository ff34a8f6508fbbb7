"""Texts are read as words that differ only where a shopper means another thing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.words import key, read, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("32GB", "32 gb"),
        ("32 Gigabytes", "32 GB"),
        ('15.6"', "15.6 inch"),
        ("15.60in", "15.6 inches"),
        ("6ft", "6 feet"),
        ("1,000 ml", "1000ml"),
        ("Women's shoes", "woman shoe"),
        ("Women’s", "womens"),
        ("MICE", "mouse"),
        ("batteries", "Battery"),
        ("watches", "watch"),
        ("Crème brûlée", "creme brulee"),
        ("grey colour", "gray color"),
        ("5½ cups", "5.5 cup"),
        ("t-shirt!", "T shirt"),
    ],
)
def test_spellings_of_one_thing_are_equal(one: str, other: str) -> None:
    assert key(one) == key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("15.6", "156"),
        ("15.6", "15 6"),
        ("802.11g", "802.11n"),
        ("glass", "gla"),
        ("3 in 1", "3 inch 1"),
        ("gps", "gp"),
    ],
)
def test_different_things_stay_different(one: str, other: str) -> None:
    assert key(one) != key(other)


def test_what_is_written_together_has_another_way_to_write_it() -> None:
    assert [word for _, _, word in read("T-Shirt, WH-1000XM4, cat 6").joined] == ["tshirt", "wh1000xm4", "cat6"]
    assert read("3 in 1 for 2, 10/100").joined == ()


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    found = read(text)
    assert all(found.words)
    assert all(0 <= first < last < len(found.words) for first, last, _ in found.joined)


@given(st.text(alphabet=st.characters(codec="ascii")))
def test_case_makes_no_difference(text: str) -> None:
    assert words(text.upper()) == words(text.lower())
