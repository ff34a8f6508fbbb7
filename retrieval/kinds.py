"""What a catalogue calls a thing: the phrases of its titles that mean what a shopper says ("usb stick": flash drive).

Titles repeat the name of their kind, so each phrase that several titles share stands for the products whose titles hold
it. A shopper's word means the phrases that lie near it twice: by the phrase itself, and by the mean of its products.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from copy import copy
from functools import cached_property, lru_cache
from itertools import takewhile

import numpy as np
from numpy.typing import NDArray

from retrieval.columns import Columns
from retrieval.encoder import TextEncoder
from retrieval.parse.lexicon import COLORS, FILLERS
from retrieval.query import BRAND, CATEGORY, TITLE, Constraint, Op
from retrieval.relevance import NARROW, named
from retrieval.top import best_rows
from retrieval.vectors import DenseIndex
from retrieval.words import SMALL_WORDS, words

Mask = NDArray[np.bool_]
Vectors = NDArray[np.float32]

_SHARED = 5
"""Titles that must share a phrase before it can name a kind."""
_LONGEST = 3
_MOST_TITLES = 50_000
"""Titles that are read for phrases; larger catalogues repeat themselves."""
_TRIED = 10
"""Phrases nearest by their products that are compared as phrases too."""
_ALIKE, _TOGETHER, _SLACK, _WIDE_SLACK = 0.5, 0.97, 0.08, 0.2
"""How near a phrase must be by itself, how near in the sum of both, and how far behind the best one it may be to be one
of the nearest names, or a likely one."""
SURE, LIKELY, OTHER = 0, 1, 2
_SAME = 0.7, 0.06
"""How near another phrase must be to the shop's own word for a thing, and how far its products may lie behind."""
_ABOUT = 0.1
"""How far the products of a subject's word may lie behind the nearest phrase's for the subject to be about them."""
_MOSTLY = 0.85
"""A phrase of which more titles than this share are of belongings is no name of the thing."""
_NEAREST, _AGREEING = 10, 3


