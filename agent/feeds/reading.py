"""Reading any catalogue file: which format it has, and its entries one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from agent.errors import ImportFailed
from agent.feeds.entries import BadRow, Entry, Found, Note, Raw
from agent.feeds.google import is_google, read_google
from agent.feeds.mapping import Mapping
from agent.feeds.plain import read_plain
from agent.feeds.shopify import is_shopify, read_shopify
from agent.feeds.shopkeeper import read_shopkeeper
from agent.feeds.source import decoded_head, head_of
from agent.feeds.table import header_keys, header_line, sniff_delimiter
from agent.shop import Product

_READERS: dict[str, Callable[[Path, Mapping], Iterator[Raw]]] = {
    "shopkeeper": read_shopkeeper,
    "shopify": read_shopify,
    "google": read_google,
    "csv": read_plain,
}
FORMATS = tuple(_READERS)


def read_feed(path: Path, format: str | None = None, mapping: Mapping | None = None) -> Iterator[Entry]:
    """The entries of a catalogue file: products, bad rows, rows that are not for sale, notes on the whole file.

    A product's id, and a variant's, come once: the second row with it is bad. Packed files (gzip) are unpacked.

    Args:
        path: the file.
        format: one of `FORMATS`; None looks at the file (`detect_format`), or is ``csv`` where a mapping has columns.
        mapping: how to read a plain table; its currency and decimal sign count for every format.

    Raises:
        ImportFailed: at the call, where the file cannot be read at all or is not of the format; while drawing,
            where it turns out to be cut short, or when it ends and no product was found.
    """
    mapping = mapping or Mapping()
    format = format or ("csv" if mapping.columns else detect_format(path))
    if format not in _READERS:
        raise ImportFailed(f"there is no format {format!r}; choose one of {', '.join(FORMATS)}")
    head_of(path)
    return _checked(path.name, _READERS[format](path, mapping))


def detect_format(path: Path) -> str:
    """One of `FORMATS`, by the file's beginning and, for lists of records, by its name.

    Raises:
        ImportFailed: the file is missing, unreadable, empty, not text, or a web page.
    """
    name = path.name.lower().removesuffix(".gz")
    text = decoded_head(head_of(path)).lstrip()
    if text.startswith("<"):
        if text[:200].lower().startswith(("<!doctype html", "<html")):
            raise ImportFailed(f"{path.name} is a web page and no catalogue; was it fetched without signing in?")
        return "google"
    if name.endswith((".yaml", ".yml")):
        return "csv"
    if text.startswith("{"):
        return "shopkeeper"
    if text.startswith("[") and name.endswith(".json"):
        return "csv"
    first = header_line(text.splitlines())
    keys = header_keys(first, sniff_delimiter(first))
    if is_shopify(keys):
        return "shopify"
    return "google" if is_google(keys) else "csv"


def _checked(name: str, raws: Iterator[Raw]) -> Iterator[Entry]:
    """Lets each id through once, and insists on at least one product: an import of none would empty the shop."""
    products: set[str] = set()
    variants: set[str] = set()
    first_problem = ""
    for raw in raws:
        entry: Entry = raw.product if isinstance(raw, Found) else raw
        if isinstance(raw, Found) and (reason := _clash(raw.product, products, variants)):
            entry = BadRow(raw.line, reason, raw.product.id)
        if isinstance(entry, Product):
            products.add(entry.id)
            variants.update(variant.id for variant in entry.variants)
        elif not isinstance(entry, Note):
            first_problem = first_problem or str(entry)
        yield entry
    if not products:
        raise ImportFailed(
            f"{name} holds no product" + (f"; its first problem: {first_problem}" if first_problem else "")
        )


def _clash(product: Product, products: set[str], variants: set[str]) -> str:
    """Why a product cannot stand beside those before it, or ""."""
    if product.id in products:
        return "has an id that was used before; the first row counts"
    ids = [variant.id for variant in product.variants]
    if twice := next((key for at, key in enumerate(ids) if key in variants or key in ids[:at]), None):
        return f"has a variant id that was used before: {twice!r}"
    if len({variant.price.currency for variant in product.variants if variant.price}) > 1:
        return "has prices in several currencies"
    return ""
