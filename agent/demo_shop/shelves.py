"""Any catalogue as shelves of like products with numbers beside them, which is what simulated shoppers see.

A shelf is a narrow category. In a catalogue without categories it is the most
particular of the words that many titles share.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.demo_shop.vocabulary import color_values
from agent.shop import Product

_FACETS = {
    "color": ("color", "colour", "product colour", "product color"),
    "material": ("material",),
    "style": ("style",),
    "for": ("for", "gender"),
}
_MOST_SHELVES = 160

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Shelf:
    """Like products: their positions in the catalogue."""

    name: str
    department: str
    products: Ints


@dataclass(frozen=True, slots=True)
class Shelves:
    """The catalogue as a shopper sees it. Arrays have one entry a product."""

    shelves: tuple[Shelf, ...]
    facets: dict[str, Ints]
    """By facet (brand, color, …): the number of the product's value, 0 where it has none."""
    price_rank: Floats
    """From -0.5 (cheapest of its shelf) to 0.5."""
    popularity: Floats
    """Logarithm; long-tailed."""


def make_shelves(products: Sequence[Product], rng: np.random.Generator) -> Shelves:
    """Sort the products into shelves."""
    names = _shelf_names(products)
    members: dict[tuple[str, str], list[int]] = {}
    for position, name in enumerate(names):
        members.setdefault(name, []).append(position)
    shelves = tuple(
        Shelf(name, department, np.array(found, dtype=np.int64)) for (department, name), found in members.items()
    )
    prices = np.array([math.log(p.price.minor + 1) if p.price else math.nan for p in products])
    facets = {"brand": _codes([p.brand or "" for p in products])}
    facets |= {name: _codes([_value(p, keys) for p in products]) for name, keys in _FACETS.items()}
    stars = np.array([p.rating if p.rating is not None else 4.0 for p in products])
    popularity = np.minimum(rng.gumbel(0.0, 0.7, len(products)), 2.2) + 0.8 * (stars - 4.2)
    return Shelves(shelves, facets, _price_ranks(shelves, prices), popularity)


def _shelf_names(products: Sequence[Product]) -> list[tuple[str, str]]:
    """Department and name of each product's shelf."""
    words = _telling_words([p.title for p in products if not p.category])
    return [
        (p.category[0], " > ".join(p.category)) if p.category else ("", _first_known(p.title, words)) for p in products
    ]


def _telling_words(titles: Sequence[str]) -> Mapping[str, int]:
    """The words that many titles share, but not most of them, with their counts."""
    colors = color_values()
    counts = Counter(word for title in titles for word in set(_tokens(title)))
    shared = [(w, n) for w, n in counts.items() if 3 <= n <= 0.2 * len(titles) + 3 and w not in colors]
    shared.sort(key=lambda pair: (-pair[1], pair[0]))
    return dict(shared[:_MOST_SHELVES])


def _first_known(title: str, words: Mapping[str, int]) -> str:
    """The most particular of the telling words in a title."""
    return min((w for w in _tokens(title) if w in words), key=lambda w: (words[w], w), default="other")


def _tokens(text: str) -> list[str]:
    return re.findall(r"[a-z]{4,}", text.lower())


def _value(product: Product, keys: Sequence[str]) -> str:
    for key in keys:
        if key in product.attributes:
            return str(product.attributes[key])
        for variant in product.variants[:1]:
            if key in variant.options:
                return variant.options[key]
    return ""


def _codes(values: Sequence[str]) -> Ints:
    """Numbers for values, in order of first appearance; 0 for none."""
    known: dict[str, int] = {"": 0}
    return np.array([known.setdefault(value, len(known)) for value in values], dtype=np.int64)


def _price_ranks(shelves: Sequence[Shelf], prices: NDArray[Any]) -> Floats:
    ranks = np.zeros(len(prices))
    for shelf in shelves:
        known = shelf.products[~np.isnan(prices[shelf.products])]
        if len(known) > 1:
            order = np.argsort(np.argsort(prices[known], kind="stable"), kind="stable")
            ranks[known] = order / (len(known) - 1) - 0.5
    return ranks
