"""What holds for every wish, however it is put: limits are kept, undoing undoes, and order does not matter."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.catalogue import Catalogue
from agent.picking import pick, query_of
from agent.reading import Reader
from agent.shop import Product
from agent.understanding.state import ChatState, Outcome
from agent.understanding.wish import next_search
from retrieval.query import Sort
from retrieval.resolve import Wishes
from retrieval.units import KINDS, factors_of, measure
from tests.understanding.shop_of_lamps import COLORS, MAKERS, MATERIALS, open_lamps

REFINEMENTS = {
    "under 40": "price doesn't matter",
    "at least 25 dollars": "any price",
    "in black": "colour doesn't matter",
    "in blue or green": "in any colour",
    "from nordlys": "any brand",
    "ironmoor please": "forget the brand",
    "steel": "forget the material",
    "at most 20 cm wide": "forget the width",
}
"""Each with the words that undo it."""


@cache
def shop() -> tuple[Catalogue, Reader]:
    """Opened once: nothing here changes it."""
    catalogue = open_lamps(Path(tempfile.mkdtemp()))
    return catalogue, Reader(catalogue, {"lamp", "desk", "mug", "shirt"})


def chat(messages: Sequence[str]) -> dict[str, Any]:
    """The search that the messages come to."""
    _, reader = shop()
    state, arguments = ChatState(), dict[str, Any]()
    for message in messages:
        state.text = message
        had_price = bool(arguments.get("price_max") or arguments.get("price_min"))
        arguments = next_search(reader.parse(message, had_price), state, reader.fits)
        state.before.append(Outcome("search_products", arguments, True, {}))
    return {name: value for name, value in arguments.items() if value not in (None, [], False)}


def shown(arguments: dict[str, Any], k: int = 100, *, padded: bool = True) -> list[Product]:
    """What a search shows, as many as there are."""
    catalogue, _ = shop()
    wishes, sort = Wishes.of(arguments), Sort(arguments.get("sort", "relevance"))
    return pick(catalogue, query_of(catalogue, arguments["query"], wishes, k, sort), wishes.wants, padded=padded)


@st.composite
def wish(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A sentence, and what every product shown for it must keep."""
    color = draw(st.sampled_from((*COLORS, None)))
    maker = draw(st.sampled_from((*MAKERS, None)))
    unwanted = draw(st.sampled_from((*MATERIALS, None)))
    high = draw(st.none() | st.integers(10, 65))
    wide = draw(st.none() | st.integers(10, 34))
    stock = draw(st.booleans())
    thing = draw(st.sampled_from(("desk lamp", "mug")))
    said = [
        f"{color} {thing}" if color else thing,
        f"from {maker.lower()}" if maker else "",
        draw(st.sampled_from(("under {}", "no more than {} bucks", "{} max", "up to ${}"))).format(high)
        if high
        else "",
        f"not {unwanted}" if unwanted else "",
        f"at most {wide} cm wide" if wide else "",
        "in stock" if stock else "",
    ]
    must = {"color": color, "brand": maker, "not": unwanted, "high": high, "wide": wide, "stock": stock, "thing": thing}
    return ", ".join(part for part in said if part), must


def violations(product: Product, must: dict[str, Any]) -> Iterator[str]:
    """What a product breaks, read off the product itself."""
    price = float(product.price.amount) if product.price else None
    if must["color"] and product.attributes.get("color") != must["color"]:
        yield "colour"
    if must["brand"] and product.brand != must["brand"]:
        yield "brand"
    if must["not"] and product.attributes.get("material") == must["not"]:
        yield "material"
    if must["high"] and (price is None or price > must["high"]):
        yield "price"
    if must["wide"] and float(product.attributes.get("width_cm", 1e9)) > must["wide"]:
        yield "width"
    if must["stock"] and not product.in_stock:
        yield "stock"


@settings(max_examples=150, deadline=None)
@given(wish())
def test_no_product_that_is_shown_breaks_a_condition(sentence: tuple[str, dict[str, Any]]) -> None:
    text, must = sentence
    found = shown(chat([text]))
    assert [(p.id, v) for p in found for v in violations(p, must)] == []


@settings(max_examples=60, deadline=None)
@given(wish())
def test_all_that_fits_is_found(sentence: tuple[str, dict[str, Any]]) -> None:
    text, must = sentence
    catalogue, _ = shop()
    kind = must["thing"].split()[-1]
    fitting = {p.id for p in catalogue.all_products if kind in p.id and not list(violations(p, must))}
    assert {p.id for p in shown(chat([text])) if kind in p.id} == fitting


