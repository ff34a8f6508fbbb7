"""Titles and descriptions, filled from what a product is, so that the words never contradict the attributes.

A template may be used only when the product has every field that it names; no two sentences of one
description tell the same field twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from random import Random
from string import Formatter

from agent.demo_shop.vocabulary import Brand, Category, Feature, Kind

Fields = Mapping[str, str]

# Colours that need another word after "in", and counts that read better as words.
_FINISHES = {"natural": "a natural finish", "clear": "a clear finish"}
_COUNTED = ("seats", "sleeps", "pieces", "lights", "shelves", "players", "cups")
_NUMBERS = "no one two three four five six seven eight nine ten eleven twelve".split()

# Fields that may be told more than once.
_FREE = frozenset({"brand", "model", "kind", "a_kind", "style", "word"})
_ARTICLE = re.compile(r"\b([Aa]) (?=[aeioAEIO]|u(?!ni|s)|8|11\b|18\b)")
_PLAIN_TITLE = "{brand} {model} {kind}"
_BRAND_LINES = (
    "{brand} makes it the way it makes everything: {first} and {second}.",
    "Like all things by {brand}, it is {first} and {second}.",
    "{first}, {second}, {third}: {brand} as you know it.",
)


def text_of(value: str | float | bool) -> str:
    """An attribute's value as it is written in a sentence: whole numbers without decimals."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def title(rng: Random, category: Category, fields: Fields) -> str:
    """One of the category's titles for which the product has everything, and which says no word twice."""
    usable = [_fill(template, fields) for template in _usable(category.titles, fields, required=False)]
    return rng.choice([text for text in usable if not _repeats(text)] or [_fill(_PLAIN_TITLE, fields)])


def description(
    rng: Random, category: Category, kind: Kind, brand: Brand, features: Sequence[tuple[Feature, bool]], fields: Fields
) -> str:
    """Two to four sentences: an opening, something particular, and sometimes a word about the maker."""
    fields = _for_prose(fields)
    opening = rng.choice(_usable(category.openings, fields))
    particular = [*_spread(rng, kind.says, fields, 1), *_spread(rng, category.details, fields, 2)]
    particular += _spread(rng, (s for f, has in features for s in (f.says if has else f.lacks)), fields, 2)
    rng.shuffle(particular)
    chosen, told = [opening], _told(opening)
    for sentence in particular:
        if len(chosen) < rng.choice((2, 3, 3, 4)) and not told & _told(sentence):
            chosen.append(sentence)
            told |= _told(sentence)
    if len(chosen) < 4 and rng.random() < 0.5:
        chosen.append(_last(rng, category, brand, fields))
    return " ".join(_sentence(_fill(sentence, fields)) for sentence in chosen)


def _for_prose(fields: Fields) -> dict[str, str]:
    """The fields as a sentence says them; titles are terser."""
    prose = dict(fields)
    if "color" in prose:
        prose["color"] = _FINISHES.get(prose["color"], prose["color"])
    for key in _COUNTED:
        if key in prose and prose[key].isdigit() and int(prose[key]) < len(_NUMBERS):
            prose[key] = _NUMBERS[int(prose[key])]
    return prose


def _last(rng: Random, category: Category, brand: Brand, fields: Fields) -> str:
    if category.shop_brand or rng.random() < 0.55:
        return rng.choice(_usable(category.closings, fields))
    if rng.random() < 0.5:
        return brand.says
    first, second, third = rng.sample(brand.words, 3)
    words = {"brand": brand.name, "first": first, "second": second, "third": third}
    return _fill(rng.choice(_BRAND_LINES), words)


def _spread(rng: Random, templates: Iterable[str], fields: Fields, most: int) -> list[str]:
    usable = _usable(templates, fields, required=False)
    return rng.sample(usable, min(most, len(usable)))


def _usable(templates: Iterable[str], fields: Fields, required: bool = True) -> list[str]:
    usable = [template for template in templates if _names(template) <= fields.keys()]
    if required and not usable:
        raise ValueError(f"no template fits a product with {sorted(fields)}; add one that needs fewer fields")
    return usable


@cache
def _names(template: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(template) if name)


def _repeats(text: str) -> bool:
    words = re.findall(r"[a-z]{4,}", text.lower())
    return len(words) != len(set(words))


def _told(template: str) -> frozenset[str]:
    names = _names(template) - _FREE
    return names | {"material", "made_of"} if names & {"material", "made_of"} else names


def _fill(template: str, fields: Fields) -> str:
    return _ARTICLE.sub(r"\1n ", template.format_map(fields))


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]
