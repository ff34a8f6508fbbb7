"""What a query says must not be there, for plain ranking: "desk chair without wheels" is about chairs, not wheels.

By rules. They only rank: what must never be shown is a constraint (`retrieval.parse`, `retrieval.query.Op.OMITS`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.mentions import Mentions
from retrieval.parse.negation import ENDS
from retrieval.words import words

_NOTHING = r"enough|even|just|much|many|more|so|too|very|yet|all|\d"
"""What "not" and "no" are followed by where they deny nothing: "not enough", "no 5"."""
_DENIAL = rf"(?<![\w-])(?:without|w/o|sans|(?:no|not)(?!\s+(?:{_NOTHING})))\s+(?:any |a |an |the )*"
_WORD = rf"(?!{ENDS}\b)[\w'&+-]+"
_DENIED = re.compile(rf"{_DENIAL}(?P<thing>{_WORD}(?: {_WORD}){{0,2}})", re.I)


@dataclass(frozen=True, slots=True)
class Asked:
    """A query in two: what is looked for, and what it shall be without."""

    text: str
    without: tuple[str, ...] = ()


def read_denials(text: str) -> Asked:
    """The query without what it denies; as it is where it denies nothing, or nothing else is left."""
    without = tuple(" ".join(words(match["thing"])) for match in _DENIED.finditer(text))
    rest = " ".join(_DENIED.sub(" ", text).split())
    return Asked(rest, tuple(filter(None, without))) if without and words(rest) else Asked(text)


def signs_of(
    thing: str, mentions: Mentions, candidates: NDArray[np.integer]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Of each candidate's title: does it keep silent about the thing, and does it say that it is without it?

    float32 ``[candidates]`` of 0 and 1 each. A title that says "without wheels" does not keep silent, it says so.
    """
    head = thing.rsplit(maxsplit=1)[-1]
    forms = (f"without {thing}", f"no {thing}", f"without {head}", f"no {head}", f"{head} free", f"{head}less")
    says_so = np.logical_or.reduce([mentions.mask(form, title=True)[candidates] for form in forms])
    silent = ~mentions.mask(head, title=True)[candidates] | says_so
    return silent.astype(np.float32), says_so.astype(np.float32)
