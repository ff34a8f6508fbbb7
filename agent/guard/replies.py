"""Proving a reply: what it states as a fact must be in the evidence, or it is not said.

Code fills a reply's slots, so what stands in them is proved. In the rest of the text these are claims:
amounts of money, percentages, dates, numbers, order numbers, states of orders and stock, and deeds ("I have
cancelled…"). Each must be found in the chat's evidence, in the same kind: an amount among the amounts, a
state among the states. Not covered: claims in plain adjectives ("comfortable"), and true facts that are
told of the wrong thing; slots avoid both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agent.evidence import Filled

_NUMBER = r"\d[\d,]*(?:\.\d+)?"
_MONEY = re.compile(
    rf"(?:[$€£¥₹]\s?(?P<a>{_NUMBER}))|(?:(?P<b>{_NUMBER})\s?(?:[$€£¥₹]|(?:dollars?|bucks|euros?|pounds?|cents?|usd|eur|gbp)\b))",
    re.I,
)
_PERCENT = re.compile(rf"(?P<a>{_NUMBER})\s?(?:%|percent\b)", re.I)
_ORDER = re.compile(r"(?<!\w)#?(?=[A-Za-z-]*\d)[A-Za-z]{1,4}-?\d{4,}\b")
_MONTH = r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
_DATE = re.compile(
    rf"\b(?:\d{{1,2}}(?:st|nd|rd|th)?\s+{_MONTH}\b(?:\s+\d{{4}})?|{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?\s+\d{{4}})?"
    r"|\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}(?:/\d{2,4})?)",
    re.I,
)
_PLAIN = re.compile(rf"(?<![\w.,$€£])(?P<a>{_NUMBER})(?![\w%])|(?<![\w.,$€£])(?P<b>{_NUMBER})(?=[a-z])", re.I)
_WORDS = {
    "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
    "ten": "10", "eleven": "11", "twelve": "12", "fourteen": "14", "fifteen": "15", "twenty": "20", "thirty": "30",
    "forty": "40", "fifty": "50", "sixty": "60", "ninety": "90", "hundred": "100",
}  # fmt: skip
_COUNTED = re.compile(
    rf"\b({'|'.join(_WORDS)})(?=[\s-]+(?:\w+[\s-]+)?(?:days?|weeks?|months?|years?|hours?|percent|dollars?|euros?|left|pieces?|units?|items?|business|working)\b)",
    re.I,
)
_STATES = re.compile(
    r"\b(?:in stock|out of stock|sold out|available|unavailable|back in stock|only a few left|shipped|dispatched|delivered|"
    r"on its way|out for delivery|cancell?ed|refunded|returned|processed|free shipping|free delivery|free returns|"
    r"discount(?:ed)?|on sale|guaranteed?|warranty)\b",
    re.I,
)
_DEED = re.compile(
    r"\b(?:i(?:'ve| have)?|we(?:'ve| have)?)\s+(?:just\s+|now\s+|already\s+)*(?:cancell?ed|refunded|changed|updated|returned|exchanged|"
    r"placed|ordered|booked|issued|sent|processed|applied)\b|"
    r"\b(?:has|have) been\s+(?:cancell?ed|refunded|changed|updated|issued|processed|applied)\b",
    re.I,
)
_SAME = {"sold out": "out of stock", "dispatched": "shipped", "canceled": "cancelled", "unavailable": "out of stock"}


@dataclass(frozen=True, slots=True)
class Unproved:
    """A claim without evidence: its kind and its words."""

    kind: str
    claim: str


def unproved(
    reply: Filled, facts: Mapping[str, str], said: Iterable[str] = (), deeds: Iterable[str] = ()
) -> list[Unproved]:
    """The claims of a reply that no evidence proves; empty for a reply that may be said.

    Args:
        reply: the reply, with the spans that code filled.
        facts: the chat's evidence, by slot.
        said: what the shopper wrote; repeating their own number or order number to them is no claim of ours.
        deeds: the effects that were really done in this turn ("cancelled").
    """
    text = _outside(reply)
    proof = _Proof(facts.values(), said)
    found = [Unproved("slot", name) for name in reply.missing]
    for kind, pattern in (("money", _MONEY), ("percent", _PERCENT), ("order", _ORDER), ("date", _DATE)):
        for match in pattern.finditer(text):
            if not proof.holds(kind, match.group()):
                found.append(Unproved(kind, match.group()))
        text = pattern.sub(" ", text)
    text = _COUNTED.sub(lambda m: _WORDS[m.group().lower()], text)
    for match in _PLAIN.finditer(text):
        if not proof.holds("number", match.group()):
            found.append(Unproved("number", match.group()))
    found += [Unproved("state", m.group()) for m in _STATES.finditer(text) if not proof.holds("state", m.group())]
    done = " ".join(deeds).lower()
    found += [Unproved("deed", m.group()) for m in _DEED.finditer(text) if not _done(m.group(), done)]
    return found


class _Proof:
    """The evidence, by kind of claim."""

    def __init__(self, facts: Iterable[str], said: Iterable[str]) -> None:
        values, words = list(facts), list(said)
        everything = "\n".join(values)
        self._known: dict[str, set[str]] = {
            "money": {_amount(m.group()) for m in _MONEY.finditer(everything + "\n" + "\n".join(words))},
            "percent": {_amount(m.group()) for m in _PERCENT.finditer(everything)},
            "order": {_compact(m.group()) for m in _ORDER.finditer(everything + "\n" + "\n".join(words))},
            "date": {_day(m.group()) for m in _DATE.finditer(everything)},
            "number": {_amount(m) for m in re.findall(_NUMBER, everything + "\n" + "\n".join(words))},
        }
        self._states = everything.lower()

    def holds(self, kind: str, claim: str) -> bool:
        if kind == "state":
            state = claim.lower()
            return state in self._states or _SAME.get(state, state) in self._states
        normal = {"date": _day, "order": _compact}.get(kind, _amount)
        return normal(claim) in self._known[kind]


def _outside(reply: Filled) -> str:
    """The text that a model wrote: the spans that code filled are blanked."""
    text = list(reply.text)
    for start, end in reply.spans:
        text[start:end] = " " * (end - start)
    return "".join(text)


def _amount(text: str) -> str:
    digits = re.sub(r"[^\d.]", "", text).strip(".")
    return f"{float(digits):.2f}" if digits and digits.count(".") < 2 else digits


def _compact(text: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", text.upper())


def _day(text: str) -> str:
    """A date without its year, month first: ``3 March 2026`` and ``Mar 3rd`` are the same day."""
    if re.fullmatch(r"[\d/-]+", text):
        return text
    month = re.search(_MONTH, text, re.I)
    number = re.search(r"\d{1,2}", text)
    return f"{month.group()[:3].lower()} {int(number.group())}" if month and number else text


def _done(claim: str, deeds: str) -> bool:
    verb = _SAME.get(claim.lower().split()[-1], claim.lower().split()[-1])
    return verb in deeds
