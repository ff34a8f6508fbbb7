"""Messages into wishes, on a small catalogue whose vocabulary is known."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.columns import Columns
from retrieval.documents import Document
from retrieval.parse.parser import Parser
from retrieval.query import Sort

_PRODUCTS = [
    Document("1", "Nordlys oak desk lamp", "Dimmable, with a USB port.", "Nordlys", ("Lighting", "Desk lamps"), 49.0,
             attributes={"color": "black", "material": "oak"}),
    Document("2", "Nordlys floor lamp", "Warm light.", "Nordlys", ("Lighting", "Floor lamps"), 99.0,
             attributes={"color": "white", "material": "steel"}),
    Document("3", "Wireless headphones with microphone", "Bluetooth.", "Apple", ("Audio", "Headphones"), 120.0,
             attributes={"color": "blue"}),
    Document("4", "Leather backpack, 20 l", "Apple green lining.", "Trek & Co", ("Bags", "Backpacks"), 80.0,
             attributes={"color": "green", "material": "leather"}),
    Document("5", "USB stick 32 GB", "An apple on it.", "Bytes", ("Computers",), 9.0, attributes={"color": "red"}),
    *[Document(f"x{n}", f"Apple sticker {n}", "apple", "Stick", ("Toys",), 1.0) for n in range(8)],
]  # fmt: skip


@pytest.fixture(scope="module")
def parser() -> Parser:
    return Parser(Columns.build(_PRODUCTS), {"shame", "whatever", "bring"})


def test_the_thing_and_its_conditions_are_told_apart(parser: Parser) -> None:
    wish = parser.parse("hi, I'm looking for a black desk lamp from Nordlys under $60 please")
    assert wish.text == "desk lamp"
    assert wish.wants == ("black",)
    assert wish.brands == ("Nordlys",)
    assert (wish.price.low, wish.price.high) == (None, 60)


def test_a_brand_that_is_mostly_another_word_needs_a_cue(parser: Parser) -> None:
    assert parser.parse("apple sticker").brands == ()
    assert parser.parse("headphones from apple").brands == ("Apple",)


def test_a_brand_that_the_shop_lacks_is_still_a_condition(parser: Parser) -> None:
    assert parser.parse("have you got those from brooks?").brands == ("brooks",)


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("a backpack, not leather", ("leather",)),
        ("a backpack without leather", ("leather",)),
        ("no steel please", ("steel",)),
        ("leather-free backpack", ("leather",)),
        ("headphones but not the in ear type", ("in ear",)),
        ("no problem", ()),
        ("not sure", ()),
    ],
)
def test_what_must_not_be(parser: Parser, text: str, without: tuple[str, ...]) -> None:
    assert parser.parse(text).without == without


def test_a_negated_brand_is_a_brand(parser: Parser) -> None:
    assert parser.parse("a lamp that's not nordlys").without_brands == ("nordlys",)
    assert parser.parse("a brand that isn't nordlys").without_brands == ("nordlys",)


@pytest.mark.parametrize(
    ("text", "wants"),
    [
        ("32gb", ("32 gb",)),
        ("32 gigabytes", ("32 gb",)),
        ("14 or 15.6 inch", ("14 inch or 15.6 inch",)),
        ('a 27" screen', ("27 inch",)),
        ("for 15.6", ("15.6",)),
        ("blue or green", ("blue or green",)),
        ("for my wife", ("women",)),
        ("3 metres", ("3 m",)),
        ("a 27in screen", ("27 inch",)),
        ("under 80 in black", ("black",)),
    ],
)
def test_properties_are_normal_forms(parser: Parser, text: str, wants: tuple[str, ...]) -> None:
    assert parser.parse(text).wants == wants


def test_what_it_comes_with_is_a_feature(parser: Parser) -> None:
    wish = parser.parse("headphones with a microphone")
    assert (wish.text, wish.features) == ("headphones", ("microphone",))


@pytest.mark.parametrize(
    ("text", "sort"),
    [
        ("what's your cheapest lamp", Sort.CHEAPEST),
        ("and the most expensive?", Sort.MOST_EXPENSIVE),
        ("best rated backpack", Sort.BEST_RATED),
        ("a lamp", None),
    ],
)
def test_superlatives_are_an_order(parser: Parser, text: str, sort: Sort | None) -> None:
    assert parser.parse(text).sort is sort


def test_relative_wishes_are_marked(parser: Parser) -> None:
    assert parser.parse("something cheaper").cheaper
    assert parser.parse("nah, fancier").dearer
    assert not parser.parse("cheapest").cheaper


@pytest.mark.parametrize(
    ("text", "dropped"),
    [("forget the brand", "brand"), ("any brand", "brand"), ("price doesn't matter", "price"),
     ("any colour is fine", "color"), ("forget 15.6", "15.6")],
)  # fmt: skip
def test_conditions_can_be_dropped(parser: Parser, text: str, dropped: str) -> None:
    assert dropped in parser.parse(text).drops


def test_misspelt_words_are_put_right_and_real_words_left_alone(parser: Parser) -> None:
    assert parser.parse("lokking for hedphones").text in ("headphone", "headphones")
    assert parser.parse("sumthing under 50 dolars").price.high == 50
    assert "shame" in parser.parse("shame. a lamp then").corrected


def test_a_message_that_only_refines_names_nothing(parser: Parser) -> None:
    for text in ("cheaper", "in black", "under 30", "do you have it in green?", "ok, what about white ones"):
        assert parser.parse(text).text == "", text


def test_for_keeps_what_it_is_for_behind_the_thing(parser: Parser) -> None:
    assert parser.parse("a lamp for a desk").text == "lamp for desk"


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_read_without_an_error(parser: Parser, text: str) -> None:
    parser.parse(text, had_price=True)
