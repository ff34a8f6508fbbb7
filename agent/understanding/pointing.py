"""What a message points at among the things shown: "the second one", "the first two", "that one", "the oak one"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from retrieval.words import words

_NUMBERS = {
    "first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "fifth": 5,
    "5th": 5, "last": -1,
}  # fmt: skip
_COUNTS = {"two": 2, "three": 3, "four": 4, "2": 2, "3": 3, "4": 4, "couple": 2}
_ORDINAL = re.compile(rf"\b(?:{'|'.join(_NUMBERS)})\b(?! (?:order|purchase|time|thing|of all|name|parcel))")
_NUMBERED = re.compile(r"(?:\b(?:number|no\.?|option|product|item)\s*|#\s?)(\d)\b(?![\d.])")
_FIRST_FEW = re.compile(rf"\b(?:first|top|these|those|the)\s+({'|'.join(_COUNTS)})\b")
_ALONE = re.compile(r"^\s*(?:the\s+)?(?:number\s+)?(\d)\s*[.!?]*\s*$")
_ONE_OF_A_KIND = re.compile(r"\b(?:the|that|this)\s+((?:[\w'-]+\s+){1,3}?)one\b")
_THE_THING = re.compile(
    r"\b(?:the|that|this)\s+((?:[\w'-]+\s+){0,3}?[\w'-]+?)(?:[?.!,]|$|\s+(?:and|or|vs|is|has|does|with|in)\b)"
)
_IT = re.compile(r"\b(?:it|its|it's|that one|this one|the one|that|this)\b")
_THEM = re.compile(r"\b(?:them|they|these|those|both|the two|two)\b")


def pointed(text: str, listing: Sequence[dict[str, Any]]) -> list[int]:
    """The numbers (from 1) of the products of the listing that the message names by their place, in its order."""
    text, count = text.lower(), len(listing)
    if not count:
        return []
    few = _FIRST_FEW.search(text)
    if (few and "first" in few.group()) or (few and "top" in few.group()):
        return list(range(1, min(_COUNTS[few[1]], count) + 1))
    found: list[tuple[int, int]] = [(m.start(), _NUMBERS[m.group()]) for m in _ORDINAL.finditer(text)]
    found += [(m.start(), int(m[1])) for m in _NUMBERED.finditer(text)]
    if alone := _ALONE.match(text):
        found.append((0, int(alone[1])))
    places = [count if number == -1 else number for _, number in sorted(found)]
    return list(dict.fromkeys(place for place in places if 1 <= place <= count))


def points_beyond(text: str) -> bool:
    """Does it name a place at all ("the fourth one")?"""
    return bool(
        re.search(rf"\b(?:the\s+)?(?:{'|'.join(_NUMBERS)})\s+one\b", text.lower()) or _NUMBERED.search(text.lower())
    )


def named(text: str, listing: Sequence[dict[str, Any]]) -> list[int]:
    """The one product of the listing whose title or brand alone has the words after "the" ("the kensington one")."""
    match = _ONE_OF_A_KIND.search(text.lower()) or _THE_THING.search(text.lower())
    if match is None:
        return []
    wanted = set(words(match[1])) - {"one", "it"}
    if not wanted:
        return []
    fitting = [n for n, p in enumerate(listing, 1) if wanted <= set(words(f"{p['title']} {p.get('brand', '')}"))]
    return fitting if len(fitting) == 1 else []


def points_at_it(text: str) -> bool:
    """Does it speak of one thing by a pronoun?"""
    return bool(_IT.search(text.lower()))


def points_at_them(text: str) -> bool:
    """Does it speak of several things by a pronoun?"""
    return bool(_THEM.search(text.lower()))
