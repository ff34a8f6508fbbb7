"""Prices in free text: limits, spans and rough sums, in whatever way people write them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from retrieval.parse.cutting import Cutting
from retrieval.parse.phrases import one_of
from retrieval.words import UNIT_OF

ROUGHLY = 0.35
"""How far "around X" reaches to either side."""

_MEASURES = "|".join(u for u in UNIT_OF if u.isalpha() and u not in ("in", "ins", "pound", "pounds", "v"))
_COUNTED = one_of(r"""
    (?<=\d)in | v | pounds? weight | cups? | packs? | ports? | people | persons? | seats? | seaters? | x
    stars? | percent
    players? | years? | months? | days? | weeks? | hours? | minutes? | sheets? | bits? | pairs?
    of (?:them|these|those)
    va | kva | inch | rings? | plus | degrees? | counts? | lumens? | lm | amps? | calories | pages? | thread | bar | psi
    grit | servings? | tablets | capsules | tabs | ply | speeds? | doors? | drawers? | shelves | tiers? | cores?
    slots?
""")
_NO_PRICE = rf"(?:(?:{_MEASURES}|{_COUNTED})\b|[%\"”″'°])"
"""What follows a number that is no price."""
_SIGN = r"(?:us\s?\$|[$€£]|usd|eur|gbp)"
_WORD = r"(?:[$€£]|dollars?|bucks?|usd|euros?|eur|pounds?|quid|gbp)"
_CURRENCIES = {"USD": ("$", "dol", "buck", "usd"), "EUR": ("€", "eur"), "GBP": ("£", "pound", "quid", "gbp")}
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d{3})+(?![\d.])|\d+(?:\.\d{1,2})?"
_THOUSANDS = re.compile(r"\d{1,3}(?:\.\d{3})+")


def _amount(name: str) -> str:
    """A number that may be a price, in a group of this name."""
    return (
        rf"(?:{_SIGN}\s*)?(?P<{name}>{_NUMBER})(?P<{name}k>k(?!\s+(?:tv|monitor|screen|display|video|resolution)))?"
        rf"(?:\s*{_WORD}(?!\w))?(?![\d.]*\d)(?!\s*-?\s*{_NO_PRICE})(?!\w)"
    )


def _marked(name: str) -> str:
    """A number that its currency marks as a price. "Pounds" alone are a weight."""
    return (
        rf"(?:{_SIGN}\s*(?P<{name}>{_NUMBER})(?P<{name}k>k)?"
        rf"|(?P<{name}b>{_NUMBER})(?P<{name}bk>k)?\s*(?!pounds?\b){_WORD}(?!\w))"
    )


_MOST = (
    one_of("""
    under | below | beneath | within | inside | at (?:the )?(?:very )?most | up to | upto
    max(?:imum)?\\.?(?: of| is|:)?
    (?:less|lower|cheaper|not more|no more|nothing more|less expensive|not pricier) than | no higher than
    (?:not|no|nothing) more expensive than | (?:not|nothing) (?:over|above) | limit(?: of| is)? | capped at | <=?
    (?:can't|cannot|can not|mustn't|must not|shouldn't|should not|won't|don't|doesn't|don't want to)_go _over
    isn't _over | aren't _over
    (?:i|we) (?:can|could) (?:spend|pay|go)(?: up to)? | (?:go|spend|pay|spending|paying)(?: up to)?
    (?:my |our )?(?:max |total )?budget(?: is| of|:)?(?: about| around)?
    (?:i have|i've got|we have|we've got|got) (?:about |around |only )?(?=[$€£]|[\\d,.]+ _money)
""")
    .replace("_go", " (?:cost|spend|pay|go|be)")
    .replace("_over", "(?:more than|over|above)")
    .replace("_money", "(?:to spend|bucks|dollars|euros)")
)
_LEAST = one_of("""
    over | above | more than | at least | no less than | not less than | not under | nothing under | upwards of | beyond
    min(?:imum)?(?: of| is)? | starting (?:at|from) | north of | >=?
""")
_ABOUT = one_of(r"""
    around | about | roughly | approximately | approx\.? | circa | somewhere (?:around|near) | close to | ~
    in the region of | something like | ca\.?
""")
_OR_LESS = one_of(r"or less | or under | or below | or cheaper | tops | max(?:imum)?\b | at most | budget | limit")
_OR_MORE = one_of(r"or more | or over | and up(?:wards)? | and above | \+ | plus\b | minimum | or above")
_TO = r"(?:and|to|-|–|up to|till|until)"

_BETWEEN = re.compile(
    rf"(?:between|from|anything from)\s+(?:{_SIGN}\s*)?{_amount('low')}\s*{_TO}\s*{_amount('high')}"
    rf"|(?<![\w.]){_SIGN}\s*{_amount('low2')}\s*(?:-|–|to)\s*{_amount('high2')}"
    rf"|(?<![\w.$])(?P<low3>{_NUMBER})\s*(?:-|–|to)\s*(?P<high3>{_NUMBER})\s*{_WORD}(?!\w)"
    rf"|(?<![\w.$-])(?P<low4>[2-9]\d|\d{{3,4}})\s*(?:-|–|to)\s*(?P<high4>[2-9]\d|\d{{3,4}})(?=\s*(?:$|[,?!¦]|\.(?!\d)))"
)
_UPPER = re.compile(rf"(?<!\w){_MOST}\s*(?:about |around )?{_amount('a')}(?:\s+{_OR_LESS})?(?:\s+to spend)?")
_BUDGET = re.compile(
    rf"(?<!\w)(?:my |our |a |the )?(?:max |total )?budget(?: is| of|:|'s)?\s+"
    rf"(?:about|around|roughly|approximately|~)\s*{_amount('a')}"
)
_UPPER_AFTER = re.compile(rf"(?<![\w.]){_amount('a')}\s*{_OR_LESS}")
_LOWER = re.compile(
    rf"(?<!\w)(?:{_LEAST}\s*{_amount('a')}|from\s+{_amount('b')}(?=\s+(?:up|upwards|on|onwards)\b))"
    r"(?:\s+up(?:wards)?\b)?"
)
_LOWER_AFTER = re.compile(rf"(?<![\w.])(?:{_marked('a')}|{_amount('b')})\s*{_OR_MORE}")
_ROUGH = re.compile(
    rf"(?<!\w){_ABOUT}\s*(?:the\s+)?{_amount('a')}(?:\s*(?:mark|range))?"
    rf"|(?<![\w.])(?:{_SIGN}\s*)?(?P<b>{_NUMBER})[- ]?ish\b(?:\s*{_WORD}(?!\w))?"
    rf"|(?<![\w.]){_amount('c')}\s+or so\b"
)
_BARE = re.compile(rf"(?:for|at|costs?|priced at)?\s*(?<![\w.]){_marked('a')}")
_FOR = re.compile(rf"\bfor\s+{_amount('a')}(?=\s*(?:$|[,.?!¦]|or so|please|pls))")
_AGAIN = re.compile(
    rf"(?:make (?:it|that)|ok(?:ay)?|back to|say|if i go(?: up)? to|raise it to|lower it to|go to|do)\s+{_amount('a')}"
    rf"|(?<![\w.]){_amount('b')}\s+(?:again|instead|then|now|rather)\b|(?:^|,)\W*{_amount('c')}\W*$"
)
_LEAST_FOR = 13
"""From this number on a bare "for 30" is a price: tables are for twelve at most."""


@dataclass(frozen=True, slots=True)
class PriceWish:
    """A wished price: limits, inclusive; both None where nothing was said."""

    low: float | None = None
    high: float | None = None
    currency: str | None = None
    """The currency that the shopper named (USD, EUR, GBP), if any. No amount is ever converted."""

    def __bool__(self) -> bool:
        return self.low is not None or self.high is not None


def cut_price(text: Cutting, *, had_price: bool = False) -> PriceWish:
    """Cut a wished price out of the text.

    Args:
        text: what is left of the message.
        had_price: a price is being talked about already, so that a bare number ("60 again") can replace it.
    """
    for match in text.cut(_BETWEEN, most=1):
        ends = [_value(match, name) for name in ("low", "high", "low2", "high2", "low3", "high3", "low4", "high4")]
        first, second = (end for end in ends if end is not None)
        return PriceWish(min(first, second), max(first, second), _currency(match.group()))
    if high := _first(text, (_BUDGET,)):  # "my budget is about 300" is a limit all the same
        return PriceWish(None, *high)
    for match in text.cut(_ROUGH, most=1):
        middle = _value(match, "a") or _value(match, "b") or _value(match, "c") or 0.0
        return PriceWish(round(middle * (1 - ROUGHLY), 2), round(middle * (1 + ROUGHLY), 2), _currency(match.group()))
    high = _first(text, (_UPPER, _UPPER_AFTER))  # before the lower limits: "no more than" holds "more than"
    low = _first(text, (_LOWER, _LOWER_AFTER))
    if not low and not high:
        high = _first(text, (_BARE, *((_AGAIN,) if had_price else ()))) or _for(text)
    return PriceWish(low[0] if low else None, high[0] if high else None, (high and high[1]) or (low and low[1]) or None)


def _first(text: Cutting, patterns: tuple[re.Pattern[str], ...]) -> tuple[float, str | None] | None:
    """The first amount that one of the patterns finds, with its currency."""
    for pattern in patterns:
        for match in text.cut(pattern, most=1):
            value = next(v for name in ("a", "ab", "b", "c") if (v := _value(match, name)) is not None)
            return value, _currency(match.group())
    return None


def _for(text: Cutting) -> tuple[float, str | None] | None:
    match = _FOR.search(text.text)
    if match is None or (_value(match, "a") or 0) < _LEAST_FOR:
        return None
    return _first(text, (_FOR,))


def _value(match: re.Match[str], name: str) -> float | None:
    groups = match.groupdict()
    number = groups.get(name)
    if number is None:
        return None
    plain = number.replace(".", "") if _THOUSANDS.fullmatch(number) else number.replace(",", "")
    return float(plain) * (1000 if groups.get(f"{name}k") else 1)


def _currency(said: str) -> str | None:
    return next((code for code, cues in _CURRENCIES.items() if any(cue in said for cue in cues)), None)
