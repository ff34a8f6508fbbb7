"""The catalogue of the demo shop: large, natural to browse, and never at odds with itself."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace

import pytest

from agent.demo_shop.products import make_products
from agent.demo_shop.vocabulary import color_values, vocabulary
from agent.policy import load_policy
from agent.shop import Product


def contradictions(product: Product) -> list[str]:
    """Colours and materials that the words name and the product does not have."""
    own = {str(value) for value in product.attributes.values()} | {v for vs in product.options.values() for v in vs}
    material = vocabulary().materials.get(str(product.attributes.get("material")))
    told = " ".join((product.title, product.description)).lower()
    for known in (*own, product.brand or "", str(product.attributes.get("type")), *(material.says if material else ())):
        told = told.replace(known.lower(), " ")
    colors = (c for c in color_values() if re.search(rf"\bin {c}\b", told))
    materials = (m for m in vocabulary().materials if re.search(rf"\b(made of|woven from|sewn from) {m}\b", told))
    return [*colors, *materials]


def test_there_is_a_shop_to_browse(products: list[Product]) -> None:
    shelves = Counter(product.category for product in products)
    assert len(products) >= 1_600
    assert len(shelves) >= 28
    assert 50 <= len({product.brand for product in products}) <= 80
    assert all(1 <= len(path) <= 3 for path in shelves)
    assert max(shelves.values()) < 40


def test_ids_are_unique_and_titles_and_descriptions_are_no_template(products: list[Product]) -> None:
    variants = [variant.id for product in products for variant in product.variants]
    assert len({product.id for product in products}) == len(products)
    assert len(set(variants)) == len(variants)
    assert len({product.title for product in products}) == len(products)
    assert len({product.description for product in products}) > 0.99 * len(products)


def test_the_words_are_whole(products: list[Product]) -> None:
    for product in products:
        assert not re.search(r"[{}]|  |\ba [aeio]", f"{product.title} {product.description}"), product.description
        assert 1 < len(re.findall(r"[.?!](?: |$)", product.description)) <= 6
        assert not product.description[0].islower()


def test_no_product_contradicts_itself(products: list[Product]) -> None:
    assert [(product.id, wrong) for product in products if (wrong := contradictions(product))] == []


def test_a_contradiction_would_be_noticed(products: list[Product]) -> None:
    plain = next(product for product in products if product.attributes.get("color") == "navy")
    assert contradictions(replace(plain, description="It comes in coral, made of oak.")) == ["coral", "oak"]


def test_attributes_are_typed(products: list[Product]) -> None:
    kinds = Counter(type(value) for product in products for value in product.attributes.values())
    assert set(kinds) == {str, float, bool}
    for name in ("width_cm", "height_cm", "weight_kg", "capacity_l", "capacity_ml", "lumens", "screen_inches"):
        measures = [product.attributes[name] for product in products if name in product.attributes]
        assert measures
        assert all(isinstance(value, float) and value > 0 for value in measures)


def test_features_belong_to_what_they_are_said_of(products: list[Product]) -> None:
    waterproof = {p.category[0] for p in products if p.attributes.get("waterproof")}
    assert waterproof <= {"Clothing", "Shoes", "Outdoor", "Electronics"}
    for product in products:
        if product.attributes.get("noise_cancelling"):
            assert product.attributes["wireless"]
        if "battery_hours" in product.attributes and product.category[-1] == "Headphones":
            assert product.attributes["wireless"]
        if product.attributes.get("machine_washable"):
            assert product.attributes.get("material") not in ("leather", "silk", "cashmere")


def test_prices_look_like_prices(products: list[Product]) -> None:
    prices = [variant.price for product in products for variant in product.variants]
    assert all(price is not None and price.minor >= 150 and price.currency == "USD" for price in prices)
    endings = Counter(price.minor % 100 for price in prices if price)
    assert set(endings) <= {0, 50, 95, 99}
    assert all(endings[e] > 100 for e in (0, 95, 99))


def test_dear_brands_are_dearer(products: list[Product]) -> None:
    level = {brand.name: brand.level for brand in vocabulary().brands}
    for name in ("Sofas", "Headphones", "Dresses"):
        shelf = [p for p in products if p.category[-1] == name and p.price]
        dear = [float(p.price.amount) for p in shelf if p.price and level[p.brand or ""] >= 1.1]
        cheap = [float(p.price.amount) for p in shelf if p.price and level[p.brand or ""] < 1.0]
        assert sum(dear) / len(dear) > sum(cheap) / len(cheap)


def test_some_things_are_sold_out_and_some_nearly(products: list[Product]) -> None:
    gone = sum(not product.in_stock for product in products)
    assert 0.02 < gone / len(products) < 0.15
    assert any(product.in_stock and any(v.stock == 0 for v in product.variants) for product in products)
    assert any(v.stock in (1, 2, 3) for product in products for v in product.variants)


def test_choices_have_their_own_stock_and_sometimes_price(products: list[Product]) -> None:
    both = [product for product in products if {"size", "color"} <= product.options.keys()]
    assert len(both) > 50
    for product in both:
        assert "color" not in product.attributes
        assert "size" not in product.attributes
        assert len(product.variants) == len(product.options["size"]) * len(product.options["color"])
    assert any(len({v.price for v in product.variants}) > 1 for product in products)
    assert all(v.options == {} for product in products if len(product.variants) == 1 for v in product.variants)


def test_ratings_have_a_long_tail(products: list[Product]) -> None:
    stars = [product.rating for product in products if product.rating is not None]
    counts = sorted(product.rating_count for product in products)
    assert 4.0 < sum(stars) / len(stars) < 4.4
    assert all(1 <= star <= 5 for star in stars)
    assert counts[0] == 0
    assert counts[-1] > 20 * counts[len(counts) // 2]
    assert all((product.rating is None) == (product.rating_count == 0) for product in products)


def test_what_the_policy_calls_final_sale_is_on_the_shelves(products: list[Product]) -> None:
    policy = load_policy()
    final = set(policy.returns.final_sale_categories)
    cards = [product for product in products if final & set(product.category)]
    assert cards
    for price in (variant.price for product in cards for variant in product.variants):
        assert price is not None
        assert policy.gift_cards.minimum_minor <= price.minor <= policy.gift_cards.maximum_minor


def test_every_kind_of_product_has_several_makers() -> None:
    words = vocabulary()
    for category in words.categories:
        assert category.shop_brand or len(words.sellers(category)) >= 3, category.key


def test_another_seed_is_another_shop(products: list[Product]) -> None:
    assert make_products(8) != products


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_the_same_seed_is_the_same_shop_in_every_process(products: list[Product], hash_seed: str) -> None:
    code = "from agent.demo_shop.products import make_products as m; import hashlib as h; "
    code += "print(h.sha256(repr(m()).encode()).hexdigest())"
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONIOENCODING": "utf-8"}
    made = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    import hashlib

    assert made.stdout.strip() == hashlib.sha256(repr(products).encode()).hexdigest()
