"""Which titles are of something that only goes with the thing."""

from __future__ import annotations

import pytest

from retrieval.kinds import belongs_to_it


@pytest.mark.parametrize(
    ("title", "names", "belongs"),
    [
        ("Camcorder battery BP-70", ["camcorder"], True),
        ("Camcorder with spare battery", ["camcorder"], False),
        ("Desk lamp, black", ["desk lamp"], False),
        ("Stand up desk", ["desk"], False),
        ("(Renewed) AirPods case", ["airpods"], False),
        ("", ["camcorder"], False),
    ],
)
def test_what_stands_in_the_head_of_a_title_decides(title: str, names: list[str], belongs: bool) -> None:
    assert belongs_to_it(title, names) is belongs
