"""A profile is a value: it grows by what the shopper does and says, newest first in force, and never without bound."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reco_core.errors import ProfileError
from reco_core.interactions import Interaction, Kind
from reco_core.profile import RECENT_CAP, Preference, Profile

events = st.lists(
    st.builds(Interaction, st.just("u"), st.sampled_from("abcdef"), st.sampled_from(Kind), st.integers(0, 10**6)),
    unique_by=lambda e: e.time,
)


@settings(deadline=None)
@given(events, st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(happened: list[Interaction], chance: random.Random) -> None:
    in_order = Profile("u").with_interactions(tuple(happened))
    chance.shuffle(happened)
    one_by_one = Profile("u")
    for event in happened:
        one_by_one = one_by_one.with_interaction(event)
    assert one_by_one == in_order


def test_a_repeated_view_is_kept_once_at_its_latest() -> None:
    profile = Profile("u")
    for time, item in enumerate("aba"):
        profile = profile.with_interaction(Interaction("u", item, Kind.VIEW, float(time)))
    assert [(e.item, e.time) for e in profile.recent] == [("b", 1.0), ("a", 2.0)]


def test_a_long_history_is_capped_and_what_was_bought_outlives_what_was_viewed() -> None:
    bought = Interaction("u", "bought first", Kind.PURCHASE, 0.0)
    views = tuple(Interaction("u", f"v{at}", Kind.VIEW, 1.0 + at) for at in range(2 * RECENT_CAP))
    profile = Profile("u").with_interactions((bought, *views))
    assert len(profile.recent) == RECENT_CAP
    assert profile.bought == {"bought first"}
    assert profile.recent[-1] == views[-1]
    only_bought = tuple(Interaction("u", f"p{at}", Kind.PURCHASE, float(at)) for at in range(2 * RECENT_CAP))
    assert Profile("u").with_interactions(only_bought).recent == only_bought[-RECENT_CAP:]


def test_the_newest_statement_on_a_value_replaces_the_older() -> None:
    profile = Profile("u").with_preference(Preference("material", "leather", True))
    profile = profile.with_preference(Preference("color", "blue")).with_preference(
        Preference("Material", "Leather", False)
    )
    assert profile.preferences == (Preference("color", "blue"), Preference("Material", "Leather", False))
    assert profile.without_preference(Preference("material", "LEATHER")).preferences == (Preference("color", "blue"),)


def test_there_is_one_highest_price() -> None:
    profile = Profile("u").with_preference(Preference.at_most(200)).with_preference(Preference("price_max", "49.50"))
    assert profile.price_max == 49.5
    assert profile.preferences == (Preference("price_max", "49.5"),)
    assert Profile("u").price_max is None
    assert Preference.at_most(123456.78).value == "123456.78"


@pytest.mark.parametrize(
    ("facet", "value", "liked"),
    [("*", "x", True), (" ", "x", True), ("brand", " ", True), ("price_max", "cheap", True),
     ("price_max", "-1", True), ("price_max", "nan", True), ("price_max", "10", False)],
)  # fmt: skip
def test_a_statement_that_makes_no_sense_is_refused(facet: str, value: str, liked: bool) -> None:
    with pytest.raises(ProfileError):
        Preference(facet, value, liked)


def test_a_stranger_is_somebody_of_whom_nothing_is_known() -> None:
    assert Profile.stranger().is_stranger
    assert Profile("known by name only").is_stranger
    assert not Profile.stranger().with_preference(Preference("color", "blue")).is_stranger
