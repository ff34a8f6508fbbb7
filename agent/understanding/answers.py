"""From a tool's result to a reply with slots: which line fits, and which fact a question asks for."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from agent.evidence import LISTING
from agent.understanding.state import ChatState, Outcome
from retrieval.words import words

_ASKED = {
    "price": ("cost", "price", "much", "expensive", "cheap"),
    "stock": ("stock", "available", "left", "availability"),
    "rating": ("rating", "rated", "review", "stars"),
}
_SYNONYMS = {
    "big": ("width", "height", "depth", "size", "dimension", "length", "diameter", "capacity"),
    "large": ("width", "height", "size", "dimension"),
    "wide": ("width",),
    "tall": ("height",),
    "deep": ("depth",),
    "long": ("length", "runtime", "life"),
    "heavy": ("weight",),
    "weigh": ("weight",),
    "size": ("size", "dimension", "width", "height"),
    "dimension": ("width", "height", "depth", "dimension"),
    "made": ("material", "fabric"),
    "material": ("material", "fabric", "upholstery"),
    "color": ("color",),
    "outlet": ("outlet", "socket"),
    "plug": ("outlet", "socket", "plug"),
    "wash": ("washable", "wash", "care"),
    "waterproof": ("waterproof", "water"),
    "battery": ("battery", "runtime"),
    "power": ("power", "watt", "output"),
    "memory": ("memory", "ram"),
    "screen": ("display", "screen"),
    "windows": ("operating", "system"),
    "speed": ("speed", "rate", "frequency"),
    "gigabit": ("gigabit", "ethernet", "lan", "rates"),
    "bluetooth": ("bluetooth", "connectivity"),
    "wireless": ("wireless", "connectivity"),
    "left-handed": ("hand",),
}
_SMALL = frozenset(
    """the a an is it does do of in for to and or with how what which one first second third can you i have has
    come that this any be on at ok there""".split()
)
_MORE = re.compile(r"\b(?:more|details?|about|describe|tell me)\b")
_CHEAPER = re.compile(r"\b(?:cheaper|cheapest|less expensive)\b")


@dataclass(frozen=True, slots=True)
class Reply:
    """A template with slots, and what the faces add to it."""

    text: str
    extras: dict[str, Any] = field(default_factory=dict)


Lines = Callable[[str], str]
"""Gives one of the variants of a named line, unfilled."""


def reply_to(outcome: Outcome, state: ChatState, line: Lines) -> Reply:
    """What to say about the turn's last result."""
    if not outcome.ok:
        rule = str(outcome.value.get("rule") or "")
        if rule.startswith("guard."):  # a call that was ours to make better; the shopper asked for nothing forbidden
            return Reply(line("safe.plain"))
        return Reply("{refused}", {"needs": "sign_in"} if rule == "identity.sign_in" else {})
    writers: dict[str, Callable[[Outcome, ChatState, Lines], Reply]] = {
        "search_products": _found,
        "suggest": _suggested,
        "get_product": _detail,
        "compare_products": _compared,
        "remember_preference": _remembered,
        "find_my_orders": _orders,
        "get_order": _order,
        "search_help": _help,
    }
    return writers[outcome.name](outcome, state, line)


def why(state: ChatState, line: Lines) -> Reply:
    """The reasons of what was suggested last."""
    for number, product in enumerate(state.listing, start=1):
        if product.get("reasons"):
            return Reply(line("answer.why").replace("N.", f"{number}."))
    return Reply(line("answer.why_search"))


def _found(outcome: Outcome, _state: ChatState, line: Lines) -> Reply:
    products = outcome.value.get(LISTING) or []
    conditions = " ({conditions})" if outcome.value.get("conditions") else ""
    if products and outcome.value.get("not_sold"):
        return Reply(line("answer.not_sold"))
    if products and not outcome.value.get("nothing_fits"):
        name = "answer.found_one" if len(products) == 1 else "answer.found"
        replies = ["Cheaper ones", "Compare the first two"] if len(products) > 1 else ["Tell me more about it"]
        return Reply(line(name).replace("[conditions]", conditions), {"quick_replies": replies})
    nearest = outcome.value.get("nearest") or []
    if not nearest:
        return Reply(line("answer.nothing").replace("[conditions]", conditions))
    offers = "; ".join(f"{{nearest.{n}.change}}" for n in range(1, len(nearest) + 1))
    text = line("answer.nearest").replace("[conditions]", conditions).replace("[offers]", offers)
    return Reply(text, {"quick_replies": [offer["say"] for offer in nearest if offer.get("say")]})


