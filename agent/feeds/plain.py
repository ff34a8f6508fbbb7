"""Plain tables (CSV, TSV) and records (JSON, JSONL, YAML), read with a mapping or by guessing at the columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any

from agent.errors import ImportFailed
from agent.feeds import fields
from agent.feeds.amounts import currency_code, money, stock
from agent.feeds.clean import image_address
from agent.feeds.entries import BadRow, Found, Note, Raw, RowError
from agent.feeds.mapping import FieldName, Mapping, guess, in_words
from agent.feeds.records import json_records, jsonl_records, yaml_records
from agent.feeds.table import Record, column_key, open_table
from agent.shop import AttributeValue, Product, Variant

_LISTS = {
    ".json": json_records,
    ".jsonl": jsonl_records,
    ".ndjson": jsonl_records,
    ".yaml": yaml_records,
    ".yml": yaml_records,
}
# Records of a list each name their own fields; this many are looked at before the columns are guessed.
_LOOKED_AT = 200


def read_plain(path: Path, mapping: Mapping) -> Iterator[Raw]:
    """The products of a table or a list of records. A mapping without columns is completed by guessing.

    Raises ImportFailed where the columns of the mapping, or any that could be an id and a title, are missing.
    """
    name, notes = path.name.lower().removesuffix(".gz"), tuple[Note, ...]()
    if reader := next((reader for ending, reader in _LISTS.items() if name.endswith(ending)), None):
        rows = reader(path)
        first = list(islice(rows, _LOOKED_AT))
        keys: Iterable[str] = dict.fromkeys(key for row in first if isinstance(row, Record) for key in row.cells)
        rows, whole = chain(first, rows), False
    else:
        table = open_table(path, mapping.delimiter, mapping.encoding)
        rows, notes, keys, whole = table.rows, table.notes, table.header, True
    if mapping.columns:
        if whole:
            _check_columns(path, mapping, set(keys))
        return chain(notes, _products(rows, mapping))
    mapping = guess(keys, mapping)
    if not {"id", "title"} <= set(mapping.columns):
        raise ImportFailed(
            f"{path.name}: cannot tell which columns are the id and the title; name them in a mapping file. "
            f"The columns are: {', '.join(keys)}"
        )
    return chain(notes, [Note(in_words(mapping))], _products(rows, mapping))


def _check_columns(path: Path, mapping: Mapping, keys: set[str]) -> None:
    wanted = [key for field in mapping.columns for key in mapping.columns_of(field)]
    wanted += map(column_key, mapping.attributes.values())
    if missing := [key for key in wanted if key not in keys]:
        raise ImportFailed(
            f"{path.name} has no column {missing[0]!r}, which the mapping names; it has: {', '.join(sorted(keys))}"
        )


def _products(rows: Iterator[Record | BadRow], mapping: Mapping) -> Iterator[Raw]:
    for row in rows:
        if isinstance(row, BadRow):
            yield row
            continue
        try:
            yield Found(row.line, _product(row.cells, mapping))
        except RowError as error:
            yield BadRow(row.line, str(error), fields.label(_cell(row.cells, mapping, "id")))


def _product(cells: dict[str, Any], mapping: Mapping) -> Product:
    key = fields.product_id(_cell(cells, mapping, "id"))
    currency = currency_code(_cell(cells, mapping, "currency"), mapping.currency)
    price = money(_cell(cells, mapping, "price"), currency, mapping.decimal)
    return Product(
        id=key,
        title=fields.title(_cell(cells, mapping, "title")),
        description=fields.description(_cell(cells, mapping, "description")),
        brand=fields.brand(_cell(cells, mapping, "brand")),
        category=tuple(
            level
            for column in mapping.columns_of("category")
            for level in fields.category(cells.get(column), mapping.category_separator)
        ),
        attributes=_attributes(cells, mapping),
        image=image_address(_first_of(_cell(cells, mapping, "image"))),
        rating=fields.rating(_cell(cells, mapping, "rating")),
        rating_count=fields.rating_count(_cell(cells, mapping, "rating_count")),
        variants=(Variant(key, {}, price, stock(_cell(cells, mapping, "stock"))),),
    )


def _cell(cells: dict[str, Any], mapping: Mapping, field: FieldName) -> Any:
    return next((cells[column] for column in mapping.columns_of(field) if column in cells), None)


def _first_of(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else value


def _attributes(cells: dict[str, Any], mapping: Mapping) -> dict[str, AttributeValue]:
    given = {name: cells[key] for name, column in mapping.attributes.items() if (key := column_key(column)) in cells}
    found = fields.attributes({name: value for name, value in given.items() if not isinstance(value, dict)})
    for name, names in mapping.values.items():
        if name in found:
            found[name] = names.get(str(found[name]), found[name])
    for name in mapping.numbers:
        if name in found:
            found[name] = _as_number(found[name])
    return found


def _as_number(value: AttributeValue) -> AttributeValue:
    try:
        return fields.finite(value, "attribute")
    except RowError:
        return value
