"""Measures in free text: sizes and amounts with their units, exact or as limits, and how many people or pieces.

A measure becomes a wish in words that `retrieval.resolve` reads: ``32 gb``, ``14 inch or 15.6 inch``,
``at least 16 gb``, ``at most 120 cm wide``, ``4 people``, ``6 pieces``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from retrieval.parse.cutting import Cutting
from retrieval.parse.lexicon import FILLERS
from retrieval.words import UNIT_OF

AT_LEAST, AT_MOST = "at least", "at most"
AXES = {
    "wide": "width", "width": "width", "tall": "height", "high": "height", "height": "height", "deep": "depth",
    "depth": "depth", "long": "length", "length": "length",
}  # fmt: skip
"""Words for a direction, by the name of the attribute that has its number."""
_LOOSE = ("in", "ins", "pt", "pc", "pcs", "piece", "pieces", "meg", "megs")
_UNITS = sorted((u for u in UNIT_OF if u.isalpha() and u not in (*_LOOSE, "m")), key=len, reverse=True)
_UNIT = rf"(?:(?:{'|'.join(map(re.escape, _UNITS))}|m|meg|megs|(?<=\d)in)\b|[\"']{{1,2}}(?!\w))"
_NO_MONEY = "|".join(unit for unit in _UNITS if unit not in ("pound", "pounds"))
_NO_PRICE = rf"(?:(?:{_NO_MONEY}|m|(?<=\d)in)\b|[\"']{{1,2}}(?!\w))"
_N = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+"
_OF = (
    r"(?:\s+(?:of\s+)?"
    r"(?P<of>memory|ram|storage|screens?|display|long|wide|tall|deep|high|in (?:width|height|length|depth)))?"
)
_MORE = {"bigger": "", "larger": "", "longer": "long", "wider": "wide", "taller": "tall", "higher": "tall",
         "deeper": "deep", "heavier": "", "greater": "", "thicker": "", "faster": "", "more": ""}  # fmt: skip
_LESS = {"smaller": "", "shorter": "long", "narrower": "wide", "lower": "tall", "lighter": "",
         "thinner": "", "slower": "",
         "less": ""}  # fmt: skip
_MORE_WORDS, _LESS_WORDS = "|".join(_MORE), "|".join(_LESS)
_LEAST = (
    rf"(?:at least|min(?:imum)?(?: of)?|over|above|no less than|not less than|starting at|upwards of|>=?"
    rf"|(?:no|not) (?:{_LESS_WORDS}) than|(?P<more>{_MORE_WORDS}) than|(?P<more2>{_MORE_WORDS}),? at least)"
)
_MOST = (
    rf"(?:at (?:the )?most|max(?:imum)?(?: of)?|under|below|up to|within|(?:no|not) more than|(?:not|nothing) over|<=?"
    rf"|(?:no|not|nothing) (?P<less2>{_MORE_WORDS}) than|(?P<less>{_LESS_WORDS}) than)"
)
_HAS = rf"(?P<number>{_N})\s*-?\s*(?P<unit>{_NO_PRICE}){_OF}"
_ENDS_HERE = r"(?!\s*[$€£]?\d)"  # "1 tb max 80 euros" limits the price
_AXIS_BEFORE = r"(?:(?P<axis>width|height|length|depth)\s+(?:of\s+)?)?"
_TWO = rf"(?P<low>{_N})\s*(?P<low_unit>{_NO_PRICE})?\s*%s\s*(?P<number>{_N})\s*(?P<unit>{_NO_PRICE}){_OF}"
_FROM_TO = re.compile(rf"(?:from\s+)?(?<![\w.]){_TWO % '(?:-|–|to|up to)'}")
_BETWEEN = re.compile(rf"between\s+{_TWO % '(?:-|–|to|and)'}")
_BOUND_LOW = re.compile(rf"{_AXIS_BEFORE}(?<![\w]){_LEAST}\s*{_HAS}")
_BOUND_HIGH = re.compile(rf"{_AXIS_BEFORE}(?<![\w]){_MOST}\s*{_HAS}")
_LOW_AFTER = re.compile(
    rf"(?<![\w.]){_HAS}\s*(?:or (?P<more>{_MORE_WORDS}|over|up|above)|and (?:up|above|over|(?P<more2>{_MORE_WORDS}))"
    rf"|\+|(?:plus|minimum|at least)\b{_ENDS_HERE})"
)
_HIGH_AFTER = re.compile(
    rf"(?<![\w.]){_HAS}\s*(?:or (?P<less>{_LESS_WORDS}|under|below)|and (?:under|below|(?P<less2>{_LESS_WORDS}))"
    rf"|(?:max(?:imum)?|at most|tops)\b{_ENDS_HERE})"
)
_EXACT = re.compile(
    rf"(?<![\w.])(?:(?P<first>{_N})\s*-?\s*(?:{_UNIT})?\s*(?:or|/)\s*)?(?P<number>{_N})\s*-?\s*(?P<unit>{_UNIT})"
    rf"(?:\s*(?:or|/)\s*(?P<second>{_N})(?!\s*-?\s*{_UNIT})(?![\w.]))?{_OF}"
)
_BARE_SIZE = re.compile(
    r"\b(?:for|size|fits?|fit for|with)\s+(?:an?\s+)?(?P<a>\d{1,2}\.\d)\b(?!\s*stars?)(?:\s*(?:screen|display))?"
)
_WHO = r"(?:seater|seats?|people|persons?|man|guests|adults|campers)"
_PEOPLE = re.compile(
    r"(?:\b(?:for|sleeps|seats|fits)\s+(?:up to\s+)?)?(?<![\w.])"
    rf"(?:(?P<first>\d{{1,2}})\s*(?:or|/|-|to)\s*)?(?P<a>\d{{1,2}})[- ]?{_WHO}\b"
    r"|\b(?:sleeps|seats)\s+(?P<b>\d{1,2})\b"
    r"|\b(?<!games )for\s+(?P<c>[2-9]|1[0-2])(?=\s*(?:$|[,.?!¦]|in\b|under\b|please\b))"
)
_PIECES = re.compile(
    r"\b(?:sets?|packs?|boxe?s?|bags?) of (?P<a>\d{1,4})\b"
    r"|(?<![\w.])(?P<b>\d{1,4})[- ]?(?:packs?|pk|counts?|ct|pieces?|pcs?|piece sets?|sets?)\b"
)
_POUNDS = re.compile(
    r"(?:under|below|less than|up to|max(?:imum)?|(?:no|not) more than|budget(?: of| is)?|around|about)"
    rf"\s+(?:{_N})\s*pounds?\b"
    rf"|(?<![\w.])(?:{_N})\s*pounds?\s+(?:or less|or under|max|tops)\b"
)
"""Pounds that are money."""
_DIMENSIONS = re.compile(
    r"\b(?:(?:it )?(?:should |must |has to |that )?)?"
    r"(?:weigh(?:s|ing)?|measur(?:es|ing)|(?:in )?(?:width|height|length|depth)|weight)"
    r"\s*(?:of\s+|around\s+)?(?=¦)"
)
_PER_CENT = re.compile(r"(?<![\w.])\d{1,3}\s?%(?: of)?")
_OF_WORDS = frozenset("memory ram storage screen screens display".split())


def cut_measures(text: Cutting, is_name: Callable[[str], bool]) -> Iterator[str]:
    """Cut measures out, as wishes.

    Args:
        text: what is left of the message.
        is_name: does the catalogue know these words side by side as a name ("memory foam")?
    """
    text.text = re.sub(r"(?<=\d)\s*fl(?:uid)?\.?\s*(?=oz\b|ounces?\b)", " ", text.text)
    text.text = _POUNDS.sub(lambda m: m.group().replace("pound", "quid").replace("quids", "quid"), text.text)
    for pattern, low, high in (
        (_BETWEEN, True, True), (_FROM_TO, True, True), (_BOUND_HIGH, False, True), (_BOUND_LOW, True, False),
        (_LOW_AFTER, True, False), (_HIGH_AFTER, False, True),
    ):  # fmt: skip
        for match in text.cut(pattern):
            _give_back(text, match, is_name)
            if low and high:
                yield _wish(AT_LEAST, match, match["low"], match["low_unit"])
            elif low:
                yield _wish(AT_LEAST, match)
            if high:
                yield _wish(AT_MOST, match)
    for match in text.cut(_PIECES):
        yield f"{match['a'] or match['b']} pieces"
    for match in text.cut(_PEOPLE):
        people = f"{match['a'] or match['b'] or match['c']} people"
        yield f"{match['first']} people or {people}" if match["first"] else people
    for match in text.cut(_EXACT):
        _give_back(text, match, is_name)
        wanted = _amount(match)
        others = [f"{_number(match[name])} {_unit(match['unit'])}" for name in ("first", "second") if match[name]]
        yield " or ".join((*others, wanted))
    for match in text.cut(_BARE_SIZE):
        yield match["a"]
    text.take(_DIMENSIONS)
    text.take(_PER_CENT)


def _give_back(text: Cutting, match: re.Match[str], is_name: Callable[[str], bool]) -> None:
    """Put a word back that begins a name behind the measure: "12 inch memory foam"."""
    of = match.groupdict().get("of")
    if not of or of not in _OF_WORDS:
        return
    place = text.text.find("¦", max(match.start() - 1, 0))
    following = re.match(r"¦\s+([a-z]+)", text.text[place:])
    if following and following[1] not in FILLERS and is_name(f"{of} {following[1]}"):
        text.text = f"{text.text[: place + 1]} {of} {text.text[place + 1 :].lstrip()}"


def _wish(bound: str, match: re.Match[str], number: str | None = None, unit: str | None = None) -> str:
    groups = match.groupdict()
    word = groups.get("of") or groups.get("axis") or ""
    word = word.removeprefix("in ")
    for name, axes in (("more", _MORE), ("more2", _MORE), ("less", _LESS), ("less2", _LESS | _MORE)):
        if groups.get(name):
            word = word if word in AXES else axes.get(groups[name], "")
    axis = {"width": "wide", "height": "tall", "depth": "deep", "length": "long"}.get(AXES.get(word, ""), "")
    return f"{bound} {_number(number or match['number'])} {_unit(unit or match['unit'])} {axis}".strip()


def _amount(match: re.Match[str]) -> str:
    return f"{_number(match['number'])} {_unit(match['unit'])}"


def _number(text: str) -> str:
    return f"{float(text.replace(',', '')):.10g}"


def _unit(said: str) -> str:
    unit = said.strip()
    return UNIT_OF.get(unit, "ft" if unit == "'" else "inch")
