"""Prices in free text: limits, spans and rough sums, in whatever way people write them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from retrieval.parse.cutting import Cutting
from retrieval.parse.phrases import one_of

ROUGHLY = 0.35
"""How far "around X" reaches to either side."""

_UNIT = (
    one_of("""
        gb | tb | mb | kb | gigs? | megs? | gigabytes? | terabytes?
        g | kg | mg | lbs? | oz | pounds? weight | ml | cl | l | lit(?:er|re)s? | cups? | quarts? | gallons?
        cm | mm | m | km | met(?:er|re)s? | inch(?:es)? | ft | feet | foot
        w | kw | watts? | v | volts? | va | kva | mah | wh | hz | mhz | ghz | khz | mp | dpi | fps | rpm
        pcs? | pieces? | pack | ports? | people | persons? | seats? | x | stars? | percent
        years? | months? | days? | weeks? | hours? | minutes?
    """)
    + r"\b|[%\"”″'°]"
)
"""What follows a number that is no price."""
_SIGN = r"(?:[$€£]|usd|eur|gbp)"
_WORD = one_of(r"\$ | € | £ | dollars? | bucks? | usd | euros? | eur | pounds? | quid | gbp")
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d{1,2})?"


def _amount(name: str) -> str:
    """A number that may be a price, in a group of this name."""
    return (
        rf"(?:{_SIGN}\s*)?(?P<{name}>{_NUMBER})(?P<{name}k>k)?(?:\s*{_WORD}(?!\w))?"
        rf"(?![\d.]*\d)(?!\s*-?\s*(?:{_UNIT}))(?!\w)"
    )


def _marked(name: str) -> str:
    """A number that its currency marks as a price."""
    return rf"(?:{_SIGN}\s*(?P<{name}>{_NUMBER})(?P<{name}k>k)?|(?P<{name}b>{_NUMBER})(?P<{name}bk>k)?\s*{_WORD}(?!\w))"


_MOST = one_of("""
    under | below | beneath | less than | lower than | cheaper than | no more than | not more than | nothing more than
    not over | nothing over | nothing above | not above | no higher than | at (?:the )?most | up to | within | inside
    max(?:imum)?(?: of| is)? | limit(?: of| is)? | <=?
    (?:can't|cannot|can not|mustn't|must not|shouldn't|should not|won't|don't want to) (?:cost|spend|pay|go|be) _over
    (?:i|we) (?:can|could) (?:spend|pay|go)(?: up to)? | go up to
    (?:my |our )?budget(?: is| of|:)?(?: about| around)? | (?:i have|i've got|we have|got) (?:about |around )?(?=[$€£])
""").replace("_over", "(?:more than|over|above)")
_LEAST = one_of("""
    over | above | more than | at least | no less than | not less than | not under | nothing under | upwards of | beyond
    min(?:imum)?(?: of| is)? | starting (?:at|from) | >=?
""")
_ABOUT = one_of(r"""
    around | about | roughly | approximately | approx\.? | circa | somewhere (?:around|near) | close to | ~
    in the region of | something like
""")
_OR_LESS = one_of(r"or less | or under | or below | tops | max(?:imum)?\b | at most | budget | limit")
_OR_MORE = one_of(r"or more | or over | and up | and above | \+ | plus\b | minimum")

_BETWEEN = re.compile(
    rf"(?:between|from|anything from)\s+(?:{_SIGN}\s*)?{_amount('low')}\s*(?:and|to|-|–)\s*{_amount('high')}"
    rf"|(?<![\w.]){_SIGN}\s*{_amount('low2')}\s*(?:-|–|to)\s*{_amount('high2')}"
    rf"|(?<![\w.$])(?P<low3>{_NUMBER})\s*(?:-|–|to)\s*(?P<high3>{_NUMBER})\s*{_WORD}(?!\w)"
)
_UPPER = re.compile(rf"{_MOST}\s+(?:about |around )?{_amount('a')}(?:\s+{_OR_LESS})?")
_UPPER_AFTER = re.compile(rf"(?<![\w.]){_amount('a')}\s*{_OR_LESS}")
_LOWER = re.compile(rf"{_LEAST}\s+{_amount('a')}")
_LOWER_AFTER = re.compile(rf"(?<![\w.])(?:{_marked('a')}|{_amount('b')})\s*{_OR_MORE}")
_ROUGH = re.compile(rf"{_ABOUT}\s+(?:the\s+)?{_amount('a')}(?:\s*(?:mark|range))?")
_BARE = re.compile(rf"(?:for|at|costs?|priced at)?\s*(?<![\w.]){_marked('a')}")
_AGAIN = re.compile(
    rf"(?:make (?:it|that)|ok(?:ay)?|back to|say|if i go(?: up)? to|raise it to|lower it to|go to|do)\s+{_amount('a')}"
    rf"|(?<![\w.]){_amount('b')}\s+(?:again|instead|then|now)\b"
)


@dataclass(frozen=True, slots=True)
class PriceWish:
    """A wished price: limits, inclusive; both None where nothing was said."""

    low: float | None = None
    high: float | None = None

    def __bool__(self) -> bool:
        return self.low is not None or self.high is not None


def cut_price(text: Cutting, *, had_price: bool = False) -> PriceWish:
    """Cut a wished price out of the text.

    Args:
        text: what is left of the message.
        had_price: a price is being talked about already, so that a bare number ("60 again") can replace it.
    """
    for match in text.cut(_BETWEEN, most=1):
        ends = [_value(match, name) for name in ("low", "high", "low2", "high2", "low3", "high3")]
        first, second = (end for end in ends if end is not None)
        return PriceWish(min(first, second), max(first, second))
    for match in text.cut(_ROUGH, most=1):
        middle = _value(match, "a") or 0.0
        return PriceWish(round(middle * (1 - ROUGHLY), 2), round(middle * (1 + ROUGHLY), 2))
    high = _first(text, (_UPPER, _UPPER_AFTER))  # before the lower limits: "no more than" holds "more than"
    low = _first(text, (_LOWER, _LOWER_AFTER))
    if low is None and high is None:
        high = _first(text, (_BARE, *((_AGAIN,) if had_price else ())))
    return PriceWish(low, high)


def _first(text: Cutting, patterns: tuple[re.Pattern[str], ...]) -> float | None:
    for pattern in patterns:
        for match in text.cut(pattern, most=1):
            return next(v for name in ("a", "ab", "b") if (v := _value(match, name)) is not None)
    return None


def _value(match: re.Match[str], name: str) -> float | None:
    groups = match.groupdict()
    number = groups.get(name)
    if number is None:
        return None
    return float(number.replace(",", "")) * (1000 if groups.get(f"{name}k") else 1)
