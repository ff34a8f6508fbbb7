"""One message into wishes: limits, brands, properties, exclusions, order, and the words that name the thing."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from retrieval.columns import Columns
from retrieval.parse.amounts import PriceWish, cut_price
from retrieval.parse.brands import Brands
from retrieval.parse.cutting import Cutting
from retrieval.parse.lexicon import DIMENSIONS, FILLERS, FOR_WHOM, LANGUAGE, PRONOUNS
from retrieval.parse.phrases import one_of, phrase
from retrieval.parse.properties import cut_for_whom, cut_measures, cut_properties
from retrieval.parse.spelling import Speller
from retrieval.query import Sort

_SORTS = (
    (
        phrase("""(?:the )?(?:cheapest|least expensive|lowest[- ]priced?|lowest price|most affordable|best price)"""),
        Sort.CHEAPEST,
    ),
    (
        phrase("""
            (?:the )?(?:most expensive|priciest|dearest|highest[- ]priced?|highest price|most costly)
            (?:the )?(?:fanciest|most luxurious)
        """),
        Sort.MOST_EXPENSIVE,
    ),
    (
        phrase("""
            (?:the )?(?:best|top|highest|better)[- ]?(?:rated|reviewed|reviews?|ratings?) | most popular
        """),
        Sort.BEST_RATED,
    ),
)
_CHEAPER = phrase("""
    (?:(?:a bit|even|much|something|anything|any) )*(?:cheaper|less expensive|more affordable|lower priced?|less pricey)
    not so expensive | too expensive | too pricey | too much money | too dear
""")
_DEARER = phrase("""
    (?:(?:a bit|something|anything) )*(?:more expensive|pricier|fancier|more premium|higher end|more upmarket|dearer)
""")
_CHEAP = phrase("""
    cheap | cheapish | inexpensive | affordable | budget | low[- ]cost | not (?:too |very )?expensive | good value
    doesn't cost much
""")
_BETTER = r"(?:more|better|higher|above)"
_RATING = re.compile(
    rf"(?:(?:rated|rating(?: of)?|with|at least|minimum|over|above)\s+)*(?P<a>[1-5](?:\.\d)?)"
    rf"\s*(?:\+|plus|or {_BETTER}|and (?:up|above))?\s*(?:-| )?(?:stars?|star rating|rating)\b"
    rf"(?:\s*(?:or {_BETTER}|and (?:up|above)|plus|\+))?"
)
_STOCK = phrase("""
    (?:only )?(?:(?:that|which) (?:are|is) |currently )?(?:in[- ]stock|available (?:right )?now|on hand|ready to ship)
