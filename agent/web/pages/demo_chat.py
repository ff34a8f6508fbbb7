"""One visitor's chat in the demo: start it, write, decide, sign in as a simulated shopper, and draw it.

The state of a visitor is a small value that the page keeps for their browser session; what was said and
done is always read from the store, so two events of one page cannot disagree.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from agent.errors import ModelError, NotFound
from agent.messages import Event, EventType, Json, Message, Proposal, Role, Status
from agent.present import proposal_card
from agent.services import Services
from agent.shop import Shopper
from agent.web.errors import ApiError
from agent.web.limits import RateLimit
from agent.web.pages.demo_steps import PRESSED, Clock, TurnSteps, turns_of

_LONGEST = 300.0
"""Seconds to wait for one turn."""
_GREETING = 1
"""The number of the greeting, the only words of the bot's without an event."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A visitor's chat, and the times of what its page saw."""

    id: str
    clock: Clock = field(default_factory=Clock)


@dataclass(frozen=True, slots=True)
class Picture:
    """All that the page draws of a chat."""

    entries: tuple[Json, ...]
    turns: tuple[TurnSteps, ...]
    pending: Json | None
    quick_replies: tuple[str, ...]
    shopper: str | None
    status: Status


class DemoChats:
    """What the demo's page does with chats. Holds nothing of any visitor."""

    def __init__(self, services: Services, pace: RateLimit) -> None:
        self._services = services
        self._pace = pace

    def start(self, shopper_id: str | None = None) -> Visit:
        """A new chat. Raises NotFound for a shopper who may not be impersonated."""
        if shopper_id is not None:
            self._may_be_impersonated(shopper_id)
        return Visit(self._services.chat.start(shopper_id).id)

    def sign_in(self, visit: Visit, shopper_id: str) -> Visit:
        """Go on as this simulated shopper: in the same chat where nobody is signed in, else in a new one.

        Raises NotFound for anybody who is not a simulated person, and everywhere but in a demo shop.
        """
        self._may_be_impersonated(shopper_id)
        signed_in = self._services.conversations.get(visit.id).shopper_id
        if signed_in is None:
            self._services.chat.sign_in(visit.id, shopper_id)
        return visit if signed_in in (None, shopper_id) else self.start(shopper_id)

    def people(self) -> list[tuple[str, str]]:
        """Who may be impersonated: what to show, and the id. Nobody outside a demo shop."""
        if not self._services.settings.demo:
            return []
        return [(self._described(person), person.id) for person in self._services.people.simulated()]

    def send(self, visit: Visit, text: str) -> Iterator[Visit]:
        """Write a message; the visit after each thing that happens, to the end of the turn.

        Raises ApiError when it is too much at once, ModelError when the turn does not end.
        """
        self._pace.take(visit.id)
        seen = self._last_event(visit)
        begun = time.perf_counter()
        sequence = self._services.chat.post(visit.id, secrets.token_hex(8), text)
        yield from self._follow(visit, seen, sequence, begun)

    def decide(self, visit: Visit, *, accept: bool) -> Iterator[Visit]:
        """Press yes or no on the card that waits; nothing where none does."""
        pending = self._services.conversations.get(visit.id).pending
        if pending is None:
            return
        self._pace.take(visit.id)
        seen = self._last_event(visit)
        begun = time.perf_counter()
        self._services.chat.decide(visit.id, pending.id, accept=accept)
        notes = self._services.conversations.messages(visit.id)
        pressed = [m.sequence for m in notes if m.role is Role.NOTE and m.text.startswith(PRESSED)]
        yield from self._follow(visit, seen, pressed[-1], begun)

    def picture(self, visit: Visit) -> Picture:
        """The chat as it is now."""
        conversation = self._services.conversations.get(visit.id)
        messages = self._services.conversations.messages(visit.id)
        events = self._services.chat.events(visit.id)
        pending = conversation.pending
        name = None
        if conversation.shopper_id is not None:
            name = self._services.people.shopper(conversation.shopper_id).name
        return Picture(
            entries=tuple(_entries(messages, events, pending, name or "You")),
            turns=tuple(turns_of(messages, events, visit.clock)),
            pending=None if pending is None else proposal_card(pending),
            quick_replies=_quick_replies(events),
            shopper=name,
            status=conversation.status,
        )

    def _follow(self, visit: Visit, seen: int, first: int, begun: float) -> Iterator[Visit]:
        """The visit with the clock of each event that arrives, until the bot has nothing more to do."""
        arrivals, totals = dict(visit.clock.arrivals), dict(visit.clock.totals)
        news = threading.Event()
        stop = self._services.notifier.listen(visit.id, news.set)
        end = time.monotonic() + _LONGEST
        try:
            while True:
                news.clear()
                busy = self._services.turns.unfinished(visit.id)
                arrived = self._services.chat.events(visit.id, seen)
                spent = (time.perf_counter() - begun) * 1000
                for event in arrived:
                    seen = event.sequence
                    arrivals[seen] = spent
                if not busy:
                    totals[first] = spent
                yield replace(visit, clock=Clock(dict(arrivals), dict(totals)))
                if not busy:
                    return
                if time.monotonic() > end:
                    raise ModelError("the turn did not end in five minutes; reset the chat")
                news.wait(0.5)
        finally:
            stop()

    def _last_event(self, visit: Visit) -> int:
        events = self._services.chat.events(visit.id)
        return events[-1].sequence if events else 0

    def _may_be_impersonated(self, shopper_id: str) -> None:
        if not self._services.settings.demo or not self._services.people.shopper(shopper_id).simulated:
            raise NotFound("nobody of that name can be impersonated")

    def _described(self, person: Shopper) -> str:
        orders = self._services.people.orders_of(person.id, 1)
        return f"{person.name} – latest order {orders[0].status.value}" if orders else f"{person.name} – no orders yet"


