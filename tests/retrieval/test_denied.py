"""What a query denies, read for ranking."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.denied import read_denials, signs_of
from retrieval.mentions import Mentions

ALL = np.arange(4)


@pytest.mark.parametrize(
    ("query", "text", "without"),
    [
        ("white desk chair without wheels", "white desk chair", ("wheel",)),
        ("thermostat without a c wire for the hall", "thermostat for the hall", ("c wire",)),
        ("water bottle no straw and no handle", "water bottle and", ("straw", "handle")),
        ("mug w/o handle", "mug", ("handle",)),
        ("a non-stick pan", "a non-stick pan", ()),
        ("no name sneakers", "no name sneakers", ()),
        ("without", "without", ()),
        ("", "", ()),
    ],
)
def test_the_thing_denied_is_no_part_of_what_is_looked_for(query: str, text: str, without: tuple[str, ...]) -> None:
    asked = read_denials(query)
    assert (asked.text, asked.without) == (text, without)


def test_a_title_that_says_it_is_without_keeps_silent_and_one_that_has_it_does_not() -> None:
    titles = ["Bottle with straw", "Bottle without straw", "Plain bottle", "Straw-free bottle"]
    silent, says_so = signs_of("straw", Mentions.build([t] for t in titles), ALL)
    assert silent.tolist() == [0, 1, 1, 1]
    assert says_so.tolist() == [0, 1, 0, 1]


@given(st.text(max_size=200))
def test_any_text_is_read_and_something_is_left_to_look_for(text: str) -> None:
    asked = read_denials(text)
    assert asked.text or not text
