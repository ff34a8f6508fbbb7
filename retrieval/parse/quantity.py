"""How many of a thing are wanted: "4 bath towels", "2 pairs of socks", "3 of these"."""

from __future__ import annotations

import re

from retrieval.parse.cutting import Cutting
from retrieval.parse.names import Names

_OF_THEM = re.compile(r"(?<![\w.$€£])(?:x\s*)?(?P<a>\d{1,3})\s*x?\s+of\s+(?:them|these|those|it|the(?=\s))")
_TIMES = re.compile(r"(?<![\w.$€£])(?P<a>\d{1,3})\s?x(?=\s+[a-z])|(?<![\w.])x\s?(?P<b>\d{1,3})\s*$")
_PAIRS = re.compile(r"(?<![\w.$€£])(?:(?P<a>\d{1,3})|a|one)\s+(?P<pair>pairs?|pieces|units|bottles|bunches)\s+of\b")
_LEADING = re.compile(
    r"(?:^|\b(?:need|want|get|buy|take|order|looking for|like)(?:\s+(?:about|some))?)\s*[,:]?\s*"
    r"(?P<a>[1-9]\d{0,2})(?=\s+(?P<next>[a-z][\w'-]*)|\s*(?:$|[.!?¦]))"
)
_PLURAL = re.compile(r"^\s*(?:[a-z][\w'-]*\s+){0,3}?[a-z]{2,}(?<!s)s\b")


def cut_some_of_them(text: Cutting) -> int | None:
    """Cut out "3 of these", "two of the …"."""
    return next((int(match["a"]) for match in text.cut(_OF_THEM, most=1)), None)


def cut_quantity(text: Cutting, names: Names) -> int | None:
    """Cut out how many are to be bought; None where nothing was said. "8 port switch" is no number of pieces."""
    for match in text.cut(_PAIRS, most=1):
        return int(match["a"]) if match["a"] else None
    for match in text.cut(_TIMES, most=1):
        return int(match["a"] or match["b"])
    leading = _LEADING.search(text.text)
    if leading is None or (not leading["next"] and leading.start() == leading.start("a")):  # a bare number: of anything
        return None
    if leading["next"] and not _counts(leading, text.text, names):
        return None
    text.text = text.text[: leading.start("a")] + text.text[leading.end("a") :]
    return int(leading["a"])


def _counts(match: re.Match[str], text: str, names: Names) -> bool:
    """Is it several of a thing? Then the thing stands in the plural, and no title says number and word side by side."""
    behind = re.split(r"[,.;!?¦]|\b(?:in|with|for|under|from|of)\b", text[match.end("a") :])[0]
    return bool(_PLURAL.search(behind)) and not names.is_name(f"{match['a']} {match['next']}")
