"""A drawn picture for every product: a silhouette of its kind in its colour, as SVG, made when it is asked for.

The only part of a product that reaches the markup is which silhouette and which colours are picked and,
escaped, its title for screen readers. Imported products of kinds that are not known get a parcel.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache, lru_cache
from html import escape
from pathlib import Path

from agent.demo_shop.vocabulary import color_values
from agent.shop import Product

_NEUTRAL = "#8fa3ad"
_COLOR_KEYS = ("color", "colour", "product colour", "product color")
_ACCENTS = {
    "#a9764a": ("oak", "walnut", "pine", "beech", "ash", "acacia", "teak", "bamboo", "rattan", "wood", "cork", "jute"),
    "#8c959c": ("steel", "aluminium", "iron", "metal", "mesh", "chrome"),
    "#c49a45": ("brass", "gold", "copper"),
    "#8a5a3b": ("leather", "suede"),
}
_OPEN = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 240" width="240" height="240" role="img">'
_GROUND = '<rect width="240" height="240" rx="20" fill="{b}"/>'
_SHADOW = '<ellipse cx="120" cy="203" rx="86" ry="8" fill="#1d2429" opacity=".12"/>'
_BACKDROPS = (
    '<circle cx="120" cy="118" r="96" fill="{w}"/>',
    '<path d="M28 206V112a92 92 0 0 1 184 0v94z" fill="{w}"/>',
    '<rect x="24" y="24" width="192" height="178" rx="28" fill="{w}"/>',
    '<path d="M0 172V20Q0 0 20 0h200q20 0 20 20v152z" fill="{w}"/>',
)
_STYLES = ("classic", "country", "rustic", "elegant"), ("mid-century", "bohemian"), ("industrial", "workwear", "sporty")


def draw(product: Product) -> str:
    """The picture of a product as an SVG document of 240 × 240 units.

    It depends on the category, the colour, the material and the style, so nothing needs to be kept.
    """
    color = _color(product)
    light = _luminance(color) > 0.8
    several = _text(product, ("color",)) == "multicolor"
    shades = {
        "c": color,
        "d": "#c5413d" if several else _mix(color, "#1d2429", 0.24),
        "l": "#48b3b8" if several else _mix(color, "#ffffff", 0.65 if light else 0.34),
        "a": "#3f74b5" if several else _accent(product, color),
        "b": _mix(color, "#c3cfd4", 0.72) if light else _mix(color, "#f3f1ea", 0.80),
        "w": _mix(color, "#d9e2e5", 0.80) if light else _mix(color, "#fdfcf9", 0.90),
    }
    shapes = _GROUND + _backdrop(product) + _SHADOW + silhouette(product.category)
    return f"{_OPEN}<title>{escape(_printable(product.title))}</title>{shapes.format(**shades)}</svg>"


@lru_cache(maxsize=4096)
def silhouette(category: tuple[str, ...]) -> str:
    """The silhouette of a category, with its shades still in braces.

    The narrowest part that has one decides; within it, the longest word that fits.
    """
    for part in reversed(category):
        name = part.lower()
        fitting = [
            (len(word), svg) for words, svg in _shapes() for word in words if re.search(rf"\b{re.escape(word)}", name)
        ]
        if fitting:
            return max(fitting, key=lambda pair: pair[0])[1]
    return _shapes()[-1][1]


@cache
def _shapes() -> tuple[tuple[tuple[str, ...], str], ...]:
    """Words and drawing of each silhouette; the last one, without words, is for everything else."""
    file = Path(__file__).parent / "words" / "pictures.toml"
    rows = tomllib.loads(file.read_text(encoding="utf-8"))["shape"]
    return tuple((tuple(row["words"]), row["svg"]) for row in rows)


def _text(product: Product, keys: tuple[str, ...]) -> str:
    """What the product says under one of these names, in its attributes or its first choice."""
    options = product.variants[0].options if product.variants else {}
    found = (source[key] for key in keys for source in (product.attributes, options) if key in source)
    return str(next(found, "")).lower()


def _color(product: Product) -> str:
    """The value of the product's colour: the longest known colour word that its colour names."""
    said, known = _text(product, _COLOR_KEYS), color_values()
    named = [word for word in known if re.search(rf"\b{re.escape(word)}\b", said)]
    return known[max(named, key=len)] if named else _by_category(product)


def _by_category(product: Product) -> str:
    """A quiet colour for products that name none, the same for each category."""
    quiet = ("#7fa3a1", "#a3b59a", "#c7a17a", "#b98c93", "#8aa0bd", _NEUTRAL)
    return quiet[sum(map(ord, " ".join(product.category))) % len(quiet)] if product.category else _NEUTRAL


def _accent(product: Product, color: str) -> str:
    material = _text(product, ("material",)).split()
    for accent, names in _ACCENTS.items():
        if any(name in material for name in names):
            return _mix(accent, "#ffffff", 0.35) if _distance(accent, color) < 60 else accent
    return _mix(color, "#5b4636", 0.55)


def _backdrop(product: Product) -> str:
    style = _text(product, ("style",))
    for number, styles in enumerate(_STYLES, start=1):
        if style in styles:
            return _BACKDROPS[number]
    return _BACKDROPS[0]


def _printable(text: str) -> str:
    """Without control characters, which XML does not allow even when they are escaped."""
    return "".join(sign for sign in text if sign.isprintable())


def _channels(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _mix(color: str, other: str, share: float) -> str:
    """`share` of the other colour in the first."""
    mixed = (round(a + (b - a) * share) for a, b in zip(_channels(color), _channels(other), strict=True))
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def _luminance(color: str) -> float:
    red, green, blue = _channels(color)
    return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255


def _distance(color: str, other: str) -> int:
    return sum(abs(a - b) for a, b in zip(_channels(color), _channels(other), strict=True))
