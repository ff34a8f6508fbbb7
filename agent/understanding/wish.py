"""From one message to the next search: what is kept of the last one, what is replaced, what is dropped."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import Any

from agent.understanding.state import ChatState
from retrieval.parse.lexicon import COLORS, FOR_WHOM, MATERIALS, OPPOSITES, SIZES
from retrieval.parse.measures import AT_LEAST, AT_MOST, AXES
from retrieval.parse.parser import Parsed
from retrieval.parse.phrases import one_of, phrase
from retrieval.query import Sort
from retrieval.units import KINDS, measure
from retrieval.words import words

Arguments = dict[str, Any]
Counter = Callable[[Arguments, Sequence[str]], int]
"""How many of the products that a search is about have some further properties."""

_ASKS_NEW = phrase("""
    look(?:ing)? for | searching | hunting | shopping for | i need | need (?:a|an|some) | i want | want (?:a|an|some)
    i'd like | do (?:you|u|ya) (?:guys )?(?:have|sell|carry|stock) | have (?:you|u) got | got any | show me | find me
    interested in | buy | purchase
""")
_ARTICLE = re.compile(
    r"^(?:\W|"
    + one_of("and | ok(?:ay)? | so | now | also | then | hm+ | oh | well | actually | what about | how about | shame")
    + r")*\s*(?:a|an|some)\s+(?!bit|little|one\b|[\w-]+ one\b)"
)
_QUALIFIES = re.compile(r"\b(?:i mean|meant|it's|its|it is|they're|this is)?\s*for (?:a|an|my|the)\s+(?P<a>[\w' -]+)")
_ONLY_FOR = re.compile(
    r"^(?:\W|and|ok(?:ay)?|but|so|now|also|something|one|ones|that's)*\s*(?:for|with|without)\s+(?!\d+\s*$)"
)
_BACK = re.compile(r"\b(?:back to|return to|again (?:the|about)|about the)\b")
_OPTIONAL = re.compile(
    r"\b[\w-]+ (?:would|will|is|are) (?:also )?(?:be )?(?:fine|ok|okay|good|alright)(?: too| as well)?\b"
)
_MODEL = re.compile(r"(?<![\w-])(?:[a-z]{1,6}-?\d+[a-z0-9]*|\d+[a-z]{1,3}\d*[a-z0-9]*)(?![\w-])")
"""A name with its number."""
_POINTING = frozenset("""first second third fourth fifth last 1st 2nd 3rd compare back""".split())
_BOUND = re.compile(rf"^(?:{AT_LEAST}|{AT_MOST}) ")
CHEAPER_STEP = 0.01
_ENOUGH = 3
"""So many products that say further words side by side are enough to ask for them so."""


def next_search(parsed: Parsed, state: ChatState, fits: Counter) -> Arguments:
    """The arguments of the search that the message asks for, given what was searched before."""
    content = [w for w in parsed.text.split() if w not in _POINTING]
    previous = state.searches[-1] if state.searches else None
    if previous is not None and _BACK.search(parsed.corrected):
        earlier = _earlier_topic(content, state.searches)
        if earlier is not None:
            return _refined(parsed, [w for w in content if not _shares(w, earlier["query"])], earlier, state, fits)
    if previous is None or not _refines(parsed, content, previous, fits):
        return _fresh(parsed, content, state, fits)
    return _refined(parsed, content, previous, state, fits)


def _refines(parsed: Parsed, content: Sequence[str], previous: Arguments, fits: Counter) -> bool:
    """Does the message go on with the thing that was searched last, or does it name another one?"""
    if not content:
        return True
    if any(_shares(content[-1], word) for word in previous["query"].split()[-1:]):
        return True
    qualifies = _QUALIFIES.search(parsed.corrected)
    if qualifies and content[0] in qualifies["a"] and not _ASKS_NEW.search(parsed.corrected):
        return True
    if _ONLY_FOR.match(parsed.corrected):
        return True
    if _ASKS_NEW.search(parsed.corrected) or _ARTICLE.match(parsed.corrected):
        return parsed.refers and fits(previous, [" ".join(content)]) > 0
    if parsed.refers:
        return True
    return len(content) <= 3 and fits(previous, content) > 0


def _fresh(parsed: Parsed, content: Sequence[str], state: ChatState, fits: Counter) -> Arguments:
    arguments = _with_conditions({"query": " ".join(content)}, parsed, state)
    for whom in [want for want in arguments.get("wants", []) if kind_of(want) == "whom"]:
        if not fits({"query": arguments["query"]}, [whom]):  # a gift for him need not be for men
            arguments["wants"] = [want for want in arguments["wants"] if want != whom]
    _name_models(arguments, fits)
    _add_features(arguments, parsed, fits)
    return arguments


def _name_models(arguments: Arguments, fits: Counter) -> None:
    """A model in the query ("cat6") is a condition where such a product has it and another word is left."""
    named = arguments["query"].split()
    for model in _MODEL.findall(arguments["query"]):
        rest = [word for word in named if word not in model.split()]
        if rest and fits({**arguments, "query": " ".join(rest)}, [model]):
            named = rest
            arguments |= {"query": " ".join(rest), "wants": _joined(arguments.get("wants", []), [model])}


def _add_features(arguments: Arguments, parsed: Parsed, fits: Counter) -> None:
    for feature in parsed.features:
        _narrow(arguments, [feature] if " or " in feature else feature.split(), fits)
    for word in parsed.without:
        wish = OPPOSITES.get(word)
        if wish and fits({**arguments, "without": [w for w in arguments["without"] if w != word]}, [wish]):
            arguments["without"] = [w for w in arguments["without"] if w != word]
            arguments["wants"] = _joined(arguments.get("wants", []), [wish])


def _refined(parsed: Parsed, content: Sequence[str], previous: Arguments, state: ChatState, fits: Counter) -> Arguments:
    arguments = dict(previous)
    for dropped in parsed.drops:
        _drop(arguments, dropped)
    arguments = _with_conditions(arguments, parsed, state)
    optional = _OPTIONAL.search(parsed.corrected)
    new = [w for w in content if not _shares(w, arguments["query"]) and not (optional and w in optional.group())]
    if new:
        _narrow(arguments, new, fits)
    _add_features(arguments, parsed, fits)
    return arguments


def _narrow(arguments: Arguments, new: list[str], fits: Counter) -> None:
    """Further words become conditions where something has them; else they only help the ranking."""
    phrase = " ".join(new)
    together, apart = fits(arguments, [phrase]), fits(arguments, new)
    if together or apart:
        wants = [phrase] if together >= min(_ENOUGH, apart) else new
        arguments["wants"] = [*_without_replaced(arguments.get("wants", []), wants), *wants]
        _set_properties(arguments, Parsed())
        return
    arguments["query"] = f"{arguments['query']} {phrase}".strip()


def _with_conditions(arguments: Arguments, parsed: Parsed, state: ChatState) -> Arguments:
    """The arguments with what the message adds; a new value takes the place of an older one of its kind."""
    _set_price(arguments, parsed)
    _set_brands(arguments, parsed)
    _set_properties(arguments, parsed)
    if parsed.rating_min is not None:
        arguments["rating_min"] = parsed.rating_min
    if parsed.in_stock:
        arguments["in_stock"] = True
    if parsed.sort is not None:
        arguments["sort"] = parsed.sort.value
    elif parsed.dearer or parsed.cheaper:
        arguments.pop("sort", None)
    if parsed.cheap:
        arguments["cheap"] = True
    return {k: v for k, v in _relative(arguments, parsed, state).items() if v not in ([], None)}


def _set_price(arguments: Arguments, parsed: Parsed) -> None:
    """A limit replaces the one of its side; the other side stays, unless the two contradict each other."""
    low, high = parsed.price.low, parsed.price.high
    if low is None and high is None:
        return
    kept_low, kept_high = arguments.get("price_min"), arguments.get("price_max")
    if low is None and kept_low is not None and high is not None and kept_low <= high:
        low = kept_low
    if high is None and kept_high is not None and low is not None and kept_high >= low:
        high = kept_high
    arguments |= {"price_min": low, "price_max": high, "cheap": None}


def _set_brands(arguments: Arguments, parsed: Parsed) -> None:
    if parsed.without_brands:
        arguments["brands"] = []  # "a brand that isn't X" asks for any other
        arguments["without_brands"] = _joined(arguments.get("without_brands", []), parsed.without_brands)
    if parsed.brands:
        arguments["brands"] = list(parsed.brands)
        arguments["without_brands"] = [b for b in arguments.get("without_brands", []) if b not in parsed.brands]


def _set_properties(arguments: Arguments, parsed: Parsed) -> None:
    """What is wanted and what is not: each drives the other out, and a new value an older one of its kind."""
    wants = _without_replaced(arguments.get("wants", []), parsed.wants)
    without = [word for word in arguments.get("without", []) if word not in parsed.wants]
    wants = [want for want in _joined(wants, parsed.wants) if want not in parsed.without]
    opposites = [want for want in wants if want.removesuffix("less") in wants and want.endswith("less")]
    arguments["wants"] = [want for want in wants if want not in opposites]  # "with a stem" ends "stemless"
    arguments["without"] = _joined(without, [*parsed.without, *opposites])


def _without_replaced(wants: Sequence[str], new: Sequence[str]) -> list[str]:
    """The wishes that new ones do not replace. Of two measures of a kind (memory and disk), the one nearer in size."""
    kept = list(wants)
    for want in new:
        kind = kind_of(want)
        old = [w for w in kept if kind != want and kind_of(w) == kind]
        if kind.startswith("measure") and len(old) > 1 and not any(_BOUND.match(w) for w in old):
            old = [min(old, key=lambda w: abs(math.log(_size(w) / _size(want))))]
        kept = [w for w in kept if w not in old]
    return kept


def _size(want: str) -> float:
    found = re.search(r"\d+(?:\.\d+)?", want)
    number = measure(_BOUND.sub("", want.split(" or ", maxsplit=1)[0]).rsplit(" wide", maxsplit=1)[0])
    return max(number.amount if number and number.kind else float(found.group()) if found else 1.0, 1e-9)


def _joined(first: Sequence[str], second: Sequence[str]) -> list[str]:
    return list(dict.fromkeys([*first, *second]))


def _relative(arguments: Arguments, parsed: Parsed, state: ChatState) -> Arguments:
    """A wish for "cheaper" or "fancier" is relative to what was shown last."""
    prices = sorted(p for p in (_price(product) for product in state.listing) if p is not None)
    if not prices:
        if parsed.cheaper:
            arguments["sort"] = Sort.CHEAPEST.value
        return arguments
    middle = prices[len(prices) // 2]
    if parsed.cheaper:
        arguments["price_max"] = round(min(arguments.get("price_max") or middle, middle) - CHEAPER_STEP, 2)
        if (arguments.get("price_min") or 0) > arguments["price_max"]:
            arguments.pop("price_min")
    if parsed.dearer and parsed.price.low is None:
        arguments["price_min"] = round(middle + CHEAPER_STEP, 2)
        if (arguments.get("price_max") or middle) <= middle:
            arguments.pop("price_max", None)
    return arguments


def _drop(arguments: Arguments, dropped: str) -> None:
    if dropped == "price":
        for name in ("price_min", "price_max", "cheap"):
            arguments.pop(name, None)
    elif dropped == "brand":
        arguments.pop("brands", None)
    elif dropped in ("color", "size", "material"):
        arguments["wants"] = [w for w in arguments.get("wants", []) if kind_of(w) != dropped]
    else:
        gone = words(dropped)[:1]
        arguments["brands"] = [b for b in arguments.get("brands", []) if words(b)[:1] != gone]
        arguments["wants"] = [w for w in arguments.get("wants", []) if not gone or gone[0] not in _names_of(w)]
        arguments["query"] = " ".join(w for w in arguments["query"].split() if words(w)[:1] != gone)


def _names_of(want: str) -> set[str]:
    """The words by which a wish can be taken back; "wide" by "width" too."""
    said = set(words(want))
    return said | {AXES[word] for word in said if word in AXES} | {kind_of(want)}


def kind_of(want: str) -> str:
    """What kind of property a wish is of: a new one of the same kind takes its place. Other wishes stand alone."""
    kinds = {kind_of(part) for part in want.split(" or ")} if " or " in want else set()
    if kinds:
        return "color" if "color" in kinds else min(kinds) if len(kinds) == 1 else want
    found = _BOUND.sub("", want).split()
    axis = found.pop() if len(found) > 2 and found[-1] in AXES else ""
    last = found[-1] if found else ""
    if last in COLORS and last not in MATERIALS:
        return "color"
    if last in MATERIALS:
        return "material"
    if want in FOR_WHOM:
        return "whom"
    if found and (found[0] == "size" or want in SIZES):
        return "size"
    number = measure(" ".join(found[-2:]))
    if number is not None and len(found) > 1:
        return f"measure {KINDS[number.kind] or last} {axis}".strip()
    return "measure length" if want.replace(".", "").isdigit() else want


def _shares(word: str, text: str) -> bool:
    return bool(set(words(word)) & set(words(text)))


def _earlier_topic(content: Sequence[str], searches: Sequence[Arguments]) -> Arguments | None:
    for arguments in reversed(searches):
        if any(_shares(word, arguments["query"]) for word in content):
            return arguments
    return None


def _price(product: dict[str, Any]) -> float | None:
    match = re.search(r"\d[\d,]*(?:\.\d+)?", str(product.get("price", "")))
    return float(match.group().replace(",", "")) if match else None