def test_a_planted_fault_would_be_seen() -> None:
    """The twin: a search that forgets a condition shows what breaks it."""
    arguments = chat(["black desk lamp under 30"])
    must = {"color": "black", "brand": None, "not": None, "high": 30, "wide": None, "stock": False}
    assert not [v for p in shown(arguments) for v in violations(p, must)]
    for forgotten in ("price_max", "wants"):
        faulty = {name: value for name, value in arguments.items() if name != forgotten}
        assert [v for p in shown(faulty) for v in violations(p, must)]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(("desk lamp", "mug under 50", "black desk lamp")), st.sampled_from(sorted(REFINEMENTS)))
def test_refining_and_undoing_it_gives_the_same_list(first: str, refinement: str) -> None:
    undo = REFINEMENTS[refinement]
    replaced = ("price" in undo and "under" in first) or ("colour" in undo and "black" in first)
    if replaced:  # what was said before is gone with it: that is what replacing means
        return
    before = chat([first])
    assert chat([first, refinement]) != before
    after = chat([first, refinement, undo])
    assert after == before
    assert [p.id for p in shown(after)] == [p.id for p in shown(before)]


@pytest.mark.parametrize(
    "refinements",
    [("under 40", "in black", "from nordlys"), ("not steel", "at most 30 cm wide", "in stock"),
     ("in blue", "over 15", "max 50")],
)  # fmt: skip
def test_the_order_of_refinements_makes_no_difference(refinements: tuple[str, ...]) -> None:
    ends = [chat(["desk lamp", *order]) for order in permutations(refinements)]
    assert all({k: sorted(v) if isinstance(v, list) else v for k, v in end.items()} == ends[0] for end in ends)
    assert len({tuple(p.id for p in shown(end)) for end in ends}) == 1


@given(st.integers(2, 13))
@settings(max_examples=12, deadline=None)
def test_limits_are_inclusive(step: int) -> None:
    price = 5 * step
    at_most, at_least = shown(chat([f"desk lamp up to {price}"])), shown(chat([f"desk lamp at least {price} dollars"]))
    priced = {p.id for p in shop()[0].all_products if "lamp" in p.id and p.price and float(p.price.amount) == price}
    assert priced <= {p.id for p in at_most} & {p.id for p in at_least}
    assert all(float(p.price.amount) <= price for p in at_most if p.price)
    assert all(float(p.price.amount) >= price for p in at_least if p.price)


def test_an_option_that_was_asked_for_decides_price_and_picture() -> None:
    (large,) = shown(chat(["shirt in size L, navy"]))
    assert [(v.options["size"], v.options["color"]) for v in large.variants] == [("L", "navy")]
    assert (str(large.price), large.image) == ("$27.00", "/images/shirt.svg?color=navy")
    assert shown(chat(["shirt in size L under 20"])) == []
    assert [str(p.price) for p in shown(chat(["shirt in size S under 20"]))] == ["$15.00"]


_UNITS = [(kind, unit) for kind in range(1, len(KINDS)) for unit in factors_of(kind)]


@given(st.floats(0.001, 1e6), st.sampled_from(_UNITS), st.data())
def test_a_measure_is_the_same_in_every_unit(number: float, unit: tuple[int, str], data: st.DataObject) -> None:
    kind, first = unit
    other = data.draw(st.sampled_from(sorted(factors_of(kind))))
    factors = factors_of(kind)
    there = number * factors[first] / factors[other]
    amounts = [measure(f"{n:.12f} {u}") for n, u in ((number, first), (there, other))]
    assert amounts[0] is not None and amounts[1] is not None
    assert amounts[0].kind == amounts[1].kind == kind
    if there > 1e-3:
        assert amounts[0].amount == pytest.approx(amounts[1].amount, rel=1e-6)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text(max_size=80) | st.binary(max_size=80).map(lambda b: b.decode("utf-8", "replace")), max_size=4))
def test_any_text_of_any_bytes_is_read(messages: list[str]) -> None:
    arguments = chat(messages)
    if arguments.get("query"):
        shown(arguments, k=3)


_SCRAPS = (
    "under 50 no not ¦ $ 8gb 12\" x - / or in size men black . , ' the cheapest 4+ stars of them ½ 1,000 €".split()
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(_SCRAPS), max_size=12).map(" ".join))
def test_scraps_of_wishes_in_any_order_are_read(text: str) -> None:
    arguments = chat(["desk lamp", text])
    shown({"query": "", **arguments}, k=3)
