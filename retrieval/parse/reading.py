"""A message as the rules read it: contractions written out, number words as digits."""

from __future__ import annotations

import re

_CONTRACTIONS = {
    f"{word[:-1]}t": f"{word[:-1]}'t"
    for word in "dont doesnt isnt arent aint cant wont couldnt shouldnt mustnt havent hasnt didnt wasnt wouldnt".split()
} | {
    "im": "i'm", "ive": "i've", "youve": "you've", "theyre": "they're", "thats": "that's", "whats": "what's",
    "wheres": "where's", "its": "it's", "lets": "let's",
}  # fmt: skip
_SMALL = dict(
    zip("two three four five six seven eight nine ten eleven twelve".split(), range(2, 13), strict=True)
) | {"dozen": 12, "fifteen": 15}  # fmt: skip
_TENS = dict(zip("twenty thirty forty fifty sixty seventy eighty ninety".split(), range(20, 100, 10), strict=True))
_LARGE = {"hundred": 100, "thousand": 1000, "grand": 1000}
_DIGIT = "|".join(("one", *_SMALL))
_CONTRACTION = re.compile(rf"(?<![\w'])(?:{'|'.join(_CONTRACTIONS)})(?![\w'])")
_ROUND = re.compile(
    rf"\b(?:(?P<few>an?|a couple(?: of)?|{_DIGIT}|\d+(?:\.\d+)?)\s+)?(?P<large>{'|'.join(_LARGE)})\b(?!\s*%)"
)
_TEN = re.compile(rf"\b(?P<ten>{'|'.join(_TENS)})(?:[- ](?P<one>{_DIGIT}))?\b")
_COUNTED = (
    r"(?:[- ]?(?:seat|person|people|piece|pc|pack|pair|count|litre|liter|met(?:er|re)|inch|foot|feet|pound|cup|door"
    r"|drawer|shel|bedroom))"
)
_SMALL_NUMBER = "|".join(_SMALL)
_FEW = re.compile(
    rf"\b(?:(?:{_SMALL_NUMBER})(?={_COUNTED}|\s+(?:bucks|dollars|euros|quid|pounds|of\s+(?:them|these|those)|of\s+the))"
    rf"|(?<=\bfor\s)(?:{_SMALL_NUMBER})(?=\s*(?:$|[,.?!]))"
    rf"|(?<=\bof\s)(?:{_SMALL_NUMBER})(?=\s*(?:$|[,.?!]|\s[a-z]))"
    rf"|(?:(?<=need\s)|(?<=want\s)|(?<=take\s)|(?<=get\s)|(?<=buy\s)|(?<=^))"
    rf"(?:a\s+)?(?:{_SMALL_NUMBER})\b(?!\s+(?:of\s+)?(?:or|to)\b))"
)
_DOZEN = re.compile(r"\b(?:a|one)\s+dozen\b")
_HALF = re.compile(r"\bhalf(?: an?| of an?)?[- ](?P<unit>lit(?:er|re)|gallon|met(?:er|re)|inch|pound|kilo)s?\b")
_AGED = re.compile(
    r"\b(?P<who>(?:wo)?men|adults|people|seniors)\s+over\s+(?=[3-8]\d\b)"
    r"|\bages?\s+(?P<up>\d+)\s*(?:and (?:up|over|above)|\+|plus\b)"
    r"|\b(?P<young>kids|children|toddlers|boys|girls|ages?|aged)\s+(?:over|under|above|below)\s+(?=1?\d\b)"
)
"""Ages, which are no prices ("for women over 50")."""


def plain(text: str) -> str:
    """The text (lower case) with contractions written out and number words where they count or cost something."""
    text = _CONTRACTION.sub(lambda m: _CONTRACTIONS[m.group()], text)
    text = _HALF.sub(lambda m: f"0.5 {m['unit']}", text)
    text = _AGED.sub(lambda m: f"aged {m['up']}" if m["up"] else f"{m['who'] or m['young']} aged ", text)
    text = re.sub(r"\b(?:an? )?(tenner|fiver)\b", lambda m: "10 quid" if m[1] == "tenner" else "5 quid", text)
    text = _DOZEN.sub("12", text)
    text = _ROUND.sub(_hundreds, text)
    text = _TEN.sub(lambda m: str(_TENS[m["ten"]] + _ones(m["one"])), text)
    return _FEW.sub(lambda m: str(_ones(m.group().split()[-1])), text)


def _hundreds(match: re.Match[str]) -> str:
    few = (match["few"] or "a").split()
    if few[0] in ("a", "an"):
        count = 2.0 if "couple" in few else 1.0
    else:
        count = float(few[0]) if few[0][0].isdigit() else float(_ones(few[0]))
    return f"{count * _LARGE[match['large']]:g}" if count * _LARGE[match["large"]] < 1e6 else match.group()


def _ones(word: str | None) -> int:
    return 0 if word is None else 1 if word == "one" else _SMALL[word]
