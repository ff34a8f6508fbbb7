"""The shop's own format: read line by line, written so that reading gives the same back."""

from __future__ import annotations

import gzip
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.errors import ImportFailed
from agent.feeds import read_feed, write_jsonl
from agent.feeds.clean import one_line, paragraphs
from agent.shop import Money, Product, Variant
from retrieval.documents import read_documents

from .reading_of import read, written


def jsonl(*rows: object) -> str:
    return "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows) + "\n"


def test_a_full_row(tmp_path: Path) -> None:
    row = {
        "id": 7, "title": "Desk <b>lamp</b>", "description": "<p>Warm.</p><p>Bright.</p>", "brand": "Lumo",
        "category": ["Home", "Lighting"], "price": 19.99, "currency": "eur",
        "attributes": {"Colour": "black", "watts": 5, "dimmable": True, "empty": "", "none": None, "in": ["a", "b"]},
        "rating": 4.5, "rating_count": 12.0, "stock": 3, "image": "javascript:alert(1)", "released": "2020",
    }  # fmt: skip
    product = read(written(tmp_path, "a.jsonl", jsonl(row))).products["7"]
    assert product == Product(
        id="7", title="Desk lamp", description="Warm.\n\nBright.", brand="Lumo", category=("Home", "Lighting"),
        attributes={"colour": "black", "watts": 5.0, "dimmable": True, "in": "a, b"}, rating=4.5, rating_count=12,
        image=None, variants=(Variant("7", {}, Money(1999, "EUR"), 3),),
    )  # fmt: skip


def test_only_id_and_title_are_required_and_the_currency_may_be_the_shops(tmp_path: Path) -> None:
    product = read(written(tmp_path, "a.jsonl", jsonl({"id": "a", "title": "A", "price": None}))).products["a"]
    assert product.price is None
    assert product.in_stock
    assert product.stock is None


def test_bad_rows_are_reported_by_line_and_the_rest_is_loaded(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "a.jsonl",
        jsonl(
            {"id": "a", "title": "A"},
            "",
            {"title": "no id"},
            {"id": "b"},
            {"id": "c", "title": "C", "price": "cheap"},
            {"id": "d", "title": "D", "price": -1},
            '{"id": "e", "title": "E", "price": NaN}',
            {"id": "a", "title": "again"},
            {"id": "f", "title": "F", "currency": "XXZ"},
            '{"id": "g", "title": ',
            "[1, 2]",
            {"id": "h", "title": "H", "attributes": [1]},
            {"id": "i", "title": "I", "rating": 9},
            {"id": "j", "title": "J", "options": "red"},
            '{"id": ' + "[" * 100_000,
            {"id": "x" * 201, "title": "long"},
            {"id": "z", "title": "Z"},
        ),
    )
    result = read(path)
    assert list(result.products) == ["a", "z"]
    assert result.lines == [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]
    by_line = {row.line: row for row in result.bad}
    assert by_line[5].id == "c"
    assert "not a number" in by_line[5].reason
    assert "used before" in by_line[8].reason
    assert str(by_line[9]) == "line 9 (f): the currency 'XXZ' is not an ISO 4217 code such as USD"


def test_a_line_that_is_not_utf8_is_one_bad_row(tmp_path: Path) -> None:
    content = (
        b'\xef\xbb\xbf{"id": "a", "title": "Caf\xc3\xa9"}\n{"id": "b", "title": "Caf\xe9"}\n{"id": "c", "title": "C"}'
    )
    result = read(written(tmp_path, "a.jsonl", content))
    assert result.products["a"].title == "Café"
    assert list(result.products) == ["a", "c"]
    assert result.lines == [2]


def test_choices_become_every_combination_without_inventing_stock(tmp_path: Path) -> None:
    options = {"Size": ["S", "M", "M"], "color": "red"}
    path = written(
        tmp_path,
        "a.jsonl",
        jsonl(
            {"id": "a", "title": "A", "price": 5, "stock": 10, "options": options},
            {"id": "b", "title": "B", "price": 5, "stock": 0, "options": options},
            {"id": "c", "title": "C", "options": {"n": list(range(50)), "m": list(range(50))}},
        ),
    )
    result = read(path)
    assert result.products["a"].variants == (
        Variant("a:S/red", {"size": "S", "color": "red"}, Money(500), None),
        Variant("a:M/red", {"size": "M", "color": "red"}, Money(500), None),
    )
    assert not result.products["b"].in_stock
    assert result.lines == [3]


