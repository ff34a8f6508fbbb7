"""The encoder policy's decision: one message and the chat's state into a call or a line to say.

A stand-in for a language model and the fallback for one: an intent classifier, and rules in the order in
which they are written here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from agent.understanding.intents import Intent, IntentClassifier
from agent.understanding.pointing import named, pointed, points_at_it, points_at_them, points_beyond
from agent.understanding.state import ChatState
from agent.understanding.wish import Arguments, next_search
from retrieval.parse.lexicon import COLORS, FOR_WHOM, MATERIALS, subject_of
from retrieval.parse.parser import Parsed
from retrieval.parse.phrases import one_of, phrase

_ORDER_NUMBER = re.compile(r"(?<![\w.$€£])#?\s?(?:[A-Za-z]{1,3}-?\d{4,12}|\d{5,15})\b")
_LATEST = re.compile(r"\b(?:last|latest|newest|most recent|recent)\b.{0,12}\b(?:order|purchase|one)\b")
_COMPARES = phrase("""
    compared? | comparison | difference | differ | versus | vs\\.? | side by side | stack up
    or the (?:first|second|third|other)
""")
_WHICH = phrase(r"""
    which (?:one )?(?:of (?:them|those|these|the two|those two|these two) )?(?:is|has|would be)
""")
_QUESTION = re.compile(
    r"^(?:\W|and|but|ok(?:ay)?|so|hm+|oh|also|great|nice)*\s*"
    + one_of("""
        does | do | is | are | can | could | will | would | has | have | how | what | what's | whats | which | when
        where | any
    """)
    + r"\b"
)
_OF_SHOP = phrase(r"""
    (?:you|u|ya|there)\b.{0,12}\b(?:have|got|sell|carry|any|ones?) | is there | are there | any
