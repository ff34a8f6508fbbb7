"""Evidence: the values that tools returned, by the name under which a reply may use them.

A tool's result is nested JSON whose leaves are already in words ("$39.99", "3 March 2026"). Flattened, each
leaf gets a slot: the products of a listing are numbered as they are shown (``1.title``, ``2.price``), the
rest is named by its path (``order.status``). A reply names slots, code fills them, and what was filled is
its evidence.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from agent.messages import Json, Message, Role
from agent.policy import Policy

_BROKEN_SLOT = re.compile(r"\{\s*\w*\.\w+|\w+\.\w+\s*\}")
LISTING = "products"
"""The key of a result's numbered list of products."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A reply with its slots filled: the text, which spans of it code wrote, and from which slots."""

    text: str
    spans: tuple[tuple[int, int], ...]
    used: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]
    """Slots that no evidence fills; a reply with any is not fit to be said."""


def facts_of(value: Json) -> dict[str, str]:
    """The slots of one result's value."""
    facts: dict[str, str] = {}
    for key, item in value.items():
        if key == LISTING and isinstance(item, list):
            for number, product in enumerate(item, start=1):
                facts.update(_flatten(str(number), product))
        else:
            facts.update(_flatten(key, item))
    return facts


def supersede(facts: dict[str, str], value: Json) -> dict[str, str]:
    """Put the slots of a newer result into `facts`; the earlier ones of the same things, taken out.

    Slots hold of one thing at a time: the tracking number of the order looked at before is not this order's.
    """
    heads = {LISTING if key == LISTING and isinstance(item, list) else key for key, item in value.items()}
    earlier = {slot: facts.pop(slot) for slot in list(facts) if _head(slot) in heads}
    facts.update(facts_of(value))
    return earlier


def _head(slot: str) -> str:
    head = slot.partition(".")[0]
    return LISTING if head.isdigit() else head


def _flatten(path: str, value: Any) -> dict[str, str]:
    if isinstance(value, Mapping):
        return {k: v for name, item in value.items() for k, v in _flatten(f"{path}.{name}", item).items()}
    if isinstance(value, list):
        flat = {k: v for n, item in enumerate(value, 1) for k, v in _flatten(f"{path}.{n}", item).items()}
        if value and not any(isinstance(item, Mapping | list) for item in value):
            flat[path] = ", ".join(_leaf(item) for item in value)
        return flat
    return {} if value is None else {path: _leaf(value)}


def _leaf(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def collect(messages: Iterable[Message], policy: Policy) -> dict[str, str]:
    """All evidence of a chat: later results win; the policy's figures and the shop's name are always there.

    What a later result replaced still proves what is said of it, under a name that no slot can have.
    """
    facts, replaced = policy_facts(policy), dict[str, str]()
    for message in messages:
        if message.role is Role.TOOL and message.result is not None:
            for slot, value in supersede(facts, message.result.value).items():
                replaced[f"{slot}:{message.sequence}"] = value
    return replaced | facts


def policy_facts(policy: Policy) -> dict[str, str]:
    """The policy's figures as slots, money in words: ``policy.returns.window_days``, ``policy.shipping.free_from``."""
    facts: dict[str, str] = {}
    for section, rules in policy.model_dump(mode="json").items():
        for name, value in rules.items():
            if name.endswith("_minor"):
                facts[f"policy.{section}.{name.removesuffix('_minor')}"] = str(policy.money(value))
            else:
                facts.update(_flatten(f"policy.{section}.{name}", value))
    return facts


def fill_slots(template: str, facts: Mapping[str, str]) -> Filled:
    """Fill the `{slots}` of a reply. Braces that are not a slot are kept as they are."""
    try:
        pieces = list(string.Formatter().parse(template))
    except ValueError:  # a brace too many; harmless alone, but a broken slot must not be read by a shopper
        return Filled(template, (), (), tuple(_BROKEN_SLOT.findall(template)))
    text, spans, used, missing = "", [], [], []
    for literal, name, _, _ in pieces:
        text += literal
        if name is None:
            continue
        if name not in facts:
            missing.append(name)
            continue
        spans.append((len(text), len(text) + len(facts[name])))
        used.append((name, facts[name]))
        text += facts[name]
    return Filled(text, tuple(spans), tuple(used), tuple(missing))
