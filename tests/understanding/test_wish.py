"""How a chat's messages add up to one search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from agent.understanding.state import ChatState, Outcome
from agent.understanding.wish import kind_of, next_search
from retrieval.columns import Columns
from retrieval.documents import Document
from retrieval.parse.parser import Parser

_SHOP = [
    Document("1", "Nordlys desk lamp", "Dimmable.", "Nordlys", ("Lighting",), 49.0, attributes={"color": "black"}),
    Document(
        "2", "Ironmoor desk lamp in blue", "Stemless.", "Ironmoor", ("Lighting",), 60.0, attributes={"color": "blue"}
    ),
    Document("3", "Laptop with SSD, 15.6 inch", "8 GB.", "Bytes", ("Computers",), 700.0, attributes={"color": "grey"}),
    Document("4", "Laptop sleeve, leather", "Soft.", "Bytes", ("Bags",), 20.0, attributes={"color": "green"}),
]
_WORDS = {"lamp", "lamps", "desk", "dimmable", "laptop", "laptops", "sleeve", "ssd", "stem", "stemless", "glass"}


@pytest.fixture(scope="module")
def parser() -> Parser:
    return Parser(Columns.build(_SHOP), _WORDS)


def fits(_arguments: dict[str, Any], wants: Sequence[str]) -> int:
    """The shop knows these properties of everything."""
    known = {"dimmable", "stemless", "stem", "ssd", "black", "blue", "leather"}
    return int(set(" ".join(wants).split()) <= known)


def chat(parser: Parser, *messages: str, prices: Sequence[float] = ()) -> dict[str, Any]:
    """The search that these messages lead to, one after the other; each shows products of these prices."""
    state = ChatState()
    arguments: dict[str, Any] = {}
    for message in messages:
        had_price = bool(arguments.get("price_max") or arguments.get("price_min"))
        arguments = next_search(parser.parse(message, had_price=had_price), state, fits)
        listing = [{"id": str(n), "title": "x", "price": f"${price:.2f}"} for n, price in enumerate(prices)]
        state.before.append(Outcome("search_products", arguments, True, {"products": listing}))
    return {name: value for name, value in arguments.items() if value not in (None, [])}


def test_a_refinement_keeps_what_was_said_before(parser: Parser) -> None:
    assert chat(parser, "desk lamp under 60", "in black", "from nordlys") == {
        "query": "desk lamp", "price_max": 60.0, "wants": ["black"], "brands": ["Nordlys"],
    }  # fmt: skip


def test_a_new_value_takes_the_place_of_one_of_its_kind(parser: Parser) -> None:
    assert chat(parser, "black desk lamp", "in blue")["wants"] == ["blue"]
    assert chat(parser, "desk lamp from nordlys", "ironmoor then")["brands"] == ["Ironmoor"]
    assert chat(parser, "desk lamp under 60", "under 100 instead")["price_max"] == 100


def test_another_thing_starts_afresh(parser: Parser) -> None:
    assert chat(parser, "desk lamp under 60 in black", "i need a laptop") == {"query": "laptop"}


def test_going_back_restores_what_was_asked_of_the_first_thing(parser: Parser) -> None:
    back = chat(parser, "desk lamp under 60", "a laptop sleeve", "ok back to the lamps. any in black?")
    assert back == {"query": "desk lamp", "price_max": 60.0, "wants": ["black"]}


def test_conditions_can_be_dropped(parser: Parser) -> None:
    assert chat(parser, "desk lamp from nordlys under 60", "forget the brand") == {
        "query": "desk lamp",
        "price_max": 60.0,
    }
    assert chat(parser, "desk lamp under 60", "price doesn't matter") == {"query": "desk lamp"}


def test_limits_that_contradict_each_other_leave_the_newer_one(parser: Parser) -> None:
    assert chat(parser, "desk lamp around 20", "over 40") == {"query": "desk lamp", "price_min": 40.0}
    assert chat(parser, "desk lamp over 50", "max 30") == {"query": "desk lamp", "price_max": 30.0}


def test_cheaper_is_relative_to_what_was_shown(parser: Parser) -> None:
    assert chat(parser, "desk lamp", "cheaper", prices=[30, 40, 50])["price_max"] == 39.99
    assert chat(parser, "desk lamp", "something fancier", prices=[30, 40, 50])["price_min"] == 40.01


def test_cheaper_before_anything_was_shown_sorts(parser: Parser) -> None:
    assert chat(parser, "cheaper desk lamp")["sort"] == "cheapest"


def test_what_is_wanted_and_what_is_not_drive_each_other_out(parser: Parser) -> None:
    assert chat(parser, "leather laptop sleeve", "no leather") == {"query": "laptop sleeve", "without": ["leather"]}
    assert chat(parser, "stemless glass", "with a stem")["wants"] == ["stem"]


def test_a_word_that_products_have_becomes_a_condition_and_another_only_ranks(parser: Parser) -> None:
    assert chat(parser, "desk lamp", "dimmable ones")["wants"] == ["dimmable"]
    assert chat(parser, "desk lamp", "glass ones")["query"] == "desk lamp glass"


def test_for_whom_it_is_counts_where_products_say_so(parser: Parser) -> None:
    assert chat(parser, "a leather laptop sleeve for my wife") == {"query": "laptop sleeve", "wants": ["leather"]}


@pytest.mark.parametrize(
    ("want", "kind"),
    [("blue", "color"), ("leather", "material"), ("women", "whom"), ("32 gb", "measure storage"),
     ("15.6", "measure length"),
     ("size m", "size"), ("dimmable", "dimmable")],
)  # fmt: skip
def test_kinds_of_wishes(want: str, kind: str) -> None:
    assert kind_of(want) == kind
