"""A sign of relevance that no score tells: whether a product is of the brand that the query names.

"fitbit charge 3" asks for what Fitbit makes, before the bands that others make for it and that say its name more often.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from retrieval.rerank_agreement import among
from retrieval.values import Column
from retrieval.words import SMALL_WORDS, words

_LONGEST = 4
"""Words of a brand's name at the most."""
_KNOWN = 2
"""Products that a brand must have: the only product of a brand called "Kitchen" does not make it a name."""


def made_by(text: str, brands: Column, candidates: NDArray[np.integer]) -> list[NDArray[np.float32]]:
    """Of each candidate, 1 where it is of a brand that the text names, else 0; no sign where it names none.

    Args:
        text: a query.
        brands: the catalogue's column of brands.
        candidates: rows to judge.
    """
    spoken = words(text)
    names = (
        " ".join(spoken[start:end])
        for start in range(len(spoken))
        for end in range(start + 1, min(start + _LONGEST, len(spoken)) + 1)
    )
    known = [rows for name in names if name not in SMALL_WORDS and len(rows := brands.having(name)) >= _KNOWN]
    if not known:
        return []
    return [np.logical_or.reduce([among(candidates, rows) for rows in known]).astype(np.float32)]
