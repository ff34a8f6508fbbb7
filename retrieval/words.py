"""Text as words, the one way in which products and queries are read everywhere in search.

Case, accents and punctuation go; plurals become singular; British spellings become American; a number keeps its
decimals; and a number that carries a unit is split from it ("32GB", "32 GB" and "32 gigabytes" are all ``32 gb``), so
that a phrase of words finds every spelling of a measure.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

# Spellings of units, by the one we keep. Read only right after a number: "foot" in "foot cream" is no unit.
_UNITS = {
    "inch": "inches in ins",
    "ft": "feet foot",
    "yd": "yards yard",
    "mm": "millimeter millimeters millimetre millimetres",
    "cm": "centimeter centimeters centimetre centimetres",
    "m": "meter meters metre metres mtr",
    "km": "kilometer kilometers kilometre kilometres",
    "oz": "ounce ounces",
    "lb": "lbs pound pounds",
    "mg": "milligram milligrams",
    "g": "gram grams gr gms",
    "kg": "kilogram kilograms kilo kilos kgs",
    "ml": "milliliter milliliters millilitre millilitres",
    "cl": "centiliter centiliters centilitre centilitres",
    "l": "liter liters litre litres ltr",
    "qt": "quart quarts",
    "pt": "pint pints",
    "gal": "gallon gallons",
    "kb": "kilobyte kilobytes",
    "mb": "megabyte megabytes meg megs",
    "gb": "gigabyte gigabytes gig gigs",
    "tb": "terabyte terabytes",
    "hz": "hertz",
    "khz": "kilohertz",
    "mhz": "megahertz",
    "ghz": "gigahertz",
    "w": "watt watts",
    "kw": "kilowatt kilowatts",
    "v": "volt volts",
    "va": "",
    "kva": "",
    "mah": "",
    "wh": "",
    "mp": "megapixel megapixels mpix",
    "dpi": "",
    "fps": "",
    "rpm": "",
    "pc": "pcs piece pieces",
}
UNIT_OF = {spelling: unit for unit, others in _UNITS.items() for spelling in (unit, *others.split())}
_SMALL = "a an and any at by for from in of on or over pack set size some the to under up with x"
SMALL_WORDS = frozenset(_SMALL.split())
"""Words that say nothing about a product by themselves."""
_LOOSE = {"in", "ins", "pt"}  # too common as words to be read as a unit unless they touch the number

_SINGULAR = {
    "men": "man",
    "women": "woman",
    "children": "child",
    "mice": "mouse",
    "feet": "foot",
    "teeth": "tooth",
    "knives": "knife",
    "shelves": "shelf",
    "scarves": "scarf",
    "halves": "half",
    "wolves": "wolf",
    "movies": "movie",
    "cookies": "cookie",
    "hoodies": "hoodie",
    "beanies": "beanie",
    "brownies": "brownie",
    "ties": "tie",
    "pies": "pie",
    "series": "series",
    "species": "species",
    "lens": "lens",
    "gas": "gas",
    "yes": "yes",
    "plus": "plus",
    "canvas": "canvas",
    "christmas": "christmas",
    "always": "always",
    "has": "has",
    "is": "is",
    "was": "was",
    "this": "this",
    "its": "its",
    "as": "as",
    "ups": "ups",
    "gps": "gps",
    "ios": "ios",
    "usps": "usps",
    "dvds": "dvd",
}
_AMERICAN = {
    "colour": "color",
    "coloured": "colored",
    "colourful": "colorful",
    "grey": "gray",
    "aluminium": "aluminum",
    "jewellery": "jewelry",
    "metre": "meter",
    "litre": "liter",
    "fibre": "fiber",
    "centre": "center",
    "theatre": "theater",
    "pyjama": "pajama",
    "tyre": "tire",
    "moisturiser": "moisturizer",
    "organiser": "organizer",
    "mould": "mold",
}

_TOKEN = re.compile(
    r"(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\w.])|\d+(?:\.\d+)*)(?P<tail>[a-z]+[a-z0-9]*|[\"″”]|'')?"
    r"|(?P<word>[^\W_]+(?:\.\d+)*)"
)
_JOINERS = frozenset("-/")
_POSSESSIVE = re.compile(r"(?<=[a-z])'s\b|(?<=s)'(?!\w)")
_FRACTIONS = {"½": ".5", "¼": ".25", "¾": ".75"}
_FRACTION = re.compile(r"(\d*)([½¼¾])")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text, in order, and other ways to write some runs of them as one word.

    `joined` holds ``(first, last, word)``: the words from `first` to `last` were written together with a hyphen or as a
    name with its number ("t-shirt", "cat 6"), for which people also type `word` ("tshirt", "cat6").
    """

    words: tuple[str, ...]
    joined: tuple[tuple[int, int, str], ...] = ()


