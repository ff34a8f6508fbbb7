"""Shopkeeper's own format: one JSON object a line, read and written.

Fields: ``id, title, description, brand, category[], price, currency, attributes{}, rating?, rating_count?,
stock?, image?, options?``; only ``id`` and ``title`` are required. ``options`` is either what may be chosen
(``{"size": ["S", "M"]}``) or the list of variants (``[{"id", "options": {}, "price", "stock"}]``).
"""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Iterable, Iterator
from itertools import product as combinations
from pathlib import Path
from typing import Any

from agent.errors import ImportFailed
from agent.feeds import fields
from agent.feeds.amounts import LARGEST_STOCK, currency_code, money, stock
from agent.feeds.clean import image_address
from agent.feeds.entries import BadRow, Found, Raw, RowError
from agent.feeds.mapping import Mapping
from agent.feeds.records import json_lines
from agent.feeds.source import decoded_head, head_of
from agent.shop import Money, Product, Variant

MOST_VARIANTS = 2_000


def read_shopkeeper(path: Path, mapping: Mapping) -> Iterator[Raw]:
    """The products of a JSONL file (``.gz`` too). Raises ImportFailed where no line of it is an object."""
    head = decoded_head(head_of(path))
    if not any(line.lstrip().startswith("{") for line in head.splitlines()):
        raise ImportFailed(f"{path.name} is not product JSONL: no line begins with {{; see docs/catalogues.md")
    return _rows(path, mapping.currency)


def _rows(path: Path, currency: str) -> Iterator[Raw]:
    for entry in json_lines(path):
        if isinstance(entry, BadRow):
            yield entry
            continue
        number, row = entry
        try:
            yield Found(number, product(row, currency))
        except RowError as error:
            yield BadRow(number, str(error), fields.label(row.get("id")))


def product(row: dict[str, Any], currency: str = "USD") -> Product:
    """A product from one JSON object. Raises RowError, saying what is wrong with which field."""
    key = fields.product_id(row.get("id"))
    currency = currency_code(row.get("currency"), currency)
    return Product(
        id=key,
        title=fields.title(row.get("title")),
        description=fields.description(row.get("description")),
        brand=fields.brand(row.get("brand")),
        category=fields.category(row.get("category")),
        attributes=fields.attributes(row.get("attributes")),
        image=image_address(row.get("image")),
        rating=fields.rating(row.get("rating")),
        rating_count=fields.rating_count(row.get("rating_count")),
        variants=_variants(
            key, row.get("options"), money(row.get("price"), currency), stock(row.get("stock")), currency
        ),
    )


def _variants(key: str, options: Any, price: Money | None, units: int | None, currency: str) -> tuple[Variant, ...]:
    if not options:
        return (Variant(key, {}, price, units),)
    # Of the units of a whole product, nobody can say which choice has how many: a count of none holds for
    # each, any other for none of them, so that no reply states a number that the catalogue does not.
    shared = 0 if units == 0 else None
    if isinstance(options, dict):
        return tuple(Variant(variant_id(key, chosen), chosen, price, shared) for chosen in _choices(options))
    if not isinstance(options, list) or not all(isinstance(entry, dict) for entry in options):
        raise RowError("has options that are neither an object of choices nor a list of variants")
    if len(options) > MOST_VARIANTS:
        raise RowError(f"has more than {MOST_VARIANTS} variants")
    return tuple(_variant(key, entry, price, shared, currency) for entry in options)


def _variant(key: str, entry: dict[str, Any], price: Money | None, units: int | None, currency: str) -> Variant:
    chosen = fields.options(entry.get("options"))
    return Variant(
        id=variant_id(key, chosen) if entry.get("id") is None else fields.product_id(entry["id"], "variant id"),
        options=chosen,
        price=money(entry["price"], currency) if "price" in entry else price,
        stock=stock(entry["stock"]) if "stock" in entry else units,
    )


def _choices(options: dict[str, Any]) -> list[dict[str, str]]:
    """Every combination of what may be chosen, the last option changing fastest."""
    named: dict[str, dict[str, None]] = {}
    for name, values in options.items():
        for value in values if isinstance(values, list) else [values]:
            for clean_name, clean_value in fields.options({name: value}).items():
                named.setdefault(clean_name, {})[clean_value] = None
    if math.prod(map(len, named.values())) > MOST_VARIANTS:
        raise RowError(f"has more than {MOST_VARIANTS} combinations of its options")
    return [dict(zip(named, values, strict=True)) for values in combinations(*named.values())]


def variant_id(key: str, chosen: dict[str, str]) -> str:
    """A variant's id from its product's and what is chosen, the same at each import: ``tee-1:Red/M``."""
    return fields.product_id(f"{key}:{'/'.join(chosen.values())}" if chosen else key, "variant id")


def write_jsonl(products: Iterable[Product], path: Path) -> int:
    """Writes products, one JSON object a line (packed where the name ends with ``.gz``); returns how many.

    What is read back equals what was written, for products as the readers of this package give them.
    """
    count = 0
    with gzip.open(path, "wt", encoding="utf-8") if path.suffix == ".gz" else path.open("w", encoding="utf-8") as file:
        for item in products:
            count += 1
            file.write(json.dumps(row_of(item), ensure_ascii=False, allow_nan=False) + "\n")
    return count


def row_of(item: Product) -> dict[str, Any]:
    """The JSON object of a product. A plain product has its price and stock beside its title, others in `options`."""
    price = item.price
    row: dict[str, Any] = {
        "id": item.id,
        "title": item.title,
        "description": item.description,
        "brand": item.brand,
        "category": list(item.category),
        "price": _number(price),
        "currency": price.currency if price else None,
        "attributes": item.attributes,
        "rating": item.rating,
        "rating_count": item.rating_count,
        "stock": None if item.stock is None else min(item.stock, LARGEST_STOCK),
        "image": item.image,
    }
    if any(variant.options or variant.id != item.id for variant in item.variants):
        row["options"] = [
            {"id": v.id, "options": v.options, "price": _number(v.price), "stock": v.stock} for v in item.variants
        ]
    return row


def _number(price: Money | None) -> int | float | None:
    """A price as JSON's number: exact up to 10^15 minor units, far above what `money` lets in."""
    if price is None:
        return None
    return int(price.amount) if price.amount == int(price.amount) else float(price.amount)
