"""A phrase is found exactly where its words stand side by side in one field."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from retrieval.mentions import Mentions

WORDS = st.lists(st.sampled_from(["red", "blue", "bag", "box"]), max_size=6).map(" ".join)
PRODUCTS = st.lists(st.lists(WORDS, min_size=1, max_size=3), min_size=1, max_size=5)


@given(PRODUCTS, WORDS)
def test_phrases_are_found_as_a_reader_would(products: list[list[str]], phrase: str) -> None:
    mentions = Mentions.build(products)
    padded = f" {phrase} "
    expected = [bool(phrase) and any(padded in f" {text} " for text in texts) for texts in products]
    in_title = [bool(phrase) and padded in f" {texts[0]} " for texts in products]
    assert mentions.mask(phrase).tolist() == expected
    assert mentions.mask(phrase, title=True).tolist() == in_title


def test_one_word_or_two_is_the_same() -> None:
    mentions = Mentions.build([["wi-fi router"], ["WiFi router"], ["cat 6 cable"], ["CAT6 cable"]])
    assert mentions.mask("wifi router").tolist() == [True, True, False, False]
    assert mentions.mask("wi fi").tolist() == [True, True, False, False]
    assert mentions.mask("cat6").tolist() == [False, False, True, True]
    assert mentions.mask("cat 6").tolist() == [False, False, True, True]
