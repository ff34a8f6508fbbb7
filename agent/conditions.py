"""A search's conditions and its nearest misses in words, rendered by code so that a reply may quote them."""

from __future__ import annotations

from agent.messages import Json
from agent.shop import Money
from agent.wording import Wording
from retrieval.query import PRICE, Constraint, NearestMiss, Op
from retrieval.resolve import Wishes, words_of


def conditions_text(wishes: Wishes, cheap: bool, currency: str, wording: Wording) -> str:
    """What every product found keeps: ``up to $50.00, blue, not by Nordlys``; empty where anything goes."""

    def say(name: str, **values: str) -> str:
        return wording.line(f"condition.{name}", **values)

    low, high = (None if v is None else str(Money.of(v, currency)) for v in (wishes.price_min, wishes.price_max))
    parts = []
    if low and high:
        parts.append(say("price_span", low=low, high=high))
    elif high:
        parts.append(say("price_max", value=high))
    elif low:
        parts.append(say("price_min", value=low))
    if cheap:
        parts.append(say("cheap"))
    if wishes.brands:
        parts.append(say("brands", value=" or ".join(wishes.brands)))
    if wishes.without_brands:
        parts.append(say("without_brands", value=" or ".join(wishes.without_brands)))
    if wishes.category:
        parts.append(say("category", value=wishes.category))
    parts += [say("wants", value=want) for want in wishes.wants]
    parts += [say("without", value=word) for word in wishes.without]
    if wishes.rating_min is not None:
        parts.append(say("rating_min", value=f"{wishes.rating_min:g}"))
    if wishes.in_stock:
        parts.append(say("in_stock"))
    return ", ".join(parts)


def miss_facts(miss: NearestMiss, currency: str, wording: Wording) -> Json:
    """A nearest miss in words, and what a shopper may say to take it."""
    change, say = _change(miss, currency, wording)
    line = "nearest.one" if miss.count == 1 else "nearest.many"
    facts: Json = {"change": wording.line(line, change=change, count=miss.count), "say": say}
    if miss.lowest_price is not None:
        facts["from"] = str(Money.of(miss.lowest_price, currency))
    return facts


def _change(miss: NearestMiss, currency: str, wording: Wording) -> tuple[str, str]:
    given = miss.given[0]
    if not miss.instead:
        value = " & ".join(_value(c, currency) for c in miss.given)
        return wording.line("nearest.drop", value=value), wording.line("nearest.say_drop", value=value)
    new = miss.instead[0]
    if len(miss.given) > 1:  # a price moved, and something else left out
        bound = "nearest.raise" if new.op is Op.LE else "nearest.lower"
        left_out = " & ".join(_value(c, currency) for c in miss.given if c.attribute != new.attribute)
        parts = wording.line(bound, value=_value(new, currency)), wording.line("nearest.drop", value=left_out)
        said = wording.line("nearest.say_instead", new=_value(new, currency))
        return ", ".join(parts), f"{said}, {wording.line('nearest.say_drop', value=left_out).lower()}"
    if new.op is Op.LE:
        value = _value(new, currency)
        return wording.line("nearest.raise", value=value), wording.line("nearest.say_raise", value=value)
    if new.op is Op.GE:
        return wording.line("nearest.lower", value=_value(new, currency)), wording.line(
            "nearest.say_instead", new=_value(new, currency)
        )
    return (
        wording.line("nearest.instead", new=_value(new, currency), old=_value(given, currency)),
        wording.line("nearest.say_instead", new=_value(new, currency)),
    )


def _value(constraint: Constraint, currency: str) -> str:
    value = constraint.value
    if constraint.attribute == PRICE and isinstance(value, int | float):
        return str(Money.of(value, currency))
    if isinstance(value, str | tuple):
        return " or ".join(words_of(constraint))
    return f"{value:g}" if isinstance(value, float) else str(value)
