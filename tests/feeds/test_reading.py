"""Any file: what it is, what is wrong with it, and that one broken row costs only itself."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.errors import ImportFailed
from agent.feeds import FORMATS, Mapping, detect_format, read_feed

from .reading_of import read, written

CSV = "id,title,price\n1,A,5\n2,B,6\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"PK\x03\x04rest of a spreadsheet", "save it as CSV"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not a text file"),
        (b"<!DOCTYPE html><html></html>", "web page"),
        (b"id,title\n", "no product"),
        (b"id,title\n,A\n", "line 2: has no id"),
    ],
)
def test_a_file_without_products_fails_with_what_to_do(tmp_path: Path, content: bytes, message: str) -> None:
    for path in (written(tmp_path, "a.csv", content), written(tmp_path, "a.csv.gz", gzip.compress(content))):
        with pytest.raises(ImportFailed, match=message):
            list(read_feed(path))


def test_a_path_that_cannot_be_read_fails_at_the_call(tmp_path: Path) -> None:
    with pytest.raises(ImportFailed, match="check the path"):
        read_feed(tmp_path / "none.csv")
    with pytest.raises(ImportFailed, match="cannot read"):
        read_feed(tmp_path)
    with pytest.raises(ImportFailed, match="shopkeeper, shopify, google, csv"):
        read_feed(written(tmp_path, "a.csv", CSV), "excel")
    with pytest.raises(ImportFailed, match="damaged"):
        read_feed(written(tmp_path, "a.csv.gz", b"\x1f\x8bnot packed at all"))
    with pytest.raises(ImportFailed, match="not product JSONL"):
        read_feed(written(tmp_path, "a.csv", CSV), "shopkeeper")


def test_packed_files_of_every_format_are_read(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv.gz", gzip.compress(CSV.encode()))
    assert detect_format(path) == "csv"
    assert list(read(path).products) == ["1", "2"]


@pytest.mark.parametrize(
    ("content", "title", "noted"),
    [
        ("id,title\n1,Café\n".encode(), "Café", False),
        ("\ufeffid,title\n1,Café\n".encode(), "Café", False),
        ("id,title\n1,Café\n".encode("utf-16"), "Café", False),
        ("id,title\n1,Café – “x”\n".encode("cp1252"), "Café – “x”", True),
        ("sep=;\nid;title\n1;Café\n".encode(), "Café", False),
        (b"id,title\r1,Caf\xc3\xa9\r", "Café", False),
    ],
)
def test_encodings(tmp_path: Path, content: bytes, title: str, noted: bool) -> None:
    result = read(written(tmp_path, "a.csv", content))
    assert result.products["1"].title == title
    assert any("Windows-1252" in note for note in result.notes) == noted


def test_a_row_in_another_encoding_than_the_rest_is_one_bad_row(tmp_path: Path) -> None:
    content = "id,title\n1,Café\n2,Crème\n".encode() + "3,Bäume\n".encode("latin-1") + b"4,D\n"
    result = read(written(tmp_path, "a.csv", content))
    assert list(result.products) == ["1", "2", "4"]
    assert result.lines == [4]


def test_an_encoding_may_be_told(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "id,title\n1,Ёлка\n".encode("cp1251"))
    assert read(path, mapping=Mapping(encoding="cp1251")).products["1"].title == "Ёлка"


@pytest.mark.parametrize(
    ("broken", "bad"),
    [
        ('9,"open quote,5\n', [4]),
        ('9,"closed" too early,5\n', [4]),
        ("9,too,many,cells\n", [4]),
        ("9\n", [4]),
        ('9,"over\ntwo lines and open,5\n', [4, 5]),
        ("9,=1+1,x\n", [4]),
        (f'9,"{"x" * 200_000}",5\n', [4]),
    ],
)
def test_a_broken_row_costs_only_itself(tmp_path: Path, broken: str, bad: list[int]) -> None:
    content = 'id,title,price\n1,"A, with\nlines",5\n' + broken + "".join(f'{n},"B{n}",6\n' for n in range(10, 700))
    result = read(written(tmp_path, "a.csv", content))
    assert result.lines == bad
    assert len(result.products) == 691
    assert result.products["1"].title == "A, with lines"


def test_bare_quotes_in_a_table_with_tabs_are_text(tmp_path: Path) -> None:
    content = 'id\ttitle\tprice\n1\t"Best" 15" screen\t5\n2\t27" screen\t6\n'
    result = read(written(tmp_path, "a.tsv", content))
    assert [product.title for product in result.products.values()] == ['"Best" 15" screen', '27" screen']


def test_empty_lines_and_cells_beyond_the_header_do_no_harm(tmp_path: Path) -> None:
    result = read(written(tmp_path, "a.csv", "\nid,title,title,\n\n1,A,B,,,\n,,,\n"))
    assert result.products["1"].title == "A"
    assert "come twice" in result.notes[0]
    assert not result.bad


def test_a_second_row_with_an_id_is_bad(tmp_path: Path) -> None:
    result = read(written(tmp_path, "a.csv", CSV + "1,C,7\n"))
    assert result.products["1"].title == "A"
    assert [(row.line, row.id) for row in result.bad] == [(4, "1")]


def test_markup_and_formulas_of_a_table_are_text(tmp_path: Path) -> None:
    content = 'id,title,description,image\n1,=cmd|calc,"<script>x</script><p>Hi</p>",javascript:x\n'
    product = read(written(tmp_path, "a.csv", content)).products["1"]
    assert (product.title, product.description, product.image) == ("=cmd|calc", "Hi", None)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=300) | st.text(max_size=200).map(str.encode),
    st.sampled_from(["", "id,title\n", "[", "{", "<"]),
    st.sampled_from([None, *FORMATS]),
    st.sampled_from(["a.csv", "a.json", "a.yaml", "a.xml", "a.gz"]),
)
def test_no_file_makes_anything_but_entries_or_import_failed(
    tmp_path: Path, content: bytes, start: str, format: str | None, name: str
) -> None:
    try:
        entries = list(read_feed(written(tmp_path, name, start.encode() + content), format))
    except ImportFailed as error:
        assert "\n" not in str(error)
    else:
        assert entries
