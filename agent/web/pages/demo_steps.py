"""The steps that turns took, read from a conversation's log: what the demo shows beside the chat.

The log has no clock of its own for a model's thinking, so a face that followed the turn live brings the
arrival times of the events; without them a step has only the time that its tool measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from agent.messages import Event, EventType, Json, Message, Role

PRESSED = "pressed "
"""How the note of a pressed card begins."""
_SAID_FIELDS = ("text", "evidence", "by", "author", "model", "fell_back", "replaced")


@dataclass(frozen=True, slots=True)
class Clock:
    """When a face saw what: milliseconds since the turn began, by event number; and each turn's length, by its
    first number."""

    arrivals: Mapping[int, float] = field(default_factory=dict)
    totals: Mapping[int, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a turn did. `data`: named values to unfold; `slots`: evidence that filled the reply."""

    kind: str
    title: str
    ms: float | None = None
    text: str = ""
    data: tuple[tuple[str, Any], ...] = ()
    slots: tuple[Json, ...] = ()
    products: tuple[Json, ...] = ()


@dataclass(frozen=True, slots=True)
class TurnSteps:
    """One turn: what began it, what was done, who answered and how long it took."""

    text: str
    steps: tuple[Step, ...]
    total_ms: float | None = None
    model: str = ""
    fell_back: bool = False
    replaced: bool = False


def turns_of(messages: Iterable[Message], events: Sequence[Event], clock: Clock) -> list[TurnSteps]:
    """Every turn of a chat, the newest first."""
    begins = [m for m in messages if m.role is Role.SHOPPER or (m.role is Role.NOTE and m.text.startswith(PRESSED))]
    turns = []
    for message, after in zip_longest(begins, begins[1:]):
        own = [e for e in events if message.sequence < e.sequence and (after is None or e.sequence < after.sequence)]
        turns.append(_turn(message, own, clock))
    return turns[::-1]


def _turn(message: Message, events: Sequence[Event], clock: Clock) -> TurnSteps:
    steps: list[Step] = []
    for event, following in zip_longest(events, events[1:]):
        if (step := _step(event, following, clock)) is not None:
            steps.append(step)
    said = [e.data for e in events if e.type is EventType.SAID and e.data.get("by") == "bot"]
    return TurnSteps(
        text=message.text,
        steps=tuple(steps),
        total_ms=clock.totals.get(message.sequence),
        model=next((str(d["model"]) for d in said[::-1] if d.get("model")), ""),
        fell_back=any(d.get("fell_back") for d in said),
        replaced=any(d.get("replaced") for d in said),
    )


def _step(event: Event, following: Event | None, clock: Clock) -> Step | None:
    data = event.data
    if event.type is EventType.WORKING:
        return _thinking(event, following, clock) if data["step"] == "thinking" else None
    if event.type is EventType.CALLED:
        parts = (("arguments", data["arguments"]), ("result", data["result"]))
        return Step("call", str(data["name"]), data.get("ms"), data=parts)
    if event.type is EventType.SAID:
        return _said(data)
    if event.type is EventType.SHOWED:
        products = tuple(data.get("products", ()))
        others = tuple((name, value) for name, value in data.items() if name != "products")
        return Step("showed", "Showed " + ", ".join(data), data=others, products=products)
    if event.type is EventType.REFUSED:
        return Step("refused", f"Refused by {data['rule']}", text=str(data["text"]))
    if event.type is EventType.PROPOSED:
        return Step("proposed", "Proposed; nothing happens before a yes", data=(("proposal", data["proposal"]),))
    if event.type is EventType.DONE:
        return Step("done", "Done, once", data=(("effect", data["effect"]),))
    return Step("handed_over", "Handed over to a person", text=str(data["reason"]))


def _thinking(event: Event, following: Event | None, clock: Clock) -> Step:
    """The model deciding; what it decided is the event that follows."""
    begun = clock.arrivals.get(event.sequence)
    ended = None if following is None else clock.arrivals.get(following.sequence)
    spent = None if begun is None or ended is None else ended - begun
    if following is None:
        return Step("model", "The model decides …", spent)
    calls = following.type is EventType.WORKING
    return Step("model", f"Model: call {following.data['step']}" if calls else "Model: say something", spent)


def _said(data: Mapping[str, Any]) -> Step:
    who = "The bot" if data.get("by") == "bot" else str(data.get("author") or "staff")
    more = tuple((name, value) for name, value in data.items() if name not in _SAID_FIELDS)
    slots = tuple(data.get("evidence") or ())
    return Step("said", f"{who} said", text=str(data["text"]), data=more, slots=slots)
