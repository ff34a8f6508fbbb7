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
_UNITS = {"$": r"dollars?|bucks|usd", "€": r"euros?|eur", "£": r"pounds?|gbp", "¥": r"yen|jpy", "₹": r"rupees?|inr"}
_UNIT = "|".join([*_UNITS.values(), r"cents?"])
_MONEY = re.compile(
    rf"(?:[$€£¥₹]\s?{_NUMBER})|(?:\b(?:usd|eur|gbp|jpy|inr)\s?{_NUMBER})|(?:{_NUMBER}\s?(?:[$€£¥₹]|(?:{_UNIT})\b))",
    re.I,
)
_PERCENT = re.compile(rf"{_NUMBER}\s?(?:%|percent\b)", re.I)
_ORDER = re.compile(r"(?<!\w)#?(?=[A-Za-z-]*\d)[A-Za-z]{1,4}-?\d{4,}\b")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
_DATE = re.compile(
    rf"\b(?:\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}\b(?:,?\s+\d{{4}})?"
    rf"|{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?\s+\d{{4}})?"
    r"|\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}(?:/\d{2,4})?"
    r"|tomorrow|tonight|yesterday|(?:mon|tues|wednes|thurs|fri|satur|sun)day|next (?:week|month))\b",
    re.I,
)
_PLAIN = re.compile(rf"(?<!\w)(?<!\d[.,])(?:{_NUMBER}(?![\w%])|{_NUMBER}(?=[a-z]))", re.I)
_WORDS = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
    "ten": "10", "eleven": "11", "twelve": "12", "fourteen": "14", "fifteen": "15", "twenty": "20", "thirty": "30",
    "forty": "40", "fifty": "50", "sixty": "60", "seventy": "70", "eighty": "80", "ninety": "90", "hundred": "100",
}  # fmt: skip
_COUNTED = re.compile(
    rf"\b({'|'.join(_WORDS)})(?=[\s-]+(?:\w+[\s-]+)?(?:days?|weeks?|months?|years?|hours?|percent|{_UNIT}|left|pieces?|units?|items?|business|working)\b)",
    re.I,
)
_STATES = re.compile(
    r"\b(?:in stock|out of stock|sold out|available|unavailable|back in stock|only a few left|shipped|dispatched"
    r"|delivered|on (?:its|the) way|out for delivery|cancell?ed|refunded|returned|processed"
    r"|free (?:shipping|delivery|returns)|discount(?:ed)?|on sale|guaranteed?|warranty)\b",
    re.I,
)
_ADVERB = r"(?:(?:just|now|already|also|successfully|all)\s+)*"
_VERB = (
    r"(?:cancell?ed|refunded|reimbursed|credited|changed|updated|returned|exchanged|placed|ordered|booked|issued|sent"
    r"|processed|applied)"
)
_DEED = re.compile(
    rf"\b(?:i|we)(?:'ve|'d|\s+have|\s+had)?\s+{_ADVERB}(?:(?:gone|went) ahead and\s+)?{_VERB}\b|"
    rf"\b(?:has|have|had)\s+{_ADVERB}been\s+{_ADVERB}{_VERB}\b|"
    r"\b(?:was|were)\s+(?:just |already )?(?:issued|reimbursed|credited)\b|"
    r"\b(?:all|it's|that's|it is|that is|consider it) done\b",
    re.I,
)
_SAME = {"canceled": "cancelled", "dispatched": "shipped", "sold out": "out of stock", "unavailable": "out of stock"}
_LEFT = r"only \d+ left"
_PROVES = {
    "in stock": rf"in stock|{_LEFT}",
    "available": rf"available|in stock|{_LEFT}",
    "only a few left": _LEFT,
    "discounted": r"discount(?:ed)?",
}
"""What else than its own words proves a state."""

_GLUED = re.compile(r"\d[.,]?\x00|[$€£¥₹]\s?\x00|\x00[.,]?\d|\x00\s?(?:%|percent\b|[$€£¥₹])")
"""Something that would make another fact of a slot: ``${policy.returns.window_days}``, ``{order.total}0``."""

