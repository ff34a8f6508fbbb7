"""Properties in free text: measures with their units, colours, materials, sizes, and for whom it is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from retrieval.columns import Columns
from retrieval.parse.cutting import Cutting
from retrieval.parse.lexicon import COLORS, FOR_WHOM, MATERIALS, SIZES
from retrieval.query import ANY, Constraint, Op
from retrieval.words import UNIT_OF

_UNITS = sorted((u for u in UNIT_OF if u.isalpha() and u not in ("in", "ins", "m", "pt")), key=len, reverse=True)
_UNIT = rf"(?:{'|'.join(map(re.escape, _UNITS))}|m|(?<=\d)in)\b|[\"']{{1,2}}(?!\w)"
_N = r"\d+(?:\.\d+)?"
_MEASURE = re.compile(
    rf"(?<![\w.])(?:(?P<first>{_N})\s*-?\s*(?:{_UNIT})?\s*(?:or|/)\s*)?(?P<number>{_N})\s*-?\s*(?P<unit>{_UNIT})"
    r"(?:\s+(?:of\s+)?(?P<of>memory|ram|storage|ssd|hdd|screen|display|long|wide|tall|deep|high))?"
)
_BARE_SIZE = re.compile(
    r"\b(?:for|size|fits?|fit for|with)\s+(?:an?\s+)?(?P<a>\d{1,2}\.\d)\b(?:\s*(?:screen|display))?"
)
_COLOR = "|".join(sorted(COLORS, key=len, reverse=True))
_MATERIAL = "|".join(sorted(MATERIALS - COLORS, key=len, reverse=True))
_SHADE = r"(?:(?:dark|light|bright|pale|matte|deep|royal|sky|navy|forest|hot)\s+)?"
_HUE = rf"{_SHADE}(?:{_COLOR}|{_MATERIAL})"
_PROPERTY = re.compile(rf"\b(?:in\s+|made (?:of|from)\s+)?(?P<a>{_HUE}(?:\s+or\s+{_HUE})*)\b(?!-free)")
_SIZE = re.compile(
    rf"\b(?:in\s+)?(?:size\s+(?P<a>(?:{'|'.join(SIZES)}|[sml]|\d{{1,2}}(?:\.5)?))|(?P<b>2xl|3xl|xxl|xxxl|xl|xs))\b"
)
_WHOM = "|".join(sorted(map(re.escape, FOR_WHOM), key=len, reverse=True))
_FOR_WHOM = re.compile(rf"\b(?:for\s+)?(?:(?:my|an?|the)\s+)?(?P<a>{_WHOM})\b")


def cut_measures(text: Cutting) -> Iterator[str]:
    """Cut measures out: ``32 gb``, ``14 inch or 15.6 inch``."""
    for match in text.cut(_MEASURE):
        unit = UNIT_OF.get(match["unit"].strip(), "inch")
        wanted = f"{match['number']} {unit}"
        yield f"{match['first']} {unit} or {wanted}" if match["first"] else wanted
    for match in text.cut(_BARE_SIZE):
        yield match["a"]


def cut_for_whom(text: Cutting) -> Iterator[str]:
    """Cut out for whom it is, where it is said as a condition ("women's", "for my husband")."""
    seen = set()
    for match in text.cut(_FOR_WHOM):
        whom = FOR_WHOM[match["a"]]
        if whom not in seen:
            seen.add(whom)
            yield whom


def cut_properties(text: Cutting, columns: Columns) -> Iterator[str]:
    """Cut colours, materials and sizes out, where the catalogue has anything of the kind."""
    for pattern in (_PROPERTY, _SIZE):
        kept = []
        for match in text.cut(pattern):
            value = next(v for v in match.groups() if v is not None)
            if columns.count((Constraint(ANY, Op.MENTIONS, tuple(re.split(r"\s+or\s+", value))),)):
                yield f"size {value}" if pattern is _SIZE and match["a"] else value
            else:
                kept.append(value)
        text.text += "".join(f" ¦ {value}" for value in kept)
