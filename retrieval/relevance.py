"""Which products a text is about: widely, for what may be shown; narrowly, for what a superlative chooses from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from retrieval.columns import Columns
from retrieval.query import CATEGORY
from retrieval.top import best_rows
from retrieval.words import SMALL_WORDS, words

Mask = NDArray[np.bool_]

WIDE, NARROW = 0.65, 0.8
"""Shares of the catalogue's best similarity. Of an electronics shop's laptops ("Notebook" in their titles) the wide one
keeps 0.94 at a precision of 0.49, the narrow one 0.08 at 0.64; a brand's nearest product came to at least 0.83 where it
sells the thing, to at most 0.64 where it does not."""
_NEAREST, _AGREEING = 10, 3

CARRIED = 0.42
"""The best similarity below which a shop has nothing of the kind: for things that two catalogues sell it was 0.48 and
more, for drones in a shop without drones 0.36."""


def named(text: str, columns: Columns) -> Mask:
    """The products whose title and category together say every word of a text."""
    return _named(_spoken(text), columns)


def related(text: str, columns: Columns, similarity: NDArray[np.float32]) -> Mask:
    """The products that have to do with `text`: their title or category says it, or they are near it in meaning."""
    spoken = _spoken(text)
    everything = np.ones(len(columns), bool)
    return everything if not spoken else _named(spoken, columns) | _near(similarity, everything, similarity, WIDE)


def about(text: str, columns: Columns, similarity: NDArray[np.float32], mask: Mask) -> Mask:
    """The products of `mask` that are what `text` names; perhaps none.

    Those whose title or category says every word of it, provided that this is the shop's name for the thing: three of
    the ten nearest by vector must say it too. (Where notebooks are sold, "laptop" is said by bags only.) Otherwise
    those whose vector is nearly as similar as the nearest one of the whole catalogue.
    """
    spoken = _spoken(text)
    if not spoken:
        return mask
    say_it = _named(spoken, columns)
    agreeing = int(np.count_nonzero(say_it[best_rows(similarity, _NEAREST).rows]))
    if agreeing and agreeing >= min(_AGREEING, int(np.count_nonzero(say_it))):
        return say_it & mask
    return _near(similarity, mask, similarity, NARROW)


def nearest_kin(text: str, columns: Columns, similarity: NDArray[np.float32], mask: Mask) -> Mask:
    """As `about`, but where there is none, those of `mask` that come nearest: what a superlative chooses from.

    A ranking alone will not do for that: its tail would be "the cheapest".
    """
    found = about(text, columns, similarity, mask)
    return found if found.any() else _near(similarity, mask, similarity[mask], NARROW)


def _near(similarity: NDArray[np.float32], mask: Mask, among: NDArray[np.float32], share: float) -> Mask:
    best = float(among.max(initial=0.0))
    near: Mask = mask & (similarity >= share * best) if best > 0 else mask
    return near


def _spoken(text: str) -> list[str]:
    return list(dict.fromkeys(word for word in words(text) if word not in SMALL_WORDS))


def _named(spoken: list[str], columns: Columns) -> Mask:
    """The products whose title and category together say every word."""
    say_it = np.ones(len(columns), bool)
    for word in spoken:
        says = columns.mentions.mask(word, title=True)
        says[columns.columns[CATEGORY].containing(word)] = True
        say_it &= says
    return say_it