def _suggested(outcome: Outcome, _state: ChatState, line: Lines) -> Reply:
    products = outcome.value.get(LISTING) or []
    if not products:
        return Reply(line("answer.no_suggestion"))
    name = "answer.suggested_why" if products[0].get("reasons") else "answer.suggested"
    return Reply(line(name), {"quick_replies": ["Why these?", "Something cheaper"]})


def _detail(outcome: Outcome, state: ChatState, line: Lines) -> Reply:
    product = outcome.value["product"]
    asked = asked_facts(state.text, product)
    extras = {"quick_replies": ["Something similar", "Is it in stock?"]}
    if asked:
        told = ", ".join(f"{_label(slot)}: {{product.{slot}}}" for slot in asked)
        return Reply(line("answer.fact").replace("[facts]", told), extras)
    if not _MORE.search(state.text.lower()) and "?" in state.text:
        return Reply(line("answer.fact_unknown"), extras)
    return Reply(line("answer.detail"), extras)


def asked_facts(question: str, product: dict[str, Any], most: int = 2) -> list[str]:
    """The facts of a product that a question asks for, as slots under ``product.``; none when none fits.

    By words in common with a fact's name and value, a word in the name counting double; a heuristic.
    """
    asked = [w for w in words(question) if w not in _SMALL]
    for slot, cues in _ASKED.items():
        if slot in product and any(w in cues for w in asked):
            return [slot]
    wanted = {w: {w, *(_SYNONYMS.get(w, ()))} for w in asked}
    scores: dict[str, float] = {}
    for name, value in product.get("attributes", {}).items():
        named, valued = set(words(name.replace("_", " "))), set(words(str(value)))
        score = sum(2.0 * bool(forms & named) + 1.0 * bool(forms & valued) for forms in wanted.values())
        if score:
            scores[f"attributes.{name}"] = score - 0.01 * len(named)
    for name, values in product.get("options", {}).items():
        if any(forms & set(words(name)) for forms in wanted.values()) and values:
            scores[f"options.{name}"] = 2.5
    best = sorted(scores, key=lambda slot: -scores[slot])[:most]
    enough = 1.0 if len(asked) == 1 else 1.2 * len(asked)  # a fact must answer most of what was asked
    return [slot for slot in best if scores[slot] >= max(scores[best[0]] - 0.5, enough)]


def _label(slot: str) -> str:
    return slot.rsplit(".", maxsplit=1)[-1].replace("_", " ")


def _compared(outcome: Outcome, state: ChatState, line: Lines) -> Reply:
    if _CHEAPER.search(state.text.lower()) and outcome.value.get("cheapest"):
        return Reply(line("answer.cheaper_of"))
    return Reply(line("answer.compared"))


def _remembered(outcome: Outcome, _state: ChatState, line: Lines) -> Reply:
    remembered = outcome.value["remembered"]
    if remembered["facet"] == "price_max":
        return Reply(line("answer.remembered_price"))
    name = "answer.remembered" if remembered["liked"] == "likes" else "answer.remembered_not"
    return Reply(line(name), {"quick_replies": ["Suggest something for me"]})


def _orders(outcome: Outcome, state: ChatState, line: Lines) -> Reply:
    if not outcome.value.get("orders"):
        return Reply(line("answer.no_orders"))
    if re.search(r"\b(?:cancel|call off|stop|undo|mistake)", state.text.lower()):
        pending = [o["id"] for o in outcome.value["orders"] if o["status"] == "pending"]
        return Reply(line("answer.which_to_cancel"), {"quick_replies": [f"Cancel {order}" for order in pending[:3]]})
    return Reply(line("answer.orders"), {"quick_replies": ["Where is my latest order?"]})


def _order(outcome: Outcome, _state: ChatState, line: Lines) -> Reply:
    order = outcome.value["order"]
    status = order["status"].replace(" ", "_")
    if status == "shipped":
        status += "_tracked" if "tracking" in order and "expected" in order else ""
    extras = {"quick_replies": [f"Cancel order {order['id']}"]} if status == "pending" else {}
    return Reply(line(f"order.{status}"), extras)


def _help(outcome: Outcome, _state: ChatState, line: Lines) -> Reply:
    if not outcome.value.get("passages"):
        return Reply(line("answer.help_unknown"), {"quick_replies": ["Talk to a person"]})
    return Reply(line("answer.help"))
