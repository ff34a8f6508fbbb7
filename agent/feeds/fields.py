"""A product's fields as any format gives them, checked and cleaned. RowError names the field that is wrong."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

from agent.feeds.clean import ATTRIBUTE_LENGTH, DESCRIPTION_LENGTH, TITLE_LENGTH, identifier, one_line, paragraphs
from agent.feeds.entries import RowError
from agent.shop import AttributeValue

ID_LENGTH, NAME_LENGTH = 200, 80
_MOST_ATTRIBUTES, _MOST_LEVELS, _MOST_OPTIONS = 500, 10, 10


def product_id(value: Any, name: str = "id") -> str:
    """An id of at most 200 characters; numbers become text."""
    text = identifier(value) if not isinstance(value, dict | list) else ""
    if not text:
        raise RowError(f"has no {name}")
    if len(text) > ID_LENGTH:
        raise RowError(f"has an {name} of more than {ID_LENGTH} characters")
    return text


def title(value: Any) -> str:
    """A title: one line of at most 300 characters."""
    text = one_line(_scalar(value, "title"), TITLE_LENGTH)
    if not text:
        raise RowError("has no title")
    return text


def description(value: Any) -> str:
    """A description of at most 20,000 characters; a list of texts becomes lines."""
    if isinstance(value, list | tuple):
        value = "\n".join(str(part) for part in value)
    return paragraphs(_scalar(value, "description"), DESCRIPTION_LENGTH)


def brand(value: Any) -> str | None:
    return one_line(_scalar(value, "brand"), ATTRIBUTE_LENGTH) or None


def category(value: Any, separator: str = ">") -> tuple[str, ...]:
    """A path from broad to narrow, from a list, or from one text that the separator divides."""
    if value is None:
        return ()
    if isinstance(value, str):
        value = value.replace("&gt;", ">").split(separator) if separator else [value]
    if not isinstance(value, list | tuple):
        raise RowError("has a category that is neither a list nor a text")
    levels = (one_line(_scalar(level, "category"), ATTRIBUTE_LENGTH) for level in value)
    return tuple(level for level in levels if level)[:_MOST_LEVELS]


def attributes(values: Any) -> dict[str, AttributeValue]:
    """Attributes by name in lower case. Empty values are left out; lists become one text with commas."""
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise RowError("has attributes that are not an object")
    if len(values) > _MOST_ATTRIBUTES:
        raise RowError(f"has more than {_MOST_ATTRIBUTES} attributes")
    named = ((attribute_name(name), attribute(value)) for name, value in values.items())
    return {name: value for name, value in named if name and value is not None}


@lru_cache(maxsize=10_000)
def attribute_name(name: str) -> str:
    return one_line(one_line(name, NAME_LENGTH).lower(), NAME_LENGTH)


def attribute(value: Any) -> AttributeValue | None:
    """One attribute's value: a truth value, a finite number, or a line of at most 200 characters; None if empty."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return finite(value, "attribute")
    if isinstance(value, list | tuple):
        value = ", ".join(str(_scalar(part, "attribute")) for part in value if part is not None)
    return one_line(_scalar(value, "attribute"), ATTRIBUTE_LENGTH) or None


def options(values: Any) -> dict[str, str]:
    """What one variant is chosen by: names in lower case, values as one line each; empty ones are left out."""
    if values is None:
        return {}
    if not isinstance(values, dict) or len(values) > _MOST_OPTIONS:
        raise RowError(f"has a variant whose options are not an object of at most {_MOST_OPTIONS} names")
    named = ((attribute_name(name), one_line(_scalar(value, "option"), NAME_LENGTH)) for name, value in values.items())
    return {name: value for name, value in named if name and value}


def label(value: Any) -> str | None:
    """An id for a report, whatever was given as one."""
    return identifier(value)[:ID_LENGTH] or None if isinstance(value, str | int | float) else None


def rating(value: Any) -> float | None:
    """Stars from 0 to 5, or None."""
    if value is None or value == "":
        return None
    stars = finite(value, "rating")
    if not 0 <= stars <= 5:
        raise RowError(f"has a rating of {stars:g}, which is not between 0 and 5")
    return stars


def rating_count(value: Any) -> int:
    if value is None or value == "":
        return 0
    return min(max(0, int(finite(value, "rating_count"))), 2**31 - 1)


def finite(value: Any, name: str) -> float:
    """A finite number, from a number or its text."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise RowError(f"has a {name} that is not a number: {str(value)[:40]!r}") from None
    if not math.isfinite(number):
        raise RowError(f"has a {name} that is not a finite number")
    return number


def _scalar(value: Any, name: str) -> Any:
    if isinstance(value, dict | list | tuple):
        raise RowError(f"has a {name} that holds further lists or objects")
    return value