_APART = " | "
"""Between two values, so that the end of one and the beginning of the next are not read as one: 5, $14.95."""
_ECHOES = ("refused", "remembered.")
"""Slots that may repeat a model's own argument; they prove nothing."""
_NOT_SO = (*_ECHOES, "policy.", "proposed.", "conditions", "nearest.")
"""Slots that name a state of which nothing is in it: what the policy speaks of, what a card would do."""


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
        deeds: the notes of what was really done in this chat ("done: Cancel order 1 (… → cancelled)").
    """
    text, marked = _outside(reply)
    deeds = "\n".join(deeds).lower()
    proof = _Proof(facts, said, deeds)
    found = [Unproved("slot", name) for name in reply.missing]
    found += [Unproved("number", m.group().replace("\x00", "{}")) for m in _GLUED.finditer(marked)]
    text = _COUNTED.sub(lambda m: _WORDS[m.group().lower()], text)
    for kind, pattern in (("money", _MONEY), ("percent", _PERCENT), ("order", _ORDER), ("date", _DATE)):
        for match in pattern.finditer(text):
            if not proof.holds(kind, match.group()):
                found.append(Unproved(kind, match.group()))
        text = pattern.sub(" ", text)
    for kind, pattern in (("number", _PLAIN), ("state", _STATES)):
        found += [Unproved(kind, m.group()) for m in pattern.finditer(text) if not proof.holds(kind, m.group())]
    return found + [Unproved("deed", m.group()) for m in _DEED.finditer(text) if not _done(m.group(), deeds)]


class _Proof:
    """The evidence, by kind of claim."""

    def __init__(self, facts: Mapping[str, str], said: Iterable[str], deeds: str) -> None:
        everything = _APART.join(value for slot, value in facts.items() if not slot.startswith(_ECHOES))
        with_said = _APART.join((everything, *said))
        self._known: dict[str, set[str]] = {
            "money": {_price(m.group()) for m in _MONEY.finditer(with_said)},
            "percent": {_amount(m.group()) for m in _PERCENT.finditer(everything)},
            "order": {_compact(m.group()) for m in _ORDER.finditer(with_said)},
            "date": {form for m in _DATE.finditer(everything) for form in _days(m.group())},
            "number": {_amount(m) for m in re.findall(_NUMBER, with_said)},
        }
        holding = [value for slot, value in facts.items() if not slot.startswith(_NOT_SO)]
        self._states = _APART.join((*holding, deeds)).lower()

    def holds(self, kind: str, claim: str) -> bool:
        if kind == "state":
            state = _SAME.get(claim.lower(), claim.lower())
            return re.search(rf"\b(?:{_PROVES.get(state, re.escape(state))})\b", self._states) is not None
        if kind == "date":
            return _days(claim)[-1] in self._known["date"]
        normal = {"money": _price, "order": _compact}.get(kind, _amount)
        return normal(claim) in self._known[kind]


def _outside(reply: Filled) -> tuple[str, str]:
    """The text that a model wrote, the spans that code filled blanked; and the same with the spans marked."""
    text = list(reply.text.replace("’", "'").replace("\x00", " "))
    for start, end in reply.spans:
        text[start:end] = "\x00" * (end - start)
    marked = "".join(text)
    return marked.replace("\x00", " "), marked


def _amount(text: str) -> str:
    digits = re.sub(r"[^\d.]", "", text).strip(".")
    return f"{float(digits):.2f}" if digits and digits.count(".") < 2 else digits


def _price(text: str) -> str:
    """An amount with its currency's sign: ``50 dollars``, ``USD 50`` and ``$50.00`` are the same."""
    if "cent" in text.lower():
        return f"$0.{_amount(text).partition('.')[0]:0>2}"
    sign = next((sign for sign, words in _UNITS.items() if sign in text or re.search(words, text, re.I)), "")
    return sign + _amount(text)


def _compact(text: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", text.upper())


def _days(text: str) -> tuple[str, ...]:
    """A date in the forms in which it may be told, the fullest last: ``3 March 2026`` → ``mar 3``, ``mar 3 2026``."""
    month = re.search(_MONTH, text, re.I) if re.search(r"\d", text) else None
    number, year = re.search(r"\d{1,2}(?!\d)", text), re.search(r"\d{4}", text)
    if month is None or number is None:
        return (text.lower(),)
    short = f"{month.group()[:3].lower()} {int(number.group())}"
    return (short, f"{short} {year.group()}") if year else (short,)


def _done(claim: str, deeds: str) -> bool:
    """Does a note of a deed tell of it?"""
    verb = _SAME.get(claim.lower().split()[-1], claim.lower().split()[-1])
    return verb in deeds
