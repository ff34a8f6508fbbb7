"""Google's product feed, as a table (TSV, CSV) or XML. Items of one ``item_group_id`` become one product.

Source of the names and of what may be in them: Google Merchant Center's product data specification.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

from agent.errors import ImportFailed
from agent.feeds import fields
from agent.feeds.amounts import money, stock
from agent.feeds.clean import image_address
from agent.feeds.entries import BadRow, Found, Raw, RowError
from agent.feeds.google_xml import DETAIL_MARK, xml_records
from agent.feeds.mapping import Mapping
from agent.feeds.source import head_of
from agent.feeds.table import Record, open_table
from agent.shop import Money, Product, Variant

_CHOICES = ("color", "size", "material", "pattern", "gender", "age group")
_ATTRIBUTES = (
    *_CHOICES, "condition", "gtin", "mpn", "size type", "size system", "multipack", "energy efficiency class",
    "shipping weight", "product weight", "product length", "product width", "product height", "unit pricing measure",
)  # fmt: skip
_TELLING = {
    "link",
    "image link",
    "availability",
    "item group id",
    "google product category",
    "product type",
    "condition",
}
_AVAILABLE = {"in stock": None, "limited availability": None, "out of stock": 0, "preorder": 0, "backorder": 0}
_DETAIL = re.compile(r"(?:^|,)\s*[^,:]*:([^,:]+):([^,]*)")


@dataclass(frozen=True, slots=True)
class _Item:
    """One item of the feed as a product of its own, and the group that it belongs to."""

    line: int
    group: str | None
    product: Product


def is_google(keys: Sequence[str]) -> bool:
    """Are these the column keys of a Google feed?"""
    named = {key.removeprefix("g:") for key in keys}
    return {"id", "title"} <= named and len(named & _TELLING) >= 2


def read_google(path: Path, mapping: Mapping) -> Iterator[Raw]:
    """The products of a feed: items without a group as they come, groups after the last line."""
    if head_of(path).lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", b"\xff\xfe<", b"\xfe\xff\x00<")):
        return _rows(xml_records(path), mapping)
    table = open_table(path, mapping.delimiter, mapping.encoding)
    if not {"id", "title"} <= {key.removeprefix("g:") for key in table.header}:
        raise ImportFailed(
            f"{path.name} is not a Google product feed: it lacks the columns id and title. "
            f"It has: {', '.join(table.header[:12])}"
        )
    return chain(table.notes, _rows(table.rows, mapping))


def _rows(records: Iterator[Record] | Iterator[Record | BadRow], mapping: Mapping) -> Iterator[Raw]:
    groups: dict[str, list[_Item]] = {}
    seen: set[str] = set()
    for record in records:
        if isinstance(record, BadRow):
            yield record
            continue
        cells = {key.removeprefix("g:"): value for key, value in record.cells.items()}
        try:
            item = _item(record.line, cells, mapping)
            if item.product.id in seen:
                raise RowError("has an id that was used before; the first row counts")
        except RowError as error:
            yield BadRow(record.line, str(error), fields.label(cells.get("id")))
            continue
        seen.add(item.product.id)
        if item.group is None:
            yield Found(item.line, item.product)
        else:
            groups.setdefault(item.group, []).append(item)
    for group, items in groups.items():
        yield Found(items[0].line, _merged(group, items))


def _item(line: int, cells: dict[str, Any], mapping: Mapping) -> _Item:
    key = fields.product_id(cells.get("id"))
    group = cells.get("item group id")
    return _Item(
        line=line,
        group=fields.product_id(group, "item_group_id") if group else None,
        product=Product(
            id=key,
            title=fields.title(cells.get("title") or cells.get("structured title")),
            description=fields.description(cells.get("description") or cells.get("summary") or cells.get("content")),
            brand=fields.brand(cells.get("brand")),
            category=_category(cells),
            attributes=fields.attributes(_attributes(cells)),
            image=image_address(cells.get("image link")),
            variants=(Variant(key, {}, _price(cells, mapping), _stock(cells)),),
        ),
    )


def _category(cells: dict[str, Any]) -> tuple[str, ...]:
    """The merchant's own path, or Google's where it is in words and not a number of its taxonomy."""
    own, google = cells.get("product type"), str(cells.get("google product category") or "")
    return fields.category(own) or (() if google.strip().isdigit() else fields.category(google))


def _attributes(cells: dict[str, Any]) -> dict[str, Any]:
    found = {name: cells[name] for name in _ATTRIBUTES if name in cells}
    availability = str(cells.get("availability") or "").lower().replace("_", " ")
    if availability in {"preorder", "backorder"}:
        found["availability"] = availability
    for key, value in cells.items():
        if key.startswith(DETAIL_MARK):
            found.setdefault(key.removeprefix(DETAIL_MARK), value)
    for name, value in _DETAIL.findall(str(cells.get("product detail") or "")):
        found.setdefault(name, value)
    return found


def _stock(cells: dict[str, Any]) -> int | None:
    """Units where the feed has them; otherwise none for what is not in stock now, and uncounted for what is."""
    text = " ".join(str(cells.get("availability") or "in stock").lower().replace("_", " ").split())
    if text not in _AVAILABLE:
        raise RowError(f"has an availability {text[:40]!r} that is none of {', '.join(_AVAILABLE)}")
    counted = cells.get("quantity") or cells.get("sell on google quantity")
    return stock(counted) if counted and _AVAILABLE[text] is None else _AVAILABLE[text]


def _price(cells: dict[str, Any], mapping: Mapping) -> Money | None:
    """The price, or the sale price while the sale is on."""
    price = money(cells.get("price"), mapping.currency, mapping.decimal)
    sale = money(cells.get("sale price"), price.currency if price else mapping.currency, mapping.decimal)
    if sale is None or not _on_now(str(cells.get("sale price effective date") or "")):
        return price
    return sale if price is None or sale < price else price


def _on_now(span: str) -> bool:
    """Does a span ``start/end`` in ISO 8601 hold now? Without a span a sale is on; with one that is unclear, not."""
    if not span.strip():
        return True
    try:
        start, end = (datetime.fromisoformat(part.strip()) for part in span.split("/"))
    except ValueError:
        return False
    now = datetime.now(UTC)
    return _aware(start) <= now <= _aware(end)


def _aware(time: datetime) -> datetime:
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _merged(group: str, items: list[_Item]) -> Product:
    """One product of a group: what its items share are its attributes, what differs is chosen by."""
    products = [item.product for item in items]
    first = products[0]
    shared = {n: v for n, v in first.attributes.items() if all(p.attributes.get(n) == v for p in products)}
    differing = [n for n in _CHOICES if n not in shared and any(n in p.attributes for p in products)]
    chosen = [{n: str(p.attributes[n]) for n in differing if n in p.attributes} for p in products]
    if len({tuple(options.items()) for options in chosen}) < len(chosen):
        titles = [p.title for p in products]
        labels = titles if len(set(titles)) == len(titles) else [p.id for p in products]
        chosen = [{**options, "item": label} for options, label in zip(chosen, labels, strict=True)]
    variants = tuple(replace(p.variants[0], options=o) for p, o in zip(products, chosen, strict=True))
    return replace(
        first,
        id=group,
        title=_shared_title([p.title for p in products]),
        attributes=shared,
        image=next((p.image for p in products if p.image), None),
        variants=variants,
    )


def _shared_title(titles: list[str]) -> str:
    """The words that all titles begin with, where these are at least half of the first; otherwise the first."""
    words = [title.split() for title in titles]
    common = []
    for together in zip(*words, strict=False):
        if len(set(together)) > 1:
            break
        common.append(together[0])
    shared = " ".join(common).rstrip(" -–—,;:/|([")
    return shared if len(common) * 2 >= len(words[0]) and shared else titles[0]