def trouble(error: ApiError | ModelError) -> str:
    """What to show of an error of `send` and `decide`."""
    return error.detail if isinstance(error, ApiError) else str(error)


def _entries(messages: list[Message], events: list[Event], pending: Proposal | None, name: str) -> Iterator[Json]:
    """The lines of the chat in their order: what was written (messages) and what the bot did (events)."""
    found: list[tuple[int, Json]] = []
    for message in messages:
        if message.role is Role.SHOPPER:
            found.append((message.sequence, _line("shopper", name, message.text)))
        elif message.role is Role.NOTE and (message.text.startswith((PRESSED, "signed in"))):
            found.append((message.sequence, {"kind": "note", "text": message.text}))
        elif message.role is Role.BOT and message.sequence == _GREETING:
            found.append((message.sequence, _line("bot", "AI assistant", message.text)))
    for event in events:
        found += [(event.sequence, entry) for entry in _drawn(event, pending)]
    return (entry for _, entry in sorted(found, key=lambda pair: pair[0]))


def _drawn(event: Event, pending: Proposal | None) -> list[Json]:
    data = event.data
    if event.type is EventType.SAID:
        by_bot = data.get("by") == "bot"
        return [_line("bot" if by_bot else "staff", "AI assistant" if by_bot else str(data["author"]), data["text"])]
    if event.type is EventType.SHOWED:
        orders = [*data.get("orders", ()), *([data["order"]] if data.get("order") else [])]
        return [
            *([{"kind": "products", "products": data["products"]}] if data.get("products") else []),
            *([{"kind": "comparison", "comparison": data["comparison"]}] if data.get("comparison") else []),
            *([{"kind": "orders", "orders": orders}] if orders else []),
        ]
    if event.type is EventType.PROPOSED:
        waits = pending is not None and pending.id == data["proposal"]["id"]
        return [{"kind": "proposal", "effect": data["proposal"], "state": "pending" if waits else "settled"}]
    if event.type is EventType.HANDED_OVER:
        return [{"kind": "note", "text": "waiting for a person: answer at the desk"}]
    return []


def _line(who: str, name: str, text: str) -> Json:
    return {"kind": "said", "who": who, "name": name, "text": text, "at": None}


def _quick_replies(events: list[Event]) -> tuple[str, ...]:
    """What the last reply offers to answer with."""
    said = [e.data for e in events if e.type is EventType.SAID]
    return tuple(str(text) for text in (said[-1].get("quick_replies") or ())) if said else ()
