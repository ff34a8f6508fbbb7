"""Properties in free text: colours, materials, sizes, and for whom it is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from retrieval.columns import Columns
from retrieval.parse.cutting import Cutting
from retrieval.parse.lexicon import COLORS, FOR_WHOM, MATERIALS, SIZES
from retrieval.parse.names import Names
from retrieval.query import ANY, Constraint, Op

_COLOR = "|".join(sorted(COLORS, key=len, reverse=True))
_MATERIAL = "|".join(sorted(MATERIALS - COLORS, key=len, reverse=True))
_SHADE = (
    r"(?:(?:dark|light|bright|pale|matte|matt|deep|royal|sky|navy|forest|hot|neon|pastel|baby|rose|off"
    r"|olive|burnt|dusty"
    r"|stainless|solid|real|faux|recycled|genuine|full[- ]grain|vegan|organic|brushed|merino)[ -])?"
)
_HUE = rf"{_SHADE}(?:{_COLOR}|{_MATERIAL})"
_JOINED = r"(?:,?\s+or(?:\s+in)?|\s*/)\s*"
_PROPERTY = re.compile(
    rf"\b(?:(?:in|with|made (?:out )?of|made from|of)\s+)?(?P<a>{_HUE}(?:{_JOINED}{_HUE})*)\b(?!-free)"
)
_SIZE = re.compile(
    rf"(?<![\w'])(?:in\s+|an?\s+)?(?:size\s*:?\s*(?P<a>(?:{'|'.join(SIZES)}|[sml]|\d{{1,2}}(?:\.5)?))(?![\w.])"
    r"|(?P<b>[23]xl|x{1,3}l|xs|xxs|(?:extra|x)[- ](?:small|large)"
    r"|(?<=in )(?:small|medium|large|[sml])(?=\s*(?:$|[,.?!¦]))"
    r"|(?<=[,¦] )(?:small|medium|large)(?=\s*(?:$|[,.?!¦]))"
    r"|(?:small|medium|large|queen|king|twin|full|double|single)[- ]sized?(?!\w)))(?!\w)"
)
_BED_SIZE = re.compile(
    r"(?<![\w-])(?:in |a |for (?:a |my )?)?"
    r"(?P<a>(?:california )?king|queen|twin(?: xl)?|full)(?:\s+beds?\b(?!\s+frame))?(?![\w-])"
)
_BEDDING = re.compile(
    r"\b(?:beds?|mattress|duvet|sheets?|blanket|bedding|comforter|futon|quilt|bedspread|headboard|pillow)"
)
_WHOM = "|".join(sorted(map(re.escape, FOR_WHOM), key=len, reverse=True))
_FOR_WHOM = re.compile(rf"\bfor\s+(?P<b>her|him)\b|\b(?:for\s+)?(?:(?:my|an?|the|his|her)\s+)?(?P<a>{_WHOM})\b")

_PRONOUN = {"her": "women", "him": "men"}


def cut_for_whom(text: Cutting) -> Iterator[str]:
    """Cut out for whom it is, where it is said as a condition ("women's", "for my husband")."""
    yield from dict.fromkeys(_PRONOUN.get(m["b"] or "") or FOR_WHOM[m["a"]] for m in text.cut(_FOR_WHOM))


def cut_colors_and_materials(text: Cutting, columns: Columns, names: Names) -> Iterator[str]:
    """Cut colours out, and materials that the catalogue has, where they are no part of a thing's name."""
    start = 0
    while (match := _PROPERTY.search(text.text, start)) is not None:
        alternatives = re.split(_JOINED, match["a"])
        before, after = _neighbours(text.text, match)
        is_name = len(alternatives) == 1 and names.colors_nothing(before, alternatives[0], after)
        unheard_of = not set(re.split(r"[ -]", match["a"])) & COLORS and not columns.count(
            (Constraint(ANY, Op.MENTIONS, tuple(alternatives)),)
        )
        if is_name or unheard_of:
            start = match.end()
            continue
        start = text.cut_out(match)
        yield " or ".join(alternatives)


def cut_sizes(text: Cutting) -> Iterator[str]:
    """Cut sizes out: "size 10", "XL", "in medium"; and those of beds where one is spoken of."""
    for match in text.cut(_SIZE):
        size = re.sub(r"[- ]sized?$", "", match["a"] or match["b"])
        size = re.sub(r"^(?:extra|x)[- ](?P<letter>[sl])\w+$", r"x\g<letter>", size)
        yield f"size {size}" if match["a"] else size
    if _BEDDING.search(text.text):
        for match in text.cut(_BED_SIZE):
            yield match["a"]


def _neighbours(text: str, match: re.Match[str]) -> tuple[str, str]:
    """The words that stand right before and right behind, empty where there is none or where "in" begins it."""
    before = "" if match.start() < match.start("a") else _word(r"([a-z][\w'-]*)\s+$", text[: match.start()])
    return before, _word(r"^\s+([a-z][\w'-]*)", text[match.end() :])


def _word(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    return found[1] if found else ""
