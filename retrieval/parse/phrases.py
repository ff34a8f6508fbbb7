"""Regular expressions written as lists of phrases, so that people can read and extend them."""

from __future__ import annotations

import re


def one_of(phrases: str) -> str:
    """The source of a group that matches any of the phrases.

    Args:
        phrases: parted by `` | `` or line breaks; each may hold regular expressions. A space matches any white space.
    """
    parts = [part.strip() for part in re.split(r"\s\|\s|\n", phrases)]
    return "(?:" + "|".join(re.sub(r" +", r"\\s+", part) for part in parts if part) + ")"


def phrase(phrases: str) -> re.Pattern[str]:
    """A pattern that matches any of the phrases as whole words."""
    return re.compile(rf"\b{one_of(phrases)}(?!\w)")
