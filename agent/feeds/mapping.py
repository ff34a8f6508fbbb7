"""Which column of a plain table means what, from a small TOML file or by guessing at common names."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from agent.errors import ImportFailed
from agent.feeds.amounts import CURRENCIES
from agent.feeds.table import column_key

FieldName = Literal[
    "id", "title", "description", "brand", "category", "price", "currency", "stock", "image", "rating", "rating_count"
]

# Common names of each field, the likeliest first, as `column_key` writes them.
_COMMON: dict[FieldName, tuple[str, ...]] = {
    "id": ("id", "product id", "sku", "item id", "article number", "item number", "product code", "code", "asin"),
    "title": ("title", "name", "product name", "product title", "item name"),
    "description": ("description", "long description", "body", "details", "short description", "summary", "text"),
    "brand": ("brand", "manufacturer", "vendor", "maker", "brand name"),
    "category": ("category", "categories", "category path", "product type", "type", "department"),
    "price": ("price", "unit price", "current price", "regular price", "list price", "sale price", "amount", "msrp"),
    "currency": ("currency", "currency code", "price currency"),
    "stock": (
        "stock", "current stock", "quantity", "qty", "inventory", "stock quantity", "in stock", "availability", "units",
    ),
    "image": ("image", "image url", "image link", "images", "picture", "photo", "thumbnail", "img"),
    "rating": ("rating", "average rating", "stars", "review rating"),
    "rating_count": ("rating count", "reviews", "review count", "number of reviews", "num reviews", "ratings"),
}  # fmt: skip


class Mapping(BaseModel):
    """How to read a table. Every part may be left out; the defaults read a common shop's export."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    currency: str = "USD"
    """For prices that name none."""
    decimal: Literal[".", ","] | None = None
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    encoding: str | None = None
    category_separator: str = ">"
    columns: dict[FieldName, str | list[str]] = Field(default_factory=dict)
    """Field → column. Of several columns, `category` takes all as levels, any other field the first that is filled."""
    attributes: dict[str, str] = Field(default_factory=dict)
    """Attribute → column."""
    values: dict[str, dict[str, str]] = Field(default_factory=dict)
    """Attribute → what its values are called here, e.g. ``F`` → ``women``."""
    numbers: list[str] = Field(default_factory=list)
    """Attributes that are numbers; a value that is none stays text."""

    @field_validator("currency")
    @classmethod
    def _known(cls, value: str) -> str:
        if value.upper() not in CURRENCIES:
            raise ValueError("is not an ISO 4217 code such as USD")
        return value.upper()

    @field_validator("encoding")
    @classmethod
    def _decodes(cls, value: str | None) -> str | None:
        try:
            if value is not None:
                "".encode(value)
        except (LookupError, UnicodeError):
            raise ValueError("is not an encoding such as utf-8 or cp1252") from None
        return value

    def columns_of(self, field: FieldName) -> tuple[str, ...]:
        """The keys of the columns that a field is read from."""
        named = self.columns.get(field, [])
        return tuple(map(column_key, [named] if isinstance(named, str) else named))


def load_mapping(path: Path) -> Mapping:
    """The mapping of a TOML file. Raises ImportFailed, naming the place that is wrong."""
    try:
        mapping = Mapping.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ImportFailed(f"cannot read the mapping {path}: {error.strerror or error}; check the path") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ImportFailed(f"the mapping {path.name} is not TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise ImportFailed(f"the mapping {path.name} is wrong at {where}: {first['msg']}") from error
    if missing := [field for field in ("id", "title") if field not in mapping.columns]:
        raise ImportFailed(
            f"the mapping {path.name} does not say which column is the {missing[0]}; add it to [columns]"
        )
    return mapping


def guess(keys: Iterable[str], base: Mapping) -> Mapping:
    """A mapping by common names; columns that are no field become attributes under their own names."""
    left = dict.fromkeys(key for key in keys if key)
    columns: dict[FieldName, str | list[str]] = {}
    for field, names in _COMMON.items():
        if found := next((name for name in names if name in left), None):
            columns[field] = found
            del left[found]
    return base.model_copy(update={"columns": columns, "attributes": {key: key for key in left}})


def in_words(mapping: Mapping) -> str:
    """What was guessed, in one line for the operator."""
    told = ", ".join(f"{field} from {column!r}" for field, column in mapping.columns.items())
    rest = ", ".join(mapping.attributes)
    return (
        f"columns were guessed: {told}" + (f"; attributes: {rest}" if rest else "") + ". A mapping file says otherwise"
    )
