"""A product as search sees it."""

from __future__ import annotations

from agent.feeds import to_document
from agent.shop import Money, Product, Variant
from retrieval.documents import Document


def test_a_product_with_variants() -> None:
    product = Product(
        id="a", title="Tee", description="Soft", brand="Loom", category=("Clothes",), rating=4.0, rating_count=2,
        attributes={"color": "any", "organic": True},
        variants=(
            Variant("1", {"color": "red", "size": "S"}, Money(900), 0),
            Variant("2", {"color": "red", "size": "M"}, Money(1250), 2),
            Variant("3", {"color": "blue", "size": "M"}, None, 3),
        ),
    )  # fmt: skip
    assert to_document(product) == Document(
        id="a", title="Tee", description="Soft", brand="Loom", category=("Clothes",), price=12.5, currency="USD",
        attributes={"color": ("red", "blue"), "organic": True, "size": ("S", "M")}, rating=4.0, rating_count=2, stock=5,
    )  # fmt: skip


def test_a_product_without_price_or_count() -> None:
    document = to_document(Product(id="a", title="A", variants=(Variant("a", {}, None, None),)))
    assert (document.price, document.stock) == (None, None)


def test_the_price_is_in_major_units_whatever_they_are() -> None:
    yen = Product(id="a", title="A", variants=(Variant("a", {}, Money(1200, "JPY"), 1),))
    assert (to_document(yen).price, to_document(yen).currency) == (1200.0, "JPY")
