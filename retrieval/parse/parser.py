"""One message into wishes: limits, brands, properties, exclusions, order, and the words that name the thing."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from retrieval.columns import Columns
from retrieval.parse.amounts import PriceWish, cut_price
from retrieval.parse.brands import Brands
from retrieval.parse.cutting import Cutting
from retrieval.parse.lexicon import FILLERS, FOR_WHOM, LANGUAGE, PRONOUNS
from retrieval.parse.measures import cut_measures
from retrieval.parse.names import Names
from retrieval.parse.negation import ENDS, cut_negations
from retrieval.parse.orders import cut_cheap, cut_not_dear, cut_rating, cut_relative, cut_sort, cut_stock
from retrieval.parse.phrases import one_of, phrase
from retrieval.parse.properties import cut_colors_and_materials, cut_for_whom, cut_sizes
from retrieval.parse.quantity import cut_quantity, cut_some_of_them
from retrieval.parse.reading import plain
from retrieval.parse.spelling import Speller
from retrieval.query import Sort

_NO_MATTER = r"(?:doesn't|does not|dont|don't|isn't|is not) (?:matter|important|an issue|a problem)"
_DROPS = (
    (
        "brand",
        phrase(rf"""
            forget (?:about )?(?:the )?brand | (?:any|whatever|all) brands? | brand {_NO_MATTER}
            no matter (?:which|what) brand | no brand preference | (?:from )?any (?:maker|make)
            never ?mind the brand | drop the brand
        """),
    ),
    (
        "price",
        phrase(rf"""
            forget (?:about )?(?:the )?(?:price|budget) | any price | (?:the )?(?:price|money|budget) {_NO_MATTER}
            no matter (?:the|what) (?:price|cost) | no (?:budget|price limit|limit) | whatever (?:the )?(?:price|cost)
            (?:price|money) is no object | drop the (?:price|budget)(?: limit)?
        """),
    ),
    *(
        (
            kind,
            phrase(rf"""
                (?:in )?(?:any|whatever) {named}(?: is fine| will do| works)? | {named} {_NO_MATTER}
                no {named} preference
                forget (?:about )?the {named} | no matter (?:which|what) {named} | drop the {named}
            """),
        )
        for kind, named in (("color", "colou?r"), ("size", "size"), ("material", "material"))
    ),
)
_FORGET = re.compile(
    r"\b"
    + one_of("""
        forget (?:about )?(?:the )? | drop the | never ?mind the | doesn't (?:need|have) to be | scrap the
        don't need (?:the |it )? | no need for
    """)
    + r"\s*(?P<a>[\w.'-]+(?: [\w.'-]+)?)"
)
_FEATURE = re.compile(
    r"(?:\b(?:with|plus|including|featuring|(?:that )?has)|¦\s+and(?= an? ))\s+(?:(?:an?|the|some|any|built[- ]in)\s+)*"
    rf"(?P<a>(?!{ENDS}\b)[a-z][\w-]*(?:\s+(?!{ENDS}\b)[a-z][\w-]*)?)"
)
_OR_AT_LEAST = re.compile(r"\b(?P<a>[a-z]{3,})\s+(?P<thing>[a-z]{3,})\s+or\s+at\s+least\s+(?P<b>[a-z]{3,})\b")
"""Either of two properties will do ("bluetooth headphones or at least wireless")."""
_ASIDE = re.compile(r"(?:\bbecause\b|(?:(?<=\w)|(?<=¦)|(?<=¦ )),\s*(?:they|it|he|she)\b)[^,.;!?¦]*")
"""A reason or a remark after the wish ("…, they hurt")."""
_THE_MORE = re.compile(r"\bthe \w+er the (?:better|\w+er)\b")
_SHORTENED = re.compile(r"'(?:ve|re|ll|d|m|s)$")
LONGEST_MESSAGE = 2000
"""Characters of a message that are read."""
_LONGEST = 40
_BEFORE_KIND = frozenset("a an the my our his her their".split())


@dataclass(frozen=True, slots=True)
class Parsed:
    """What one message says about the wanted products."""

    text: str = ""
    """The words that name the thing; empty where the message only refines."""
    price: PriceWish = field(default_factory=PriceWish)
    brands: tuple[str, ...] = ()
    without_brands: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    """What it is to come with ("an SSD", "a zoom"): conditions where the catalogue has such products."""
    rating_min: float | None = None
    in_stock: bool = False
    sort: Sort | None = None
    cheaper: bool = False
    """Cheaper than what was shown."""
    dearer: bool = False
    cheap: bool = False
    drops: tuple[str, ...] = ()
    """What holds no more: ``brand``, ``price``, ``color``, ``size``, ``material``, or the very word to forget."""
    quantity: int | None = None
    """How many are to be bought; no condition on products."""
    refers: bool = False
    """The message speaks of the thing by a pronoun ("ones", "it"), so the thing stays."""
    corrected: str = ""
    """The message as it was read, spelling put right."""

    @property
    def conditions(self) -> bool:
        """Does it state any condition at all?"""
        return bool(
            self.price or self.brands or self.without_brands or self.wants or self.without or self.rating_min
            or self.features or self.in_stock or self.sort or self.cheaper or self.dearer or self.cheap or self.drops
        )  # fmt: skip


class Parser:
    """Reads messages against one catalogue's vocabulary."""

    def __init__(self, columns: Columns, dictionary: Collection[str] = ()) -> None:
        """`dictionary`: words of the language, which are no misspellings of the catalogue's."""
        self._columns = columns
        self._brands = Brands(columns)
        self._names = Names(columns)
        self._speller = Speller(columns.mentions.frequencies(), LANGUAGE | frozenset(FOR_WHOM), dictionary)

    def parse(self, message: str, *, had_price: bool = False) -> Parsed:
        """What the message wishes.

        Args:
            message: free text.
            had_price: a price limit holds already, so that a bare number may replace it.
        """
        corrected = self._speller.correct(plain(Cutting(message[:LONGEST_MESSAGE]).text))
        text = Cutting(corrected)
        refers = any(word in PRONOUNS for word in re.findall(r"[a-z]+", text.text))
        drops = tuple(name for name, pattern in _DROPS if text.take(pattern))
        drops += tuple(m["a"] for m in text.cut(_FORGET))
        text.take(_THE_MORE)
        some = cut_some_of_them(text)
        rating = cut_rating(text)
        sort = cut_sort(text)
        not_dear = cut_not_dear(text)
        cheaper, dearer = cut_relative(text)
        measures = tuple(cut_measures(text, self._names.is_name))
        price = cut_price(text, had_price=had_price)
        in_stock = cut_stock(text)
        without_brands, without = cut_negations(text, self._brands, self._names)
        brands = tuple(dict.fromkeys(self._brands.cut(text)))
        quantity = some or cut_quantity(text, self._names)
        for_whom = tuple(cut_for_whom(text))
        cheap = not_dear or (not cheaper and cut_cheap(text))
        properties = tuple(cut_colors_and_materials(text, self._columns, self._names))
        sizes = tuple(cut_sizes(text))
        features = self._features(text)
        text.take(_ASIDE)
        return Parsed(
            text=" ".join(self._content(text)),
            price=price,
            brands=brands,
            without_brands=without_brands,
            wants=tuple(dict.fromkeys((*properties, *sizes, *for_whom, *measures))),
            without=without,
            features=features,
            rating_min=rating,
            in_stock=in_stock,
            sort=sort,
            cheaper=cheaper,
            dearer=dearer,
            cheap=cheap,
            drops=drops,
            quantity=quantity,
            refers=refers,
            corrected=corrected,
        )

    def _features(self, text: Cutting) -> tuple[str, ...]:
        """Cut out what the thing is to come with, or to be in one of two ways."""
        either = []
        for match in list(text.cut(_OR_AT_LEAST)):
            either.append(f"{match['a']} or {match['b']}")
            text.text = text.text.replace("¦", f"¦ {match['thing']} ¦", 1)
        return (*either, *(m["a"] for m in text.cut(_FEATURE) if not set(m["a"].split()) <= FILLERS))

    def _content(self, text: Cutting) -> list[str]:
        """The words that name the thing, in their order; "for" between two of them stays."""
        kept: list[str] = []
        for run in text.runs():
            for place, word in enumerate(run):
                if self._names_something(word):
                    if kept and "for" in run[:place] and run[place - 1] in _BEFORE_KIND | {"for"}:
                        kept.append("for")
                    kept.append(word)
        return kept if any(not word.isdigit() for word in kept) else []

    def _names_something(self, word: str) -> bool:
        if word in FILLERS or _SHORTENED.sub("", word) in FILLERS or len(word) >= _LONGEST:
            return False
        return len(word) > 3 or self._speller.knows(word)
