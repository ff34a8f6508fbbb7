"""Which product or order is meant: numbers of what was shown, ids, and words of a title, resolved by code."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.evidence import LISTING
from agent.messages import Message, Role

_ORDINALS = {
    "first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "fifth": 5, "5th": 5,
    "sixth": 6, "6th": 6, "seventh": 7, "7th": 7, "eighth": 8, "8th": 8, "last": -1, "one": 1, "two": 2, "three": 3,
    "four": 4, "five": 5,
}  # fmt: skip
_LISTING_TOOLS = ("search_products", "suggest")
_FOCUS_TOOLS = ("get_product", "compare_products")


def shown(messages: Sequence[Message]) -> list[str]:
    """The ids of the products of the latest listing, in the order shown; empty when nothing was shown yet."""
    names = {call.id: call.name for m in messages for call in m.calls}
    for message in reversed(messages):
        result = message.result
        if message.role is Role.TOOL and result is not None and names.get(result.call_id) in _LISTING_TOOLS:
            listing = result.value.get(LISTING) or []
            if listing:
                return [str(product["id"]) for product in listing]
    return []


def focused(messages: Sequence[Message]) -> list[str]:
    """The products that the chat looked at last (a detail, a comparison), if that was after the last listing."""
    names = {call.id: call.name for m in messages for call in m.calls}
    for message in reversed(messages):
        result = message.result
        if message.role is not Role.TOOL or result is None or not result.ok:
            continue
        name = names.get(result.call_id)
        if name in _FOCUS_TOOLS:
            return [str(i) for i in result.value.get("ids", [])]
        if name in _LISTING_TOOLS:
            return []
    return []


def ordinal(word: str) -> int | None:
    """The number of a word or a digit: ``second`` → 2, ``#3`` → 3, ``last`` → -1; None for any other."""
    word = word.strip().lower().lstrip("#")
    if word.isdigit():
        return int(word)
    return _ORDINALS.get(re.sub(r"^the\s+|\s+one$", "", word))


def pick(reference: str, listing: Sequence[str]) -> str | None:
    """The id that a reference means: a number of the listing, or an id itself. None when it fits neither."""
    number = ordinal(reference)
    if number is not None and listing:
        place = number - 1 if number > 0 else len(listing) + number
        if 0 <= place < len(listing):
            return listing[place]
    return reference if reference in listing else None
