"""Shopify's product CSV, with the old and the new column names."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from agent.errors import ImportFailed
from agent.feeds import Mapping, detect_format
from agent.shop import Money, Product, Variant

from .reading_of import read, written

OLD = [
    "Handle", "Title", "Body (HTML)", "Vendor", "Product Category", "Type", "Tags", "Published", "Option1 Name",
    "Option1 Value", "Option2 Name", "Option2 Value", "Variant SKU", "Variant Inventory Tracker",
    "Variant Inventory Qty", "Variant Inventory Policy", "Variant Price", "Image Src", "Image Position", "Status",
    "Fabric (product.metafields.custom.fabric)", "Google Shopping / Gender",
]  # fmt: skip
NEW = {
    "Handle": "URL handle", "Body (HTML)": "Description", "Product Category": "Product category",
    "Published": "Published on online store", "Option1 Name": "Option1 name", "Option1 Value": "Option1 value",
    "Option2 Name": "Option2 name", "Option2 Value": "Option2 value", "Variant SKU": "SKU",
    "Variant Inventory Tracker": "Inventory tracker", "Variant Inventory Qty": "Inventory quantity",
    "Variant Inventory Policy": "Continue selling when out of stock", "Variant Price": "Price",
    "Image Src": "Product image URL", "Image Position": "Image position",
}  # fmt: skip
TEE = {
    "Handle": "tee", "Title": "Pocket tee", "Body (HTML)": "<p>Soft, <em>heavy</em>\ncotton.</p>", "Vendor": "Loom",
    "Product Category": "Apparel & Accessories > Clothing > Shirts", "Type": "T-shirt", "Tags": "summer, basic",
    "Published": "TRUE", "Option1 Name": "Size", "Option1 Value": "S", "Option2 Name": "Color", "Option2 Value": "Red",
    "Variant SKU": "TEE-S-R", "Variant Inventory Tracker": "shopify", "Variant Inventory Qty": "4",
    "Variant Inventory Policy": "deny", "Variant Price": "19.90", "Image Src": "https://cdn.example/2.jpg",
    "Image Position": "2", "Status": "active", "Fabric (product.metafields.custom.fabric)": "Cotton",
    "Google Shopping / Gender": "unisex",
}  # fmt: skip


def shopify(*rows: dict[str, str], new: bool = False) -> str:
    """A file of these rows under the old names, or the same under the new ones."""
    out = io.StringIO()
    names = [NEW.get(name, name) if new else name for name in OLD]
    writer = csv.writer(out)
    writer.writerow(names)
    writer.writerows([row.get(name, "") for name in OLD] for row in rows)
    return out.getvalue()


@pytest.mark.parametrize("new", [False, True])
def test_rows_of_one_handle_are_one_product_with_variants(tmp_path: Path, new: bool) -> None:
    rows = [
        TEE,
        {"Handle": "mug", "Title": "Mug", "Option1 Name": "Title", "Option1 Value": "Default Title",
         "Variant Price": "8", "Status": "active"},
        {"Handle": "tee", "Option1 Value": "M", "Option2 Value": "Red", "Variant Price": "21.50",
         "Variant Inventory Tracker": "shopify", "Variant Inventory Qty": "-2"},
        {"Handle": "tee", "Image Src": "https://cdn.example/1.jpg", "Image Position": "1"},
    ]  # fmt: skip
    path = written(tmp_path, "products_export.csv", shopify(*rows, new=new))
    assert detect_format(path) == "shopify"
    result = read(path)
    assert not result.bad
    assert result.products["tee"] == Product(
        id="tee",
        title="Pocket tee",
        description="Soft, heavy\ncotton.",
        brand="Loom",
        category=("Apparel & Accessories", "Clothing", "Shirts"),
        attributes={"type": "T-shirt", "tags": "summer, basic", "fabric": "Cotton", "gender": "unisex"},
        image="https://cdn.example/1.jpg",
        variants=(
            Variant("TEE-S-R", {"size": "S", "color": "Red"}, Money(1990), 4),
            Variant("tee:M/Red", {"size": "M", "color": "Red"}, Money(2150), 0),
        ),
    )
    assert result.products["mug"].variants == (Variant("mug", {}, Money(800), None),)


@pytest.mark.parametrize(("policy", "new"), [("continue", False), ("CONTINUE", True), ("TRUE", True)])
def test_what_is_sold_on_or_not_tracked_is_not_counted(tmp_path: Path, policy: str, new: bool) -> None:
    rows = [
        {**TEE, "Variant Inventory Policy": policy, "Variant Inventory Qty": "0"},
        {"Handle": "mug", "Title": "Mug", "Variant Price": "8", "Variant Inventory Qty": "0"},
    ]
    result = read(written(tmp_path, "a.csv", shopify(*rows, new=new)))
    assert result.products["tee"].in_stock
    assert result.products["mug"].in_stock


@pytest.mark.parametrize("change", [{"Status": "draft"}, {"Status": "archived"}, {"Published": "FALSE"}])
def test_what_is_not_for_sale_is_skipped_and_counted(tmp_path: Path, change: dict[str, str]) -> None:
    other = {"Handle": "mug", "Title": "Mug", "Variant Price": "8"}
    result = read(written(tmp_path, "a.csv", shopify({**TEE, **change}, other)))
    assert list(result.products) == ["mug"]
    assert not result.bad
    assert [(row.line, row.id) for row in result.skipped] == [(2, "tee")]


def test_a_bad_variant_costs_itself_and_a_bad_product_its_rows(tmp_path: Path) -> None:
    rows = [
        {**TEE, "Body (HTML)": "two\nlines"},
        {"Handle": "tee", "Option1 Value": "M", "Option2 Value": "Red", "Variant Price": "soon"},
        {"Handle": "tee", "Option1 Value": "S", "Option2 Value": "Red", "Variant Price": "5"},
        {"Handle": "", "Title": "Nameless", "Variant Price": "5"},
        {"Handle": "untitled", "Variant Price": "5"},
        {"Handle": "mug", "Title": "Mug", "Variant Price": "-1"},
    ]
    result = read(written(tmp_path, "a.csv", shopify(*rows)))
    assert [variant.id for variant in result.products["tee"].variants] == ["TEE-S-R"]
    reasons = {(row.line, row.id): row.reason for row in result.bad}
    assert "'soon'" in reasons[4, "tee"]
    assert "repeats the variant S / Red" in reasons[5, "tee"]
    assert reasons[6, None] == "has no handle"
    assert reasons[7, "untitled"] == "has no title"
    assert "no variant" in next(row.reason for row in result.bad if row.id == "mug" and "variant" in row.reason)


def test_a_sku_that_comes_twice_is_no_id(tmp_path: Path) -> None:
    rows = [TEE, {"Handle": "mug", "Title": "Mug", "Variant SKU": "TEE-S-R", "Variant Price": "5"}]
    result = read(written(tmp_path, "a.csv", shopify(*rows)))
    assert [p.variants[0].id for p in result.products.values()] == ["tee:S/Red", "mug"]


def test_the_currency_is_the_shops(tmp_path: Path) -> None:
    result = read(written(tmp_path, "a.csv", shopify(TEE)), mapping=Mapping(currency="EUR"))
    assert result.products["tee"].price == Money(1990, "EUR")


def test_another_table_is_refused_by_name_of_what_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(ImportFailed, match="Handle"):
        read(written(tmp_path, "a.csv", "id,title\n1,A\n"), "shopify")