def words(text: str) -> tuple[str, ...]:
    """The words of `text`, in order."""
    return read(text).words


def key(text: str) -> str:
    """`text` as one comparable line: case, punctuation, plural and unit spelling make no difference."""
    return " ".join(read(text).words)


def read(text: str) -> Words:
    """The words of `text`, with the ways in which neighbours are also written as one."""
    plain = _plain(text)
    out: list[str] = []
    joined: list[tuple[int, int, str]] = []
    ended, run = 0, 0
    for match in _TOKEN.finditer(plain):
        first, between = len(out), plain[ended : match.start()]
        _add(match, out)
        if first and between in _JOINERS:
            _join(joined, out, run, first)
        else:
            run = first
            if first and between == " " and _names_its_number(out[first - 1], out[first]):
                _join(joined, out, first - 1, first)
        ended = match.end()
    return Words(tuple(out), tuple(joined))


@lru_cache(maxsize=200_000)
def singular(word: str) -> str:
    """A word without its plural ending, in American spelling (after Harman, 'How effective is suffixing?', 1991)."""
    word = _SINGULAR.get(word) or _without_plural(word)
    return _AMERICAN.get(word, word)


def _without_plural(word: str) -> str:
    if len(word) < 4 or word[-1] != "s" or word.endswith(("ss", "us", "is")) or not word.isalpha():
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes", "zes")):
        return word[:-2]
    return _SINGULAR.get(word[:-1], word[:-1])


def _plain(text: str) -> str:
    if not text.isascii():
        text = _FRACTION.sub(lambda m: (m[1] or "0") + _FRACTIONS[m[2]], text.replace("’", "'").replace("×", " x "))
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    text = text.casefold()
    return _POSSESSIVE.sub("", text) if "'" in text else text


def _add(match: re.Match[str], out: list[str]) -> None:
    """Append the words of one match: a word, a number, or a number and its unit."""
    number, tail, word = match["number"], match["tail"], match["word"]
    if word is not None:
        unit = UNIT_OF.get(word) if out and word not in _LOOSE and out[-1][0].isdigit() else None
        out.append(unit or singular(word.removesuffix(".0")))
        return
    number = number.replace(",", "")
    if "." in number and number.count(".") == 1:
        number = number.rstrip("0").rstrip(".")
    if tail is None:
        out.append(number)
    elif tail[0].isalpha() and (tail not in UNIT_OF or number == "802.11"):
        out.append(number + tail)
    else:
        out.extend((number, UNIT_OF.get(tail, "inch")))


def _names_its_number(name: str, number: str) -> bool:
    """Whether two neighbours are a short name and its number, as in "cat 6" or "ps 4"."""
    if not name.isalpha() or name in UNIT_OF or name in SMALL_WORDS:
        return False
    return 1 < len(name) <= 6 and len(number) <= 3 and number[0].isdigit()


def _join(joined: list[tuple[int, int, str]], out: list[str], start: int, last: int) -> None:
    word = "".join(out[start : last + 1])
    if last - start < 4 and not word.isdigit():
        joined.append((start, last, word))