def test_a_list_of_variants(tmp_path: Path) -> None:
    variants = [
        {"id": "a-1", "options": {"size": "S"}, "price": 5, "stock": 2},
        {"options": {"size": "M"}},
        {"options": {"size": "L"}, "price": None, "stock": None},
    ]
    row = {"id": "a", "title": "A", "price": 7, "stock": 4, "options": variants}
    assert read(written(tmp_path, "a.jsonl", jsonl(row))).products["a"].variants == (
        Variant("a-1", {"size": "S"}, Money(500), 2),
        Variant("a:M", {"size": "M"}, Money(700), None),
        Variant("a:L", {"size": "L"}, None, None),
    )


def test_a_variant_id_comes_once_in_the_whole_catalogue(tmp_path: Path) -> None:
    rows = [{"id": key, "title": key, "options": [{"id": "v", "options": {"size": key}}]} for key in "ab"]
    result = read(written(tmp_path, "a.jsonl", jsonl(*rows)))
    assert list(result.products) == ["a"]
    assert "variant id" in result.bad[0].reason


def test_prices_of_several_currencies_in_one_product_are_refused(tmp_path: Path) -> None:
    options = [{"id": "1", "price": "5 USD"}, {"id": "2", "price": "5 EUR"}]
    rows = [{"id": "a", "title": "A", "options": options}, {"id": "b", "title": "B"}]
    assert "currencies" in read(written(tmp_path, "a.jsonl", jsonl(*rows))).bad[0].reason


def test_a_packed_file_that_was_cut_fails_while_reading(tmp_path: Path) -> None:
    whole = gzip.compress(jsonl(*({"id": str(n), "title": f"Product {n * n}"} for n in range(20_000))).encode())
    entries = read_feed(written(tmp_path, "a.jsonl.gz", whole[: len(whole) // 2]))
    with pytest.raises(ImportFailed, match="cut short"):
        list(entries)


names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12).map(lambda t: one_line(t, 80)).filter(bool)
low_names = names.map(lambda t: one_line(t.lower(), 80)).filter(lambda t: bool(t) and one_line(t.lower(), 80) == t)
ids = st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S"]), min_size=1, max_size=8)
numbers = st.floats(allow_nan=False, allow_infinity=False)
stocks = st.none() | st.integers(0, 2**31 - 1)


@st.composite
def products(draw: st.DrawFn, key: str) -> Product:
    currency = draw(st.sampled_from(["USD", "JPY", "KWD", "EUR"]))
    price = st.none() | st.integers(0, 10**12).map(lambda minor: Money(minor, currency))
    options = draw(st.lists(st.dictionaries(low_names, names, max_size=3), max_size=3))
    variants = [Variant(f"{key}/{n}", chosen, draw(price), draw(stocks)) for n, chosen in enumerate(options)]
    return Product(
        id=key,
        title=draw(names),
        description=paragraphs(draw(st.text(max_size=60)), 20_000),
        brand=draw(st.none() | names),
        category=tuple(draw(st.lists(names, max_size=3))),
        attributes=draw(st.dictionaries(low_names, names | numbers | st.booleans(), max_size=4)),
        image=draw(st.sampled_from([None, "a.jpg", "https://shop.example/a.jpg"])),
        rating=draw(st.none() | st.floats(0, 5)),
        rating_count=draw(st.integers(0, 10**6)),
        variants=tuple(variants) or (Variant(key, {}, draw(price), draw(stocks)),),
    )


catalogues = st.lists(ids, unique=True, min_size=1, max_size=3).flatmap(lambda keys: st.tuples(*map(products, keys)))


@settings(max_examples=40, deadline=None)
@given(catalogues, st.sampled_from(["a.jsonl", "a.jsonl.gz"]))
def test_writing_then_reading_changes_nothing(catalogue: tuple[Product, ...], name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        assert write_jsonl(catalogue, path) == len(catalogue)
        assert tuple(read_feed(path)) == catalogue
        assert [document.id for document in read_documents(path)] == [product.id for product in catalogue]
