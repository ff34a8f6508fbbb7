"""Which products a text is about: the set that "cheapest" chooses from and that nearest misses are counted in."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from retrieval.columns import Columns
from retrieval.query import CATEGORY
from retrieval.words import SMALL_WORDS, words

Mask = NDArray[np.bool_]

SIMILAR = 0.8
"""Share of the best similarity that still counts as the same kind of thing. On 17 wishes for kinds and brands of an
electronics shop, brands that sell the kind came to at least 0.83 of the catalogue's best, the others to at most 0.64."""


def about(text: str, columns: Columns, similarity: NDArray[np.float32], mask: Mask) -> Mask:
    """The products of `mask` that `text` is about; perhaps none.

    Those whose title or category says every word of it. Where there is none (the shop calls it otherwise), those whose
    vector is nearly as similar as the nearest one of the whole catalogue.
    """
    spoken = [word for word in words(text) if word not in SMALL_WORDS]
    if not spoken:
        return mask
    named = mask.copy()
    for word in dict.fromkeys(spoken):
        named &= _named(word, columns)
    return named if named.any() else _near(similarity, mask, similarity)


def nearest_kin(text: str, columns: Columns, similarity: NDArray[np.float32], mask: Mask) -> Mask:
    """As `about`, but where there is none, those of `mask` that come nearest: what a superlative chooses from.

    A ranking alone will not do for that: its tail would be "the cheapest".
    """
    found = about(text, columns, similarity, mask)
    return found if found.any() else _near(similarity, mask, similarity[mask])


def _near(similarity: NDArray[np.float32], mask: Mask, among: NDArray[np.float32]) -> Mask:
    best = float(among.max(initial=0.0))
    near: Mask = mask & (similarity >= SIMILAR * best) if best > 0 else mask
    return near


def _named(word: str, columns: Columns) -> Mask:
    mask = columns.mentions.mask(word, title=True)
    category = columns.columns[CATEGORY]
    mask[category.containing(word)] = True
    return mask