""")
_LIKES = phrase(r"""
    (?:i|we)(?:'m| am| really| usually| only| always)* (?:like|love|prefer|adore|into|a fan of|wear|buy)
    my favou?rite
""")
_DISLIKES = phrase(r"""
    (?:i|we)(?: really)* (?:(?:don't|do not|dont) (?:like|love|wear|enjoy)|can't stand|cannot stand|hate|dislike)
    (?:i'm|im|i am|we're) (?:allergic to|vegan) | never show | stop showing
""")
_GOES_WITH = phrase("""
    go(?:es)?(?: (?:well|nicely|together))? with | match(?:es)? (?:it|that|this|the) | pairs? with
""")
_SEVERAL = phrase("ones | only")
_SOLD = phrase("do (?:you|u|ya) (?:guys )?(?:sell|carry|stock)")
_BECAUSE = re.compile(
    r"\b"
    + one_of("""
        because | since | as i | reason is | (?:ordered (?:it )?)?by mistake | no longer need\\w* | don't need
        found .{0,20}(?:cheaper|better) | takes too long | too (?:long|late|slow)
    """)
    + r".{0,80}"
)
_SPEAKS = phrase("""
    (?:i|you|u|we|he|she|they|it)(?:'m|'re|'s|'ve|'ll|'d)? | my | your | who | why | how | when | where | tell | what's
    what | is | are | do | does | did | will | would | can | could | should | talk | say | sing | play | write | let's
""")
"""Words of a sentence about something, which a bare name of a thing lacks."""
_SHORT = 5
_OF_THE_WORLD = re.compile(
    r"^(?:\W|and|so|hey|hi|ok(?:ay)?|please|can you)*\s*"
    + one_of(r"""
        who(?:'s)?\b | when\b | why\b | where\b | how (?:do|does|did|can|is|are|was|long|far|old|many|much|old|come)\b
        what(?:'s)? (?:is|are|was|were|does|do|did|year|day|time|stage|team|percentage|animals?|trees?|the)\b | what's\b
        which\b | tell me\b | are (?:there )?any\b | is (?:there|it|the|a)\b
    """)
)
_SURE = 0.4
"""The probability from which an intent other than a product wish decides over the rules for products."""

SERVICE = ("list_orders", "order_status", "cancel_order", "service")
TALK = ("greet", "thanks", "bye", "about_bot", "capabilities", "off_topic", "yes", "no")


@dataclass(frozen=True, slots=True)
class Act:
    """A call to make, or a line of `prompts/lines.toml` to say."""

    tool: str = ""
    arguments: Arguments = field(default_factory=dict)
    line: str = ""


@dataclass(frozen=True, slots=True)
class Senses:
    """What the policy decides with: the classifier, the shop's parser, and a counter of fitting products."""

    classify: IntentClassifier
    parse: Callable[[str, bool], Parsed]
    fits: Callable[[Arguments, Sequence[str]], int]
    sells: Callable[[str], bool] = lambda _subject: False
    """Does the shop have a name for this thing?"""


def decide(state: ChatState, senses: Senses) -> Act:
    """What to do about the shopper's last message."""
    if not re.search(r"\w", state.text):
        return Act(line="talk.empty")
    had_price = bool(state.searches) and any(k in state.searches[-1] for k in ("price_max", "price_min"))
    parsed = senses.parse(state.text, had_price)
    intent = senses.classify.classify(parsed.corrected)
    return (
        _service(state, parsed, intent)
        or _taste(parsed, intent)
        or _about_shown(state, parsed, intent)
        or _refinement(state, parsed, intent, senses)
        or _by_intent(state, parsed, intent, senses)
    )


def go_on(state: ChatState) -> Act | None:
    """The next call of a turn whose first one has answered, where one is needed."""
    last = state.turn[-1]
    if last.name == "find_my_orders" and last.ok and wants_to_cancel(state.text):
        pending = [order["id"] for order in last.value["orders"] if order["status"] == "pending"]
        if len(pending) == 1:
            return Act("cancel_order", {"order": pending[0], "reason": _why(state.text.lower())})
    return None


def wants_to_cancel(text: str) -> bool:
    """Does the message speak of cancelling?"""
    return bool(re.search(r"\b(?:cancel|call off|stop|undo)", text.lower()))


def _service(state: ChatState, parsed: Parsed, intent: Intent) -> Act | None:
    """Orders: by a number in the message, or by what it is about."""
    number = _ORDER_NUMBER.search(state.text)
    name = intent.name
    if number:
        if name not in SERVICE:  # a bare number answers the question before it
            name = _service_before(state)
        order = number.group().strip()
    elif name in SERVICE and intent.probability >= _SURE:
        order = "latest" if _LATEST.search(parsed.corrected) else _order_meant(state)
    else:
        return None
    if name == "cancel_order":
        if order:
            return Act("cancel_order", {"order": order, "reason": _why(parsed.corrected)})
        return Act("find_my_orders")
    if name == "order_status":
        return Act("get_order", {"order": order or "latest"})
    if name == "list_orders":
        return Act("find_my_orders")
    if number:
        return Act("get_order", {"order": order})
    return Act("search_help", {"question": state.text})


def _taste(parsed: Parsed, intent: Intent) -> Act | None:
    """A taste that was stated, and nothing else."""
    dislikes = bool(_DISLIKES.search(parsed.corrected))
    likes = not dislikes and bool(_LIKES.search(parsed.corrected)) and intent.name in ("like", "dislike")
    stated = (*parsed.without, *parsed.without_brands, *parsed.brands, *parsed.wants)
    if likes or (dislikes and intent.name == "dislike"):
        stated = (*stated, *parsed.text.split()[:1])
    if likes and parsed.price.high is not None and not stated:
        return Act("remember_preference", {"facet": "price_max", "value": f"{parsed.price.high:g}", "liked": True})
    if not stated or not (likes or dislikes):
        return None
    value = stated[0]
    facet = "brand" if value in (*parsed.brands, *parsed.without_brands) else _facet(value)
    return Act("remember_preference", {"facet": facet, "value": value, "liked": not dislikes})


def _facet(value: str) -> str:
    if value in MATERIALS:
        return "material"
    return "color" if value.rsplit(maxsplit=1)[-1] in COLORS else "style"


def _about_shown(state: ChatState, parsed: Parsed, intent: Intent) -> Act | None:
    """A comparison of, or a question about, products that were shown."""
    if not state.listing:
        return None
    text = parsed.corrected
    places = pointed(text, state.listing)
    by_name = [] if _SEVERAL.search(text) else named(text, state.listing)
    if not places and points_beyond(text):
        return Act(line="talk.which_number")
    if _COMPARES.search(text) or (len(places) > 1) or (_WHICH.search(text) and points_at_them(text)):
        compared = _comparison(state, places or by_name, text)
        return compared or Act(line="talk.compare_which")
    if _GOES_WITH.search(text):
        return Act("suggest", {"goes_with": _meant(state, places)})
    if intent.name == "why" and intent.probability >= _SURE:
        return Act(line="why")
    places = places or by_name
    asks = parsed.price or parsed.brands or parsed.sort or parsed.cheaper or parsed.dearer
    if places and not asks:
        if intent.name == "suggest" and intent.probability >= _SURE:
            return Act("suggest", {"like": _meant(state, places)})
        return Act("get_product", {"product": str(places[0])})
    if intent.name == "suggest" and points_at_it(text):
        return Act("suggest", {"like": _meant(state, places)})
    asked = _QUESTION.search(text) and not _OF_SHOP.search(text) and not asks
    closer = intent.name == "detail" or not parsed.wants
    if asked and closer and (points_at_it(text) or (state.focus and intent.name not in (*TALK, "help"))):
        return Act("get_product", {"product": _meant(state, [])})
    return None


def _meant(state: ChatState, places: list[int]) -> str:
    """The product that is meant: the one named by its place, else the one looked at last, else the first."""
    return str(places[0]) if places else (state.focus[0] if state.focus else "1")


def _comparison(state: ChatState, places: list[int], text: str) -> Act | None:
    """Which products are to be compared; the one just looked at is the other one, where only one is named."""
    ids = [str(state.listing[place - 1]["id"]) for place in places]
    if len(ids) < 2:
        ids += [product for product in state.focus if product not in ids]
    if len(ids) == 1 and points_at_it(text):  # "compare it with the second one": it is the first that was shown
        ids += [str(p["id"]) for p in state.listing if str(p["id"]) not in ids][:1]
    if len(ids) < 2 and (points_at_them(text) or not ids):
        ids += [str(p["id"]) for p in state.listing if str(p["id"]) not in ids][: 3 - len(ids)]
    return Act("compare_products", {"products": ids[:4]}) if len(ids) > 1 else None


def _refinement(state: ChatState, parsed: Parsed, intent: Intent, senses: Senses) -> Act | None:
    """More conditions on what was searched."""
    if not state.searches or not state.about_products or not parsed.conditions:
        return None
    told = [want for want in parsed.wants if want not in FOR_WHOM]  # "I'll ask my wife" is no condition
    hard = (
        parsed.price
        or parsed.brands
        or told
        or parsed.features
        or parsed.without
        or parsed.without_brands
        or parsed.sort
    )
    if not hard and intent.name in TALK and intent.probability >= _SURE:
        return None
    if intent.name in ("help", "hand_over", "upset") and intent.probability >= _SURE and parsed.text:
        return None
    return Act("search_products", next_search(parsed, state, senses.fits))


def _by_intent(state: ChatState, parsed: Parsed, intent: Intent, senses: Senses) -> Act:
    name = intent.name
    if name in ("hand_over", "upset") and intent.probability >= _SURE:
        return Act("hand_over", {"reason": "asked for a person" if name == "hand_over" else "the shopper is upset"})
    if name in ("help", "service") and not _SOLD.search(parsed.corrected):
        return Act("search_help", {"question": state.text})
    if name == "suggest":
        about = parsed.text if parsed.text and len(parsed.text.split()) <= 4 else ""
        arguments: dict[str, Any] = {"about": about} if about else {}
        return Act("suggest", arguments | ({"price_max": parsed.price.high} if parsed.price.high else {}))
    if name in TALK and (intent.probability >= _SURE or not parsed.text) and not _names_a_thing(parsed, senses):
        return Act(line=f"talk.{name}")
    if name == "why":
        return Act(line="talk.capabilities")
    if _asks_about_the_world(state, parsed, senses):
        return Act(line="talk.off_topic")
    arguments = next_search(parsed, state, senses.fits)
    if not any(value for value in arguments.values()):
        return Act(line="talk.unclear")
    return Act("search_products", arguments)


def _asks_about_the_world(state: ChatState, parsed: Parsed, senses: Senses) -> bool:
    """A question of general knowledge: neither the shop nor a thing that it sells is in it."""
    text = parsed.corrected
    if not _OF_THE_WORLD.search(text) or _OF_SHOP.search(text) or _SOLD.search(text) or state.about_products:
        return False
    hard = parsed.price or parsed.brands or parsed.cheap or parsed.without
    return not hard and not senses.sells(subject_of(parsed.text))


def _names_a_thing(parsed: Parsed, senses: Senses) -> bool:
    """Is the message but a thing that the shop sells, with conditions on it ("toothpaste without fluoride")?"""
    subject = parsed.text.split()
    if not 0 < len(subject) <= _SHORT or _SPEAKS.search(parsed.corrected):
        return False
    return senses.sells(subject_of(parsed.text))


def _order_meant(state: ChatState) -> str:
    """The order that the chat was about last, or the one of a list that the message names by its place."""
    orders = state.orders
    places = pointed(state.text, [{"title": o} for o in orders])
    if places:
        return orders[places[0] - 1]
    last = state.before[-1].name if state.before else ""
    return orders[0] if orders and last in ("get_order", "cancel_order") else ""


def _service_before(state: ChatState) -> str:
    """What the last turns were about, when a message is only an order's number."""
    for outcome in reversed(state.before[-3:]):
        if outcome.name == "cancel_order":
            return "cancel_order"
        if outcome.name == "find_my_orders" and state.earlier and wants_to_cancel(state.earlier[-1]):
            return "cancel_order"
    return "order_status"


def _why(text: str) -> str:
    """The shopper's own words for why, if they gave any."""
    match = _BECAUSE.search(text)
    return match.group() if match else ""
