"""What a product must not be or have: "not leather", "no hp or dell", "without a straw", "sugar-free"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from retrieval.parse.brands import Brands
from retrieval.parse.cutting import Cutting
from retrieval.parse.lexicon import COLORS, MATERIALS
from retrieval.parse.names import Names
from retrieval.parse.phrases import one_of

_NOT_BRAND = re.compile(r"\b(?:a )?brands? that (?:isn't|is not|ain't|aren't)\s+(?P<a>[\w&.'-]+)")
_HUE = "|".join(sorted(COLORS | MATERIALS))
_NOT = one_of("""
    but not | not | without(?: any)? | no | non | w/o | sans | except(?: for)? | excluding | other than | anything but
    rather not | nothing | isn't | is not | aren't | ain't | lacking | free (?:of|from) | minus | never | avoid
    i hate | hate
    (?:i |we )?(?:don't|do not) (?:want|like|need)(?: to have)?
    (?:must|should|may|can)(?: not|n't) (?:have|contain|be)
    allergic to | (?:i )?(?:can't|cannot) (?:have|wear|eat|stand|use) | doesn't (?:have|contain|come with|use)
    don't (?:have|contain)
""")
ENDS = one_of("""
    and | or | but | please | pls | under | over | with | for | in | they | it | i | types? | kind | ones?
    stuff | because
    as | if | to | that | which | them | either | max | less | below | above | nor | at | from | by | up | thanks | then
    instead | rather | no | not | around | sizes? | about | only
""")
_LINKS = (
    r"(?:any |the |a |an |from |by |made of |made from |with |on |too |so |of |real "
    rf"|in (?=the |a |any |(?:{_HUE})\b))*"
)
_WORD = r"[a-z][\w'&+-]*"
_NAMED = rf"(?:(?:{_HUE})\b|{_WORD}(?:[ -](?!{ENDS}\b){_WORD})?)"
_FIRST = rf"(?!(?!(?:in|on|over)[ -](?:the[ -])?ear\b){ENDS}\b)"  # no end: "in ear"
_NEGATED = re.compile(
    rf"(?<![\w-]){_NOT}\s+{_LINKS}(?P<a>{_FIRST}{_NAMED}"
    rf"(?:\s*(?:,?\s+or|,?\s+nor|/)\s+{_LINKS}{_FIRST}{_NAMED})*)(?:\s+(?:types?|kinds?|ones?|stuff))?"
)
_PREFIXED = re.compile(r"(?<![\w-])non[- ](?P<a>[a-z]{3,})\b")
_FREE = re.compile(r"\b(?P<a>[a-z]+)[- ]free\b(?! (?:shipping|delivery|returns?))")
_OR = re.compile(r"\s*(?:,?\s+or|,?\s+nor|/)\s+")
_LINK = re.compile(rf"^{_LINKS}")
_NOT_NEGATED = frozenset(
    """sure idea problem problems worries thanks matter need really bad much more less too so very sorry thank just
    only i me my it to if one that yet anymore now later limit limits preference rush hurry clue mind other others
    better worse good enough longer bigger smaller""".split()
)
"""Words after "not" or "no" that name nothing a product could have ("no problem")."""


def cut_negations(text: Cutting, brands: Brands, names: Names) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Cut out what must not be: brands, and words."""
    unwanted_brands = [match["a"] for match in text.cut(_NOT_BRAND)]
    unwanted = []
    text.text = _PREFIXED.sub(
        lambda m: f"non-{m['a']}" if names.is_name(f"non {m['a']}") else f"no {m['a']}", text.text
    )
    for match in (*text.cut(_NEGATED), *text.cut(_FREE)):
        for part in _parts(match["a"]):
            if brands.knows(part):
                unwanted_brands.append(part)
            elif brands.knows(part.split()[0]) and len(part.split()) > 1:  # "no hp printers": the thing stays wanted
                unwanted_brands.append(part.split()[0])
                text.text += f" {part.split(maxsplit=1)[1]}"
            elif part.split()[0] not in _NOT_NEGATED:
                unwanted.append(part)
    return tuple(dict.fromkeys(unwanted_brands)), tuple(dict.fromkeys(unwanted))


def _parts(said: str) -> Iterator[str]:
    for part in _OR.split(said):
        yield _LINK.sub("", part).strip()
