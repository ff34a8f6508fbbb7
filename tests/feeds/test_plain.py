"""Plain tables and lists of records, with a mapping and without."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.errors import ImportFailed
from agent.feeds import detect_format, load_mapping
from agent.shop import Money, Product, Variant

from .reading_of import read, written

RETAIL = Path(__file__).parents[2] / "docs" / "mappings" / "retail-demo-store.toml"
MAPPING = """
currency = "EUR"
decimal = ","
numbers = ["weight"]
[columns]
id = "Art. No"
title = "Name"
category = ["Group", "Sub_group"]
price = ["Offer", "Price"]
stock = "Left"
[attributes]
Weight = "Weight (kg)"
gender = "for"
[values.gender]
F = "women"
"""
TABLE = (
    "Art. No;Name;Group;Sub group;Offer;Price;Left;Weight (kg);For;Unused\n"
    "1;Coat;Clothes;Coats;;1.299,00;3;2.5;F;x\n"
    "2;Hat;Clothes > Head;Hats;9,95;12;in stock;light;X;x\n"
)


def test_a_mapping_says_what_the_columns_mean(tmp_path: Path) -> None:
    mapping = load_mapping(written(tmp_path, "m.toml", MAPPING.replace("Weight =", "weight =")))
    result = read(written(tmp_path, "a.csv", TABLE), mapping=mapping)
    assert not result.notes
    assert result.products["1"] == Product(
        id="1",
        title="Coat",
        category=("Clothes", "Coats"),
        attributes={"weight": 2.5, "gender": "women"},
        variants=(Variant("1", {}, Money(129900, "EUR"), 3),),
    )
    hat = result.products["2"]
    assert hat.category == ("Clothes", "Head", "Hats")
    assert hat.attributes == {"weight": "light", "gender": "X"}
    assert hat.variants == (Variant("2", {}, Money(995, "EUR"), None),)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_without_a_mapping_the_columns_are_guessed_and_told(tmp_path: Path, delimiter: str) -> None:
    table = 'SKU,Name,"Price",Qty,Brand,Colour\nA1,Cup,5,2,Kiln,blue\n'.replace(",", delimiter)
    result = read(written(tmp_path, "a.csv", table))
    cup = Product(
        id="A1", title="Cup", brand="Kiln", attributes={"colour": "blue"}, variants=(Variant("A1", {}, Money(500), 2),)
    )
    assert result.products == {"A1": cup}
    assert "id from 'sku', title from 'name'" in result.notes[0]
    assert "attributes: colour" in result.notes[0]


def test_columns_that_cannot_be_guessed_are_asked_for(tmp_path: Path) -> None:
    with pytest.raises(ImportFailed, match=r"mapping file.*alpha, beta"):
        read(written(tmp_path, "a.csv", "alpha,beta\n1,2\n"))


YAML = """
- id: 007
  name: "Bag: large"
  current_stock: 15
  category: accessories
  style: backpack
  description: Of leather,
    and sturdy.
  price: 129.99
  image: 7.jpg
  gender_affinity: F
  promoted: true
  link: null
  aliases:
  - sack
  - pack
- not a product
- name: no id
- id: 8
  name: Cap
  price: .nan
- id: 9
  name: Belt
"""


def test_the_shipped_mapping_reads_a_yaml_list(tmp_path: Path) -> None:
    result = read(written(tmp_path, "products.yaml", YAML), mapping=load_mapping(RETAIL))
    assert result.products["007"] == Product(
        id="007",
        title="Bag: large",
        description="Of leather, and sturdy.",
        category=("accessories", "backpack"),
        attributes={"style": "backpack", "gender": "women", "promoted": True, "also called": "sack, pack"},
        image="7.jpg",
        variants=(Variant("007", {}, Money(12999), 15),),
    )
    assert list(result.products) == ["007", "9"]
    assert [(row.line, row.id) for row in result.bad] == [(17, None), (18, None), (19, "8")]


def test_a_json_list_keeps_numbers_and_lines(tmp_path: Path) -> None:
    rows = [{"id": 1, "name": "A", "price": 5.5, "watts": 7, "tags": ["x", "y"]}, {"id": 2}, 3, {"id": 4, "name": "D"}]
    path = written(tmp_path, "a.json", json.dumps(rows, indent=1))
    assert detect_format(path) == "csv"
    result = read(path)
    assert result.products["1"].attributes == {"watts": 7.0, "tags": "x, y"}
    assert result.products["1"].price == Money(550)
    assert list(result.products) == ["1", "4"]
    assert [row.line for row in result.bad] == [12, 15]


def test_json_lines_with_names_of_their_own_need_a_mapping(tmp_path: Path) -> None:
    path = written(tmp_path, "a.jsonl", '{"sku": "A1", "nom": "Tasse", "prix": "5,50 EUR"}\nx\n')
    mapping = load_mapping(written(tmp_path, "m.toml", "[columns]\nid = 'sku'\ntitle = 'nom'\nprice = 'prix'\n"))
    result = read(path, mapping=mapping)
    assert result.products["A1"].price == Money(550, "EUR")
    assert result.lines == [2]
    with pytest.raises(ImportFailed, match="line 1: has no id"):
        read(path)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.json", '[{"id": 1, "name": "A"}, {"id": 2,', "broken JSON in the record at line 1"),
        ("a.json", '{"id": 1}', "no product"),
        ("a.yaml", "id: 1\nname: A\n", "not a list"),
        ("a.yaml", "- id: 1\n  name: [A\n", "broken YAML"),
        ("a.yaml", "- &a {id: 1, name: A}\n- *a\n", "aliases"),
        ("a.yaml", "- id: 1\n  name: " + "[" * 30 + "x" + "]" * 30, "nesting"),
        ("a.yaml", "- id: \x01\n", "broken YAML"),
    ],
)
def test_lists_that_cannot_be_read_fail_with_what_to_do(tmp_path: Path, name: str, content: str, message: str) -> None:
    with pytest.raises(ImportFailed, match=message):
        read(written(tmp_path, name, content))


def test_a_yaml_tag_makes_no_object(tmp_path: Path) -> None:
    result = read(
        written(tmp_path, "a.yaml", "- id: 1\n  name: !!python/object/apply:os.getcwd []\n- id: 2\n  name: B\n")
    )
    assert list(result.products) == ["2"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[columns]\nid = 'a'\n", "which column is the title"),
        ("[columns]\nid = 'a'\ntitle = 'b'\ncolour = 'c'\n", "columns.colour"),
        ("currency = 'XXZ'\n[columns]\nid = 'a'\ntitle = 'b'\n", "ISO 4217"),
        ("encoding = 'nope'\n[columns]\nid = 'a'\ntitle = 'b'\n", "encoding"),
        ("columns = ", "not TOML"),
    ],
)
def test_a_mapping_that_is_wrong_is_named(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(ImportFailed, match=message):
        load_mapping(written(tmp_path, "m.toml", content))
    with pytest.raises(ImportFailed, match="check the path"):
        load_mapping(tmp_path / "none.toml")


def test_a_column_that_the_file_lacks_is_named(tmp_path: Path) -> None:
    mapping = load_mapping(written(tmp_path, "m.toml", "[columns]\nid = 'sku'\ntitle = 'nom'\n"))
    with pytest.raises(ImportFailed, match=r"'nom'.*name, sku"):
        read(written(tmp_path, "a.csv", "sku,name\n1,A\n"), mapping=mapping)