class Kinds:
    """The phrases of a catalogue's titles, as names of kinds."""

    def __init__(self, columns: Columns, dense: DenseIndex, encoder: TextEncoder) -> None:
        """`dense`: row i is the vector of the product ``columns.ids[i]``."""
        self._columns, self._dense, self._encoder = columns, dense, encoder
        self._belonging = np.zeros(0)
        """Of each phrase, the share of its titles that are of belongings."""
        self._named = lru_cache(maxsize=512)(self._names_of)

    def over(self, columns: Columns, dense: DenseIndex) -> Kinds:
        """The same phrases over a catalogue that has changed a little."""
        new = copy(self)
        new._columns, new._dense = columns, dense
        new._named = lru_cache(maxsize=512)(new._names_of)
        return new

    def names(self, subject: str) -> tuple[str, ...]:
        """What titles call the thing: the subject itself where it is the shop's own word, else what means the same.

        Empty where no phrase comes near it.
        """
        return tuple(name for name, near in self._named(" ".join(words(subject))) if near)

    def renames(self, subject: str) -> bool:
        """Does the shop call the thing by other names than this one?"""
        names = self.names(subject)
        return bool(names) and names != (" ".join(words(subject)),)

    def is_plain(self, subject: str) -> bool:
        """Is the thing called by one word, the shop's own, or after one of its categories?"""
        name = " ".join(words(subject))
        return self.names(subject) == (name,) and (" " not in name or self._is_category(name))

    def near(self, subject: str) -> Mask:
        """The products that are nearly as near to the subject in meaning as the nearest one."""
        similarity = self._dense.similarity(self._encoder.encode([subject])[0])
        return similarity >= NARROW * float(similarity.max(initial=0.0))

    def _is_category(self, name: str) -> bool:
        return len(self._columns.columns[CATEGORY].having(name)) >= _SHARED

    def grades(self, subject: str) -> NDArray[np.int8] | None:
        """How surely each product is the thing: `SURE` (title or category say a name), `LIKELY`, `OTHER`.

        None where the shop has no name for it, or too few products that have it to go by.
        """
        names = self.names(subject)
        if not names:
            return None
        sure = self._columns.mask((Constraint(TITLE, Op.MENTIONS, names),)).copy()
        for name in names:
            sure[self._columns.columns[CATEGORY].having(name)] = True
        likely = sure | self._columns.mask((Constraint(TITLE, Op.MENTIONS, self._likely(" ".join(words(subject)))),))
        if not self.renames(subject) and not self.is_plain(subject):  # all its words, in whatever order
            said = [self._columns.mentions.mask(w, title=True) for w in words(subject) if w not in SMALL_WORDS]
            likely = likely | np.logical_and.reduce(said)
        if np.count_nonzero(likely) < _SHARED:
            return None
        return np.where(sure, SURE, np.where(likely, LIKELY, OTHER)).astype(np.int8)

    def _likely(self, subject: str) -> tuple[str, ...]:
        return tuple(name for name, _ in self._named(subject))

    def _names_of(self, subject: str) -> tuple[tuple[str, bool], ...]:
        """What it is called, each name with whether it is one of the nearest."""
        if not subject:
            return ()
        vector = self._encoder.encode([subject])[0]
        say_it = named(subject, self._columns)
        agreeing = int(np.count_nonzero(say_it[best_rows(self._dense.similarity(vector), _NEAREST).rows]))
        if agreeing and agreeing >= min(_AGREEING, int(np.count_nonzero(say_it))):
            return ((subject, True), *((name, False) for name in self._same_as(subject, vector)))
        phrases, centres = self._phrases
        if not phrases:
            return ()
        by_products = (centres @ vector) / self._coherence
        near = [int(i) for i in np.argsort(-by_products)[: 3 * _TRIED] if not _drops_the_head(phrases[i], subject)][
            :_TRIED
        ]
        # Where notebooks are sold, titles that say "laptop" are of bags: another phrase's products come nearer.
        near = [i for i in near if phrases[i] != subject or by_products[i] >= float(by_products.max())]
        head = self._head(subject, by_products)
        near = [
            i
            for i in near
            if not head or head in phrases[i].split() or not set(phrases[i].split()) & set(subject.split())
        ]
        if not _BELONGINGS & set(subject.split()):  # what is only called after its belongings is not sold itself
            near = [i for i in near if self._belonging[i] <= _MOSTLY]
        by_phrase = {i: float(self._encoder.encode([phrases[i]])[0] @ vector) for i in near}
        scores = {i: by_phrase[i] + float(by_products[i]) for i in near if by_phrase[i] >= _ALIKE}
        best = max(scores.values(), default=0.0)
        if best < _TOGETHER:
            return ()
        ranked = sorted(scores.items(), key=lambda item: -item[1])
        return tuple((phrases[i], best - score <= _SLACK) for i, score in ranked if best - score <= _WIDE_SLACK)

    def _same_as(self, subject: str, vector: NDArray[np.float32]) -> list[str]:
        """Other words of the shop for what it calls by this name too ("headset" beside "headphones")."""
        phrases, centres = self._phrases
        if subject not in phrases:
            return []
        by_products = (centres @ vector) / self._coherence
        least = float(by_products[phrases.index(subject)]) - _SAME[1]
        near = [int(i) for i in np.argsort(-by_products)[: 3 * _TRIED] if by_products[i] >= least]
        others = [i for i in near if not set(phrases[i].split()) & set(subject.split())][:_TRIED]
        return [phrases[i] for i in others if float(self._encoder.encode([phrases[i]])[0] @ vector) >= _SAME[0]]

    def _head(self, subject: str, by_products: NDArray[np.float32]) -> str:
        """The word of a longer subject that is a kind by itself and that its products are about; else nothing."""
        phrases, _ = self._phrases
        spoken = subject.split()
        places = {phrase: i for i, phrase in enumerate(phrases) if phrase in spoken} if len(spoken) > 1 else {}
        about = {w: i for w, i in places.items() if by_products[i] >= float(by_products.max()) - _ABOUT}
        return max(about, key=lambda w: self._coherence[about[w]], default="")

    @cached_property
    def _coherence(self) -> NDArray[np.float32]:
        """How much alike the products of each phrase are: the length of their mean."""
        lengths: NDArray[np.float32] = np.maximum(np.linalg.norm(self._phrases[1], axis=1), 1e-9)
        return lengths

    @cached_property
    def _phrases(self) -> tuple[list[str], Vectors]:
        """Every shared phrase with its products' mean."""
        brands = {word for name in self._columns.columns[BRAND].keys for word in name.split()}
        left_out = brands | COLORS
        titles = self._columns.mentions.titles(_MOST_TITLES)
        rows_of: dict[str, list[int]] = {}
        belongs = np.zeros(len(titles), bool)
        for row, title in enumerate(titles):
            usable = [len(w) > 1 and w.isalpha() and w not in left_out for w in title]
            said = {
                " ".join(title[i : i + n])
                for n in range(1, _LONGEST + 1)
                for i in range(len(title) - n + 1)
                if all(usable[i : i + n]) and not {title[i], title[i + n - 1]} & _NO_ENDS
            }
            belongs[row] = bool(_BELONGINGS & set(takewhile(lambda w: w not in ("with", "and"), title)))
            for phrase in said:
                rows_of.setdefault(phrase, []).append(row)
        shared = [phrase for phrase, rows in rows_of.items() if len(rows) >= _SHARED]
        vectors = self._dense.matrix
        centres = np.array([vectors[rows_of[phrase]].mean(axis=0) for phrase in shared], np.float32)
        self._belonging = np.array([belongs[rows_of[phrase]].mean() for phrase in shared])
        return shared, centres.reshape(len(shared), vectors.shape[1])


def belongs_to_it(title: str, names: Iterable[str]) -> bool:
    """Is it something for the thing rather than the thing ("camcorder battery")? `names`: what the thing is called."""
    own = {word for name in names for word in words(name)}
    head = words(_HEAD_ENDS.split(title, maxsplit=1)[0])
    return any(
        word in _BELONGINGS and word not in own and after != "up"
        for word, after in zip(head, (*head[1:], ""), strict=False)  # a title such as "(Renewed) AirPods" has no head
    )


_BELONGINGS = frozenset(
    """battery charger adapter adaptor cable cord kit case bag sleeve cover pouch holder stand mount
    bracket protector film filter refill replacement part cartridge enclosure caddy tray pad sticker
    decal cleaner stylus accessory attachment hose nozzle cradle carrier wallet skin rack box lamp
    bulb tape ribbon toner""".split()
)
"""What goes with other things, as the catalogue's words are read (singular)."""
_HEAD_ENDS = re.compile(r"\bwith\b|\bw/|\bincl|\band\b|[,(;|+]", re.I)
_NO_ENDS = FILLERS | SMALL_WORDS


def _drops_the_head(phrase: str, subject: str) -> bool:
    """Is it only the beginning of the subject? "usb" is no name for a "usb stick"."""
    short, whole = phrase.split(), subject.split()
    return len(short) < len(whole) and set(short) <= set(whole) and whole[-1] not in short
