"""Which products a text is about: the set that "cheapest" chooses from and that nearest misses are counted in."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from retrieval.columns import Columns
from retrieval.query import CATEGORY
from retrieval.words import SMALL_WORDS, words

Mask = NDArray[np.bool_]

SIMILAR = 0.8
"""Share of the best similarity that still counts as the same kind of thing."""


def about(text: str, columns: Columns, similarity: NDArray[np.float32], mask: Mask) -> Mask:
    """The products of `mask` that `text` is about.

    Those whose title or category says every word of it. Where there is none (the shop calls it otherwise), those whose
    vector is nearly as similar as the nearest one. A ranking alone will not do: its tail would be "cheapest".
    """
    spoken = [word for word in words(text) if word not in SMALL_WORDS]
    if not spoken:
        return mask
    named = mask.copy()
    for word in dict.fromkeys(spoken):
        named &= _named(word, columns)
    if named.any() or not mask.any():
        return named
    best = float(similarity[mask].max())
    near: Mask = mask & (similarity >= SIMILAR * best)
    return near if best > 0 else mask


def _named(word: str, columns: Columns) -> Mask:
    mask = columns.mentions.mask(word, title=True)
    category = columns.columns[CATEGORY]
    mask[category.containing(word)] = True
    return mask
