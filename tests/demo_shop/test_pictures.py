"""Pictures: drawn by kind and colour, and never a way in for markup."""

from __future__ import annotations

from dataclasses import replace

import pytest
from defusedxml import ElementTree
from hypothesis import given
from hypothesis import strategies as st

from agent.demo_shop.pictures import draw, silhouette
from agent.shop import Product, Variant

LAMP = Product("1", "A lamp", category=("Lighting", "Desk lamps"), attributes={"color": "navy"})
SVG = "{http://www.w3.org/2000/svg}"


def tags(svg: str) -> list[str]:
    return [element.tag.removeprefix(SVG) for element in ElementTree.fromstring(svg).iter()]


def test_every_product_has_a_well_formed_picture(products: list[Product]) -> None:
    for product in products:
        root = ElementTree.fromstring(draw(product))
        assert root.tag == f"{SVG}svg"
        assert root.get("viewBox") == "0 0 240 240"


def test_kinds_of_product_look_different(products: list[Product]) -> None:
    assert len({silhouette(product.category) for product in products}) >= 60
    assert silhouette(("Electronics", "Tablets")) != silhouette(("Furniture", "Tables"))
    assert silhouette(("Pets", "Dog beds")) != silhouette(("Bedroom", "Beds"))


def test_the_colour_is_drawn() -> None:
    assert draw(LAMP) != draw(replace(LAMP, attributes={"color": "red"}))
    assert "#28406b" in draw(LAMP)
    chosen = replace(LAMP, attributes={}, variants=(Variant("1-1", {"color": "navy"}, None, 1),))
    assert draw(chosen) == draw(LAMP)


@pytest.mark.parametrize("said", ["Navy", "navy / white stripes", "Dark navy"])
def test_colours_of_other_catalogues_are_understood(said: str) -> None:
    assert draw(replace(LAMP, attributes={"product colour": said})) == draw(LAMP) or "white" in said


def test_the_longest_colour_word_counts() -> None:
    assert draw(replace(LAMP, attributes={"color": "light blue"})) != draw(replace(LAMP, attributes={"color": "blue"}))


def test_the_picture_depends_on_nothing_else() -> None:
    assert draw(LAMP) == draw(replace(LAMP, id="2", description="Other", brand="Other", rating=1.0))


def test_unknown_kinds_get_a_parcel() -> None:
    parcel = silhouette(())
    assert silhouette(("Quantum", "Flux capacitors")) == parcel
    assert "<svg" in draw(Product("1", "Something"))


@given(st.text(), st.text(), st.text(), st.text())
def test_text_never_becomes_markup(title: str, color: str, material: str, category: str) -> None:
    attributes: dict[str, str | float | bool] = {"color": color, "material": material, "style": material}
    product = Product("1", title, category=(category,), attributes=attributes)
    drawn = ElementTree.fromstring(draw(product))
    assert drawn.find(f"{SVG}title") is not None
    assert set(tags(draw(product))) <= {"svg", "title", "rect", "circle", "ellipse", "path"}


def test_a_hostile_title_is_only_a_title() -> None:
    hostile = "</title><script>alert(1)</script>{c}\x00"
    svg = draw(replace(LAMP, title=hostile))
    assert "script" not in tags(svg)
    assert ElementTree.fromstring(svg).findtext(f"{SVG}title") == hostile.rstrip("\x00")


def test_the_markup_check_would_notice_a_script() -> None:
    spoiled = draw(replace(LAMP, title="MARK")).replace("MARK", "</title><script/><title>")
    assert "script" in tags(spoiled)
