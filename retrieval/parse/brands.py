"""Brands in free text: the catalogue's own by their names, others where somebody says "from" or "by"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from retrieval.columns import Columns
from retrieval.parse.cutting import Cutting
from retrieval.parse.lexicon import LANGUAGE
from retrieval.query import ANY, Constraint, Op
from retrieval.words import key

_DISTINCT = 0.3
"""The share of a word's mentions that must be of its brand before the bare word names the brand."""
_CUE = re.compile(
    r"\b(?:(?<!made )(?<!free )from|by|brand|made by|of brand)\s+(?:the brand\s+)?"
    r"(?P<a>[a-z][\w&.'-]{2,}(?:\s+[a-z][\w&.'-]+)?)"
)
_NOT_A_BRAND = frozenset(
    """the a an my your scratch home here there it them this that these those you us me any stock hand far monday
    tuesday wednesday thursday friday saturday sunday tomorrow today christmas then now""".split()
)
FAMOUS = frozenset(
    """adidas nike reebok asics puma fila skechers converse birkenstock timberland patagonia columbia levis gucci prada
    zara uniqlo ikea samsung sony lenovo asus acer dell toshiba panasonic philips siemens bosch dyson makita dewalt
    canon nikon fujifilm gopro garmin fitbit logitech razer corsair nintendo playstation xbox lego playmobil mattel
    hasbro barbie rolex casio seiko swatch samsonite osprey deuter vaude salomon mammut kitchenaid tefal braun
    nespresso delonghi krups cuisinart smeg microsoft huawei xiaomi oneplus motorola nokia bose sennheiser jbl sonos
    marshall epson kodak polaroid netgear linksys sandisk seagate kingston""".split()
)
"""Names that are known as brands where a shop does not have them, so that it can say so. No words of the language."""


class Brands:
    """The brands of one catalogue."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._counts = {key(name): (name, count) for name, count in columns.facets("brand").items() if key(name)}
        self._spelled = {_letters(name): short for short, (name, _) in reversed(self._counts.items())}
        self._longest = min(max((len(name.split()) for name in self._counts), default=1), 5) + 1
        self._first_words = {name.split()[0] for name in self._counts}

    def knows(self, name: str) -> bool:
        """Is it a brand's name, or the distinct beginning of one?"""
        compact = self._key(name)
        if not compact:
            return False
        if compact in self._counts:
            return self._names_it(compact)
        if compact in FAMOUS:
            return True
        return compact in self._first_words and compact not in LANGUAGE and self._names_it(compact)

    def cut(self, text: Cutting) -> Iterator[str]:
        """Cut the brands out of the text, as the catalogue or the shopper writes them."""
        yield from self._known(text)
        for match in list(text.cut(_CUE)):
            name = match["a"].split()[0] if match["a"].split()[0] not in _NOT_A_BRAND else ""
            rest = match["a"][len(name) :].strip()
            text.text += f" {rest}" if name else f" {match['a']}"
            if name and not name.isdigit():
                yield self._shown(name)

    def _known(self, text: Cutting) -> Iterator[str]:
        for run in text.runs():
            start = 0
            while start < len(run):
                for length in range(min(self._longest, len(run) - start), 0, -1):
                    words = run[start : start + length]
                    if self.knows(" ".join(words)):
                        pattern = re.compile(
                            r"(?:\b(?:from|by)\s+)?(?<!\w)" + r"[\s.,&]+".join(map(re.escape, words)) + r"(?:'s)?(?!\w)"
                        )
                        if next(text.cut(pattern, most=1), None) is not None:
                            yield self._shown(" ".join(words))
                        start += length - 1
                        break
                start += 1

    def _key(self, name: str) -> str:
        """The key of a brand's name however its apostrophes, "and" and blanks are written, else of the words."""
        compact = key(name)
        return compact if compact in self._counts else self._spelled.get(_letters(name), compact)

    def _shown(self, name: str) -> str:
        compact = self._key(name)
        return self._counts[compact][0] if compact in self._counts else name

    def _names_it(self, name: str) -> bool:
        """Do most mentions of the word belong to the brand? "Apple" in a phone shop; not "home" anywhere."""
        if len(name) < 2 or name.isdigit():
            return False
        mentions = self._columns.count((Constraint(ANY, Op.MENTIONS, name),))
        branded = self._columns.count((Constraint("brand", Op.EQ, name),))
        if name in LANGUAGE:
            return False
        return branded > 0 and branded >= _DISTINCT * mentions


def _letters(name: str) -> str:
    """A name without what people leave out: "Levi's" and "levis", "Hollin & Pike" and "hollin and pike"."""
    return re.sub(r"[^a-z0-9]|\band\b", "", name.casefold())
