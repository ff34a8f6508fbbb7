"""What search knows of a product: text, facets and numbers, read from product JSONL.

One object a line (``.gz`` too): ``id, title, description, brand, category[], price, currency,
attributes{}, rating?, rating_count?, stock?, image?, options?``; only ``id`` and ``title`` are required.
"""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from retrieval.errors import DocumentError

AttributeValue = str | float | bool | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """One product as search sees it. `price` is in the catalogue's major unit; None where it has none.

    `stock` is None where the shop does not count, which search treats as in stock. An attribute with
    several values (the sizes that a product comes in) is a tuple.
    """

    id: str
    title: str
    description: str = ""
    brand: str | None = None
    category: tuple[str, ...] = ()
    price: float | None = None
    currency: str = "USD"
    attributes: dict[str, AttributeValue] = field(default_factory=dict)
    rating: float | None = None
    rating_count: int = 0
    stock: int | None = None


def document(row: dict[str, Any]) -> Document:
    """A document from one JSON object.

    Raises DocumentError, naming the field, where a value is of the wrong kind.
    """
    attributes = _attributes(row.get("attributes"))
    for name, values in _options(row.get("options")).items():
        attributes.setdefault(name, values)
    return Document(
        id=_text(row, "id"),
        title=_text(row, "title"),
        description=str(row.get("description") or ""),
        brand=str(row["brand"]).strip() or None if row.get("brand") else None,
        category=_category(row.get("category")),
        price=_number(row, "price"),
        currency=str(row.get("currency") or "USD"),
        attributes=attributes,
        rating=_number(row, "rating"),
        rating_count=int(_number(row, "rating_count") or 0),
        stock=None if (stock := _number(row, "stock")) is None else int(stock),
    )


def read_documents(path: Path) -> Iterator[Document]:
    """The documents of a JSONL file (``.gz`` too), in the file's order.

    Raises DocumentError with the line number on the first bad line, and on an id seen before.
    """
    seen: set[str] = set()
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            if not isinstance(row, dict):
                raise DocumentError("is not a JSON object")
            doc = document(row)
        except (json.JSONDecodeError, DocumentError) as error:
            raise DocumentError(f"{path.name}, line {number}: {error}; correct or remove the line") from error
        if doc.id in seen:
            raise DocumentError(f"{path.name}, line {number}: id {doc.id!r} was used before; ids must be unique")
        seen.add(doc.id)
        yield doc


def _lines(path: Path) -> Iterable[str]:
    try:
        if path.suffix == ".gz":
            with gzip.open(path, "rt", encoding="utf-8") as file:
                yield from file
        else:
            with path.open(encoding="utf-8") as file:
                yield from file
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise DocumentError(f"cannot read {path}: {error}") from error


def _text(row: dict[str, Any], name: str) -> str:
    value = row.get(name)
    if value is None or not str(value).strip():
        raise DocumentError(f"has no {name}")
    return str(value).strip()


def _number(row: dict[str, Any], name: str) -> float | None:
    value = row.get(name)
    if value is None or value == "":
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise DocumentError(f"has a {name} that is not a number: {value!r}") from None
    if not math.isfinite(number):
        raise DocumentError(f"has a {name} that is not a finite number")
    return number


def _category(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, str):
        return tuple(p.strip() for p in value.split(">") if p.strip())
    if isinstance(value, list):
        return tuple(str(v).strip() for v in value if str(v).strip())
    raise DocumentError("has a category that is neither a list nor a text")


def _attributes(value: Any) -> dict[str, AttributeValue]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise DocumentError("has attributes that are not an object")
    return {str(k).strip().lower(): _attribute(v) for k, v in value.items() if v is not None and v != ""}


def _attribute(value: Any) -> AttributeValue:
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, list):
        return tuple(str(v) for v in value)
    return str(value)


def _options(value: Any) -> dict[str, tuple[str, ...]]:
    """What a shopper may choose, as ``{"size": ["S", "M"]}`` or as a list of variants, each with its options."""
    found: dict[str, dict[str, None]] = {}
    variants = value if isinstance(value, list) else [{"options": value}]
    for variant in variants:
        options = variant.get("options") if isinstance(variant, dict) else None
        for name, values in (options if isinstance(options, dict) else {}).items():
            for item in values if isinstance(values, list) else [values]:
                found.setdefault(str(name).strip().lower(), {})[str(item)] = None
    return {name: tuple(values) for name, values in found.items()}
