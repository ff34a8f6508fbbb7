"""The words that the demo shop is made of, read from `words/*.toml` into frozen values.

Everything here is invented for this shop. A mistake in a file raises a KeyError, TypeError or
ValueError at load; a test loads them all.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

_WORDS = Path(__file__).parent / "words"

Span = tuple[float, float, float]
"""Lowest, highest, step."""


@dataclass(frozen=True, slots=True)
class Brand:
    name: str
    level: float
    """What its name does to a price."""
    sells: tuple[str, ...]
    """Departments (first part of a category's path) and category keys."""
    words: tuple[str, ...]
    says: str


@dataclass(frozen=True, slots=True)
class Material:
    name: str
    factor: float
    colors: tuple[str, ...]
    """The only colours it comes in; empty: any."""
    says: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """What a shopper chooses between: sizes, say. `factors` multiply the price."""

    name: str
    values: tuple[str, ...]
    factors: tuple[float, ...]
    shortest: int


@dataclass(frozen=True, slots=True)
class Feature:
    """Something that a product has or has not, with what it is called in a title and a sentence."""

    key: str
    chance: float
    says: tuple[str, ...]
    lacks: tuple[str, ...] = ()
    """Sentences for products that have it not."""
    adj: str = ""
    noun: str = ""
    factor: float = 1.0
    numbers: dict[str, Span] = field(default_factory=dict)
    kinds: tuple[str, ...] = ()
    not_kinds: tuple[str, ...] = ()
    materials: tuple[str, ...] = ()
    not_materials: tuple[str, ...] = ()
    needs: str = ""
    """Another feature without which it makes no sense."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of thing within a category: a corner sofa among the sofas."""

    name: str
    phrase: str
    """With its article: "a corner sofa"."""
    factor: float
    says: tuple[str, ...]
    other_names: tuple[str, ...] = ()
    materials: tuple[str, ...] = ()
    colors: tuple[str, ...] = ()
    numbers: dict[str, Span] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    """Attributes of the category that this kind does not have."""


@dataclass(frozen=True, slots=True)
class Category:
    key: str
    path: tuple[str, ...]
    price: tuple[float, float]
    kinds: tuple[Kind, ...]
    features: tuple[Feature, ...]
    names: tuple[str, ...]
    words: tuple[str, ...]
    openings: tuple[str, ...]
    details: tuple[str, ...]
    closings: tuple[str, ...]
    titles: tuple[str, ...]
    materials: tuple[str, ...] = ()
    colors: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    numbers: dict[str, Span] = field(default_factory=dict)
    choices: dict[str, tuple[str, ...]] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    options: Run | None = None
    color_choice: float = 0.0
    """How often the colour is a choice too."""
    shop_brand: bool = False
    """Sold under the shop's own name."""
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Vocabulary:
    categories: tuple[Category, ...]
    brands: tuple[Brand, ...]
    materials: dict[str, Material]

    def sellers(self, category: Category) -> tuple[Brand, ...]:
        """The brands that make things of this category."""
        wanted = {category.key, category.path[0]}
        return tuple(brand for brand in self.brands if wanted & set(brand.sells))


@cache
def vocabulary() -> Vocabulary:
    """All words, read once."""
    names = _read("names.toml")
    runs = {key: _run(row) for key, row in _read("options.toml").items()}
    files = sorted((_WORDS / "categories").glob("*.toml"))
    rows = [row for file in files for row in _read(f"categories/{file.name}")["category"]]
    return Vocabulary(
        categories=tuple(_category(row, names, runs) for row in rows),
        brands=tuple(
            Brand(b["name"], float(b["level"]), tuple(b["sells"]), tuple(b["words"]), b["says"])
            for b in _read("brands.toml")["brand"]
        ),
        materials={
            name: Material(name, float(row["factor"]), tuple(row.get("colors", ())), tuple(row["says"]))
            for name, row in _read("materials.toml").items()
        },
    )


@cache
def color_values() -> dict[str, str]:
    """Colour words, each with its value as ``#rrggbb``."""
    return dict(_read("colors.toml")["hex"])


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_WORDS / name).read_text(encoding="utf-8"))


def _run(row: dict[str, Any]) -> Run:
    if len(row["values"]) != len(row["factors"]):
        raise ValueError(f"option {row['name']} has {len(row['values'])} values and {len(row['factors'])} factors")
    return Run(row["name"], tuple(row["values"]), tuple(map(float, row["factors"])), int(row["shortest"]))


def _category(row: dict[str, Any], names: dict[str, Any], runs: dict[str, Run]) -> Category:
    known = {
        "kinds": tuple(_kind(kind) for kind in row["kinds"]),
        "features": tuple(_feature(feature) for feature in row.get("features", ())),
        "names": tuple(names[row["names"]]),
        "titles": row.get("titles") or _read("titles.toml")["titles"],
        "options": runs[row["options"]] if "options" in row else None,
        "numbers": _spans(row.get("numbers", {})),
        "choices": {key: tuple(values) for key, values in row.get("choices", {}).items()},
    }
    return Category(**{key: _frozen(value) for key, value in {**row, **known}.items()})


def _kind(row: dict[str, Any]) -> Kind:
    numbers = _spans(row.get("numbers", {}))
    rest = {key: _frozen(value) for key, value in row.items() if key not in ("a", "numbers")}
    return Kind(phrase=row.get("a") or f"a {row['name']}", numbers=numbers, **rest)


def _feature(row: dict[str, Any]) -> Feature:
    numbers = _spans(row.get("numbers", {}))
    rest = {key: _frozen(value) for key, value in row.items() if key not in ("with", "numbers")}
    return Feature(noun=row.get("with", ""), numbers=numbers, **rest)


def _spans(row: dict[str, list[float]]) -> dict[str, Span]:
    return {key: (float(v[0]), float(v[1]), float(v[2]) if len(v) > 2 else 1.0) for key, v in row.items()}


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
