"""What a message points at among the things shown."""

from __future__ import annotations

import pytest

from agent.understanding.pointing import named, pointed, points_at_it, points_at_them, points_beyond

_LISTING = [
    {"id": "a", "title": "Oak chair", "brand": "Nordlys"},
    {"id": "b", "title": "Steel chair", "brand": "Ironmoor"},
    {"id": "c", "title": "Walnut stool", "brand": "Nordlys"},
]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("the second one", [2]),
        ("tell me about number 3", [3]),
        ("#1 please", [1]),
        ("2", [2]),
        ("the last one", [3]),
        ("compare the first two", [1, 2]),
        ("the third against the first", [3, 1]),
        ("the first and the second", [1, 2]),
        ("the fifth one", []),
        ("my first order", []),
        ("size 2.5", []),
        ("something else", []),
    ],
)
def test_places(text: str, places: list[int]) -> None:
    assert pointed(text, _LISTING) == places


def test_nothing_shown_means_nothing_pointed_at() -> None:
    assert pointed("the first one", []) == []


def test_a_place_beyond_the_list_is_noticed() -> None:
    assert points_beyond("what about the fifth one?")
    assert not points_beyond("what about a blue one?")


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("is the walnut one sturdy?", [3]),
        ("the ironmoor", [2]),
        ("the nordlys one", []),
        ("the chair", []),
        ("the glass one", []),
    ],
)
def test_a_word_that_only_one_of_them_has_names_it(text: str, places: list[int]) -> None:
    assert named(text, _LISTING) == places


def test_pronouns() -> None:
    assert points_at_it("is it heavy?")
    assert points_at_them("which of those is cheaper")
    assert not points_at_it("a lamp")
