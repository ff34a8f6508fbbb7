"""One message into wishes: limits, brands, properties, exclusions, order, and the words that name the thing."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from retrieval.columns import Columns
from retrieval.parse.amounts import PriceWish, cut_price
from retrieval.parse.brands import Brands
from retrieval.parse.cutting import Cutting
from retrieval.parse.lexicon import COLORS, FILLERS, FOR_WHOM, LANGUAGE, MATERIALS, PRONOUNS
from retrieval.parse.properties import cut_for_whom, cut_measures, cut_properties
from retrieval.parse.spelling import Speller
from retrieval.query import Sort

_SORTS = (
    (
        re.compile(r"\b(?:the )?(?:cheapest|least expensive|lowest[- ]priced?|lowest price|most affordable|cheepest|best price)\b"),
        Sort.CHEAPEST,
    ),
    (
        re.compile(r"\b(?:the )?(?:most expensive|priciest|dearest|highest[- ]priced?|highest price|most costly|fanciest|most luxurious)\b"),
        Sort.MOST_EXPENSIVE,
    ),
    (
        re.compile(r"\b(?:the )?(?:best|top|highest|better)[- ]?(?:rated|reviewed|reviews|ratings?|rating)\b|\bbest reviews?\b|\bmost popular\b"),
        Sort.BEST_RATED,
    ),
)  # fmt: skip
_CHEAPER = re.compile(
    r"\b(?:(?:a bit |even |much |something |anything |any )*(?:cheaper|less expensive|more affordable|lower priced?|less pricey|not so expensive|too expensive|too pricey|too much money|too dear))\b"
)
_DEARER = re.compile(
    r"\b(?:something |anything |a bit )*(?:more expensive|pricier|fancier|more premium|higher end|more upmarket|dearer)\b"
)
_CHEAP = re.compile(
    r"\b(?:cheap|cheapish|inexpensive|affordable|budget|low[- ]cost|not (?:too |very )?expensive|doesn't cost much|good value)\b"
)
_RATING = re.compile(
    r"(?:(?:rated|rating(?: of)?|with|at least|minimum|over|above)\s+)*(?P<a>[1-5](?:\.\d)?)\s*(?:\+|plus|or (?:more|better|higher|above)|and (?:up|above))?\s*(?:-| )?(?:stars?|star rating|rating)\b(?:\s*(?:or (?:more|better|higher|above)|and (?:up|above)|plus|\+))?"
)
_STOCK = re.compile(
    r"\b(?:only )?(?:that are |that is |which are |currently )?(?:in[- ]stock|available (?:right )?now|on hand|ready to ship)\b"
)
_DROPS = (
    ("brand", re.compile(r"\b(?:forget (?:about )?(?:the )?brand|any brand|whatever brand|brand (?:doesn't|does not|dont) matter|no matter (?:which|what) brand|(?:from )?any (?:maker|make)|never ?mind the brand|drop the brand|all brands)\b")),
    ("price", re.compile(r"\b(?:forget (?:about )?(?:the )?(?:price|budget)|any price|(?:the )?(?:price|money|budget) (?:doesn't|does not|isn't|is not|dont|is no) (?:matter|important|object|an issue|a problem)|no matter (?:the|what) (?:price|cost)|no (?:budget|price limit|limit)|whatever (?:the )?(?:price|cost)|price is no object|drop the (?:price|budget)(?: limit)?)\b")),
    ("wants", re.compile(r"\b(?:any (?:colou?r|size|material|shape|style)(?: is fine| will do| works)?|colou?r (?:doesn't|does not|dont) matter|forget (?:about )?the (?:colou?r|size|material)|whatever (?:colou?r|size)|in any colou?r)\b")),
)  # fmt: skip
_FORGET = re.compile(
    r"\b(?:forget (?:about )?(?:the )?|drop the |never ?mind the |doesn't (?:need|have) to be |don't need (?:the |it )?|no need for |scrap the )(?P<a>[\w.'-]+(?: [\w.'-]+)?)"
)
_NOT_BRAND = re.compile(r"\b(?:a )?brand that (?:isn't|is not|ain't)\s+(?P<a>[\w&.'-]+)")
_NEGATED = re.compile(
    r"\b(?:but not|not|without|no|non|except(?: for)?|excluding|other than|anything but|isn't|is not|aren't|ain't|"
    r"(?:i )?(?:don't|do not|dont) (?:want|like|need)|i hate|hate|avoid|free of|minus|rather not|nothing)"
    r"\s+(?:any |the |a |an |from |by |made of |with |in (?=the |a |any )|on |too )*(?P<a>[a-z][\w'&+-]*(?:[ -](?!(?:and|or|but|please|under|over|with|for|in|they|it|i|type|types|kind|ones?|stuff|because|as|if|to|that|which|them|either)\b)[a-z][\w'&+-]*)?)"
    r"(?:\s+(?:types?|kinds?|ones?|stuff))?"
)  # fmt: skip
_FREE = re.compile(r"\b(?P<a>[a-z]+)[- ]free\b")
_NOT_NEGATED = frozenset(
    """sure idea problem worries thanks matter need really bad much more less too so very sorry thank just only i
    me my it to if one that""".split()
)


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
        return Parsed(
            text=" ".join(self._content(text)),
            price=price,
            brands=brands,
            without_brands=without_brands,
            wants=tuple(dict.fromkeys((*properties, *for_whom, *measures))),
            without=without,
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
        found = [m["a"] for m in (*_matches(text, _NEGATED), *text.cut(_FREE))]
        for phrase in found:
            for part in re.split(r"\s+(?:or|and|nor)\s+", phrase):
                if self._brands.knows(part):
                    brands.append(part)
                elif part.split()[0] not in _NOT_NEGATED:
                    words.append(part)
        return tuple(brands), tuple(words)

    def _content(self, text: Cutting) -> Iterator[str]:
        """The words that name the thing, in their order."""
        for run in text.runs():
            yield from (word for word in run if word not in FILLERS and len(word) < 40)


def _matches(text: Cutting, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """Cut negations out, except those that negate nothing a product could have ("no problem")."""
    kept = []
    for match in text.cut(pattern):
        if match["a"].split()[0] in _NOT_NEGATED:
            kept.append(match.group())
        else:
            yield match
    text.text += "".join(f" {phrase}" for phrase in kept if phrase.split()[0] in ("nothing",))


def is_property(word: str) -> bool:
    """Is it a colour or a material, which describe a thing and do not name it?"""
    return word in COLORS or word in MATERIALS