""")
_NO_MATTER = r"(?:doesn't|does not|dont|don't|isn't|is not) (?:matter|important|an issue|a problem)"
_DROPS = (
    (
        "brand",
        phrase(rf"""
            forget (?:about )?(?:the )?brand | (?:any|whatever|all) brands? | brand {_NO_MATTER}
            no matter (?:which|what) brand | (?:from )?any (?:maker|make) | never ?mind the brand | drop the brand
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
    (
        "wants",
        phrase(rf"""
            (?:in )?(?:any|whatever) (?:colou?r|size|material|shape|style)(?: is fine| will do| works)?
            (?:colou?r|size) {_NO_MATTER} | forget (?:about )?the (?:colou?r|size|material)
        """),
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
_NOT_BRAND = re.compile(r"\b(?:a )?brand that (?:isn't|is not|ain't)\s+(?P<a>[\w&.'-]+)")
_NOT = one_of("""
    but not | not | without | no | non | except(?: for)? | excluding | other than | anything but | rather not | nothing
    isn't | is not | aren't | ain't | (?:i )?(?:don't|do not|dont) (?:want|like|need) | i hate | hate | avoid | free of
    minus
""")
_ENDS = one_of("""
    and | or | but | please | under | over | with | for | in | they | it | i | types? | kind | ones? | stuff | because
    as | if | to | that | which | them | either
""")
_NEGATED = re.compile(
    rf"\b{_NOT}\s+(?:any |the |a |an |from |by |made of |with |in (?=the |a |any )|on |too )*"
    rf"(?P<a>[a-z][\w'&+-]*(?:[ -](?!{_ENDS}\b)[a-z][\w'&+-]*)?)(?:\s+(?:types?|kinds?|ones?|stuff))?"
)
_FEATURE = re.compile(
    r"(?:\b(?:with|plus|including|featuring|(?:that )?has)|¦\s+and(?= an? ))\s+(?:(?:an?|the|some|any|built[- ]in)\s+)*"
    rf"(?P<a>(?!{_ENDS}\b)[a-z][\w-]*(?:\s+(?!{_ENDS}\b)[a-z][\w-]*)?)"
)
_ASIDE = re.compile(r"(?:\bbecause\b|(?<=\w),\s*(?:they|it|he|she)\b)[^,.;!?¦]*")
"""A reason or a remark after the wish ("…, they hurt")."""
_FREE = re.compile(r"\b(?P<a>[a-z]+)[- ]free\b")
_LONGEST = 40
_BEFORE_KIND = frozenset("a an the my our his her their".split())
_NOT_NEGATED = frozenset(
    """sure idea problem worries thanks matter need really bad much more less too so very sorry thank just only i me my
    it to if one that""".split()
)
"""Words after "not" or "no" that name nothing a product could have ("no problem")."""


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
    """Conditions that hold no more: ``brand``, ``price``, ``wants``, or the very word to forget."""
    refers: bool = False
    """The message speaks of the thing by a pronoun ("ones", "it"), so the thing stays."""
    corrected: str = ""
    """The message as it was read, spelling put right."""

    @property
    def conditions(self) -> bool:
        """Does it state any condition at all?"""
        return bool(
            self.price or self.brands or self.without_brands or self.wants or self.without or self.rating_min
            or self.in_stock or self.sort or self.cheaper or self.dearer or self.cheap or self.drops
        )  # fmt: skip


class Parser:
    """Reads messages against one catalogue's vocabulary."""

    def __init__(self, columns: Columns, dictionary: Collection[str] = ()) -> None:
        """`dictionary`: words of the language, which are no misspellings of the catalogue's."""
        self._columns = columns
        self._brands = Brands(columns)
        self._speller = Speller(columns.mentions.frequencies(), LANGUAGE | frozenset(FOR_WHOM), dictionary)

    def parse(self, message: str, *, had_price: bool = False) -> Parsed:
        """What the message wishes.

        Args:
            message: free text.
            had_price: a price limit holds already, so that a bare number may replace it.
        """
        corrected = self._speller.correct(Cutting(message[:2000]).text)
        text = Cutting(corrected)
        refers = any(word in PRONOUNS for word in re.findall(r"[a-z]+", text.text))
        drops = tuple(name for name, pattern in _DROPS if text.take(pattern))
        drops += tuple(m["a"] for m in text.cut(_FORGET))
        rating = next((float(m["a"]) for m in text.cut(_RATING, most=1)), None)
        sort = next((order for pattern, order in _SORTS if text.take(pattern)), None)
        cheaper, dearer = text.take(_CHEAPER), text.take(_DEARER)
        price = cut_price(text, had_price=had_price)
        in_stock = text.take(_STOCK)
        without_brands, without = self._negations(text)
        measures = tuple(cut_measures(text))
        brands = tuple(self._brands.cut(text))
        for_whom = tuple(cut_for_whom(text))
        cheap = not cheaper and text.take(_CHEAP)
        properties = tuple(cut_properties(text, self._columns))
        features = tuple(m["a"] for m in text.cut(_FEATURE) if not set(m["a"].split()) <= FILLERS)
        text.take(_ASIDE)
        return Parsed(
            text=" ".join(self._content(text, measured=bool(measures))),
            price=price,
            brands=brands,
            without_brands=without_brands,
            wants=tuple(dict.fromkeys((*properties, *for_whom, *measures))),
            without=without,
            features=features,
            rating_min=rating,
            in_stock=in_stock,
            sort=sort,
            cheaper=cheaper,
            dearer=dearer,
            cheap=cheap,
            drops=drops,
            refers=refers,
            corrected=corrected,
        )

    def _negations(self, text: Cutting) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What must not be: brands, and words."""
        brands, words = [], []
        for match in text.cut(_NOT_BRAND):
            brands.append(match["a"])
        for match in (*text.cut(_NEGATED), *text.cut(_FREE)):
            for part in re.split(r"\s+(?:or|and|nor)\s+", match["a"]):
                if self._brands.knows(part):
                    brands.append(part)
                elif part.split()[0] not in _NOT_NEGATED:
                    words.append(part)
        return tuple(brands), tuple(words)

    def _content(self, text: Cutting, *, measured: bool) -> list[str]:
        """The words that name the thing, in their order; "for" between two of them stays."""
        kept: list[str] = []
        for run in text.runs():
            for place, word in enumerate(run):
                names = word not in FILLERS and len(word) < _LONGEST and (len(word) > 3 or self._speller.knows(word))
                if names and not (measured and word in DIMENSIONS):
                    if kept and "for" in run[:place] and run[place - 1] in _BEFORE_KIND | {"for"}:
                        kept.append("for")
                    kept.append(word)
        return kept if any(not word.isdigit() for word in kept) else []
