"""Shopify's product CSV, with the column names of old and those in use since 2025.

A product is all rows of one handle: the first carries its words, each row with a price, a SKU or an option is
a variant, the others add pictures. The file names no currency; it is the shop's.
Source of the names: Shopify's help page "Using CSV files to import and export products" and its sample file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from agent.errors import ImportFailed
from agent.feeds import fields
from agent.feeds.amounts import money, stock
from agent.feeds.clean import image_address
from agent.feeds.entries import BadRow, Found, Raw, RowError, Skipped
from agent.feeds.mapping import Mapping
from agent.feeds.shopkeeper import variant_id
from agent.feeds.table import Record, Table, open_table
from agent.shop import Product, Variant

# Each field with its columns' names, as `column_key` writes them: the new one, then the old ones.
_COLUMNS = {
    "handle": ("url handle", "handle"),
    "title": ("title",),
    "description": ("description", "body (html)", "body html"),
    "vendor": ("vendor",),
    "category": ("product category", "standardized product type"),
    "type": ("type", "custom product type"),
    "tags": ("tags",),
    "published": ("published on online store", "published"),
    "status": ("status",),
    "sku": ("sku", "variant sku"),
    "price": ("price", "variant price"),
    "tracker": ("inventory tracker", "variant inventory tracker"),
    "quantity": ("inventory quantity", "variant inventory qty"),
    "oversell": ("continue selling when out of stock", "variant inventory policy"),
    "image": ("product image url", "image src"),
    "position": ("image position",),
}
_TELLING = {
    "vendor",
    "variant price",
    "body (html)",
    "option1 name",
    "option1 value",
    "variant sku",
    "product image url",
}
_METAFIELD = " (product.metafields."
_SHOPPING = {"gender", "age group", "condition"}
_OVERSELLS = {"true", "continue", "yes"}


@dataclass(frozen=True, slots=True)
class _File:
    """What a row's meaning takes from the whole file."""

    mapping: Mapping
    skus: Counter[str]
    """How often each SKU comes; one that comes twice is no id."""
    names_tracker: bool
    """With a column for the tracker, an empty cell there says that the stock is not counted."""


def is_shopify(keys: Sequence[str]) -> bool:
    """Are these the column keys of a Shopify file?"""
    named = set(keys)
    return "title" in named and bool(named & {"handle", "url handle"}) and bool(named & _TELLING)


def read_shopify(path: Path, mapping: Mapping) -> Iterator[Raw]:
    """The products of a Shopify file, after all of it was read: a handle's rows need not stand together."""
    table = open_table(path, mapping.delimiter, mapping.encoding)
    if not is_shopify(table.header):
        raise ImportFailed(
            f"{path.name} is not a Shopify product file: it lacks the columns Title and Handle (or URL handle). "
            f"It has: {', '.join(table.header[:12])}"
        )
    return chain(table.notes, _rows(table, mapping))


def _rows(table: Table, mapping: Mapping) -> Iterator[Raw]:
    groups: dict[str, list[Record]] = {}
    for row in table.rows:
        if isinstance(row, BadRow):
            yield row
            continue
        handle = fields.label(_cell(row, "handle"))
        if handle is None:
            yield BadRow(row.line, "has no handle")
        else:
            groups.setdefault(handle, []).append(row)
    skus = Counter(sku for rows in groups.values() for row in rows if (sku := fields.label(_cell(row, "sku"))))
    file = _File(mapping, skus, any(key in table.header for key in _COLUMNS["tracker"]))
    for handle, rows in groups.items():
        yield from _product(handle, rows, file)


def _product(handle: str, rows: list[Record], file: _File) -> Iterator[Raw]:
    first = next((row for row in rows if _cell(row, "title")), rows[0])
    if reason := _withheld(first):
        yield Skipped(first.line, reason, handle)
        return
    variants: list[Variant] = []
    try:
        for result in _variants(handle, first, rows, file):
            if isinstance(result, BadRow):
                yield result
            else:
                variants.append(result)
        if not variants:
            raise RowError("has no variant that can be read")
        yield Found(first.line, _described(handle, first, rows, tuple(variants)))
    except RowError as error:
        yield BadRow(first.line, str(error), handle)


def _withheld(row: Record) -> str:
    """Why the product is not for sale, or ""."""
    status = str(_cell(row, "status") or "active").strip().lower()
    if status != "active":
        return f"is not for sale: its status is {status[:20]!r}"
    published = str(_cell(row, "published") or "true").strip().lower()
    return "is not published in the online store" if published in {"false", "no", "0"} else ""


def _described(handle: str, first: Record, rows: list[Record], variants: tuple[Variant, ...]) -> Product:
    category = fields.category(_cell(first, "category")) or fields.category(_cell(first, "type"))
    return Product(
        id=fields.product_id(handle),
        title=fields.title(_cell(first, "title")),
        description=fields.description(_cell(first, "description")),
        brand=fields.brand(_cell(first, "vendor")),
        category=category,
        attributes=fields.attributes(_attributes(first)),
        image=_image(rows),
        variants=variants,
    )


def _attributes(row: Record) -> dict[str, Any]:
    found = {"type": _cell(row, "type"), "tags": _cell(row, "tags")}
    for key, value in row.cells.items():
        if _METAFIELD in key and not value.startswith("gid://"):
            found[key.split(_METAFIELD)[0]] = value
        elif key.startswith("google shopping / ") and (name := key.split(" / ", 1)[1]) in _SHOPPING:
            found[name] = value
    return found


def _image(rows: list[Record]) -> str | None:
    """The picture with the lowest position."""
    pictures = [(_position(row), image) for row in rows if (image := image_address(_cell(row, "image")))]
    return min(pictures, key=lambda picture: picture[0])[1] if pictures else None


def _position(row: Record) -> int:
    text = str(_cell(row, "position") or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 10**9


def _variants(handle: str, first: Record, rows: list[Record], file: _File) -> Iterator[Variant | BadRow]:
    names = {n: name for n in (1, 2, 3) if (name := first.cells.get(f"option{n} name"))}
    selling = [row for row in rows if any(_cell(row, f) for f in ("price", "sku")) or row.cells.get("option1 value")]
    seen: set[tuple[str, ...]] = set()
    for row in selling or [first]:
        try:
            variant = _variant(handle, row, names, file)
            choice = tuple(variant.options.values())
            if choice in seen:
                raise RowError(f"repeats the variant {' / '.join(choice) or 'of the product'}")
            seen.add(choice)
            yield variant
        except RowError as error:
            yield BadRow(row.line, str(error), handle)


def _variant(handle: str, row: Record, names: dict[int, str], file: _File) -> Variant:
    chosen = fields.options({name: row.cells.get(f"option{n} value") for n, name in names.items()})
    if chosen == {"title": "Default Title"}:  # how Shopify writes a product without options
        chosen = {}
    sku = fields.label(_cell(row, "sku"))
    return Variant(
        id=fields.product_id(sku) if sku and file.skus[sku] == 1 else variant_id(handle, chosen),
        options=chosen,
        price=money(_cell(row, "price"), file.mapping.currency, file.mapping.decimal),
        stock=_stock(row, file),
    )


def _stock(row: Record, file: _File) -> int | None:
    """Units, or None where Shopify does not count them or sells on when they are gone."""
    uncounted = file.names_tracker and _cell(row, "tracker") is None
    oversold = str(_cell(row, "oversell") or "").strip().lower() in _OVERSELLS
    return None if uncounted or oversold else stock(_cell(row, "quantity"))


def _cell(row: Record, field: str) -> Any:
    return next((row.cells[key] for key in _COLUMNS[field] if key in row.cells), None)
