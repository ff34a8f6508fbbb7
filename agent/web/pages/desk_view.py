"""What the desk shows: the queue with waiting times, one chat with its plan, and what may be done now.

All of it is read afresh at each look; the only thing kept is since when a chat waits, which never changes
while the chat's version stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from agent.errors import NotFound
from agent.handover import summarise
from agent.messages import Conversation, Json, Role, Status
from agent.services import Services

_BOT_CHATS = 25
_NAMES = {"bot": "AI assistant", "staff": "Staff"}


@dataclass(frozen=True, slots=True)
class Row:
    """One chat in a list: its label, two lines of plain text, and its id."""

    label: str
    id: str


@dataclass(frozen=True, slots=True)
class Powers:
    """What a staff member may do with the chat that they look at."""

    take: bool = False
    answer: bool = False


@dataclass(frozen=True, slots=True)
class Screen:
    """All that one staff member sees, so that a look changes only what differs from the last."""

    waiting: tuple[Row, ...] = ()
    bots: tuple[Row, ...] = ()
    selected: str | None = None
    head: str = ""
    chat: Json | None = None
    plan: Json | None = None
    powers: Powers = Powers()


class DeskView:
    """Reads the desk's screen for one staff member."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._since = lru_cache(maxsize=4_096)(self._read_since)

    def screen(self, me: str, selected: str | None, *, bots: bool) -> Screen:
        """The screen of `me`, who looks at the chat `selected`. `bots`: list the bot's chats as well."""
        queue = self._services.desk.queue()
        waiting = sorted((c for c in queue if c.status is Status.WAITING), key=self._since_of)
        mine = [c for c in queue if c.status is Status.STAFF and c.assigned_to == me]
        others = [c for c in queue if c.status is Status.STAFF and c.assigned_to != me]
        rows = (*(self._waiting(c) for c in waiting), *(self._theirs(c, me) for c in (*mine, *others)))
        chosen = self._chosen(selected)
        return Screen(
            waiting=tuple(rows),
            bots=self.bots() if bots else (),
            selected=None if chosen is None else chosen.id,
            head=_heading(len(waiting), len(mine), len(others)),
            chat=None if chosen is None else self._chat(chosen, me),
            plan=None if chosen is None else self._plan(chosen),
            powers=_powers(chosen, me),
        )

    def bots(self) -> tuple[Row, ...]:
        """The latest chats that the bot is in and in which somebody wrote."""
        rows = []
        for conversation in self._services.desk.open_chats()[:_BOT_CHATS]:
            written = [m for m in self._services.conversations.messages(conversation.id) if m.role is Role.SHOPPER]
            if written:
                line = f"{self._name(conversation)} · {_ago(written[-1].at)}\n{_short(written[-1].text)}"
                rows.append(Row(line, conversation.id))
        return tuple(rows)

    def _chosen(self, selected: str | None) -> Conversation | None:
        if selected is None:
            return None
        try:
            return self._services.conversations.get(selected)
        except NotFound:
            return None

    def _waiting(self, conversation: Conversation) -> Row:
        reason = _short(conversation.handover_reason or "")
        return Row(
            f"{self._name(conversation)} · waits {_lasted(self._since_of(conversation))}\n{reason}", conversation.id
        )

    def _theirs(self, conversation: Conversation, me: str) -> Row:
        who = "you" if conversation.assigned_to == me else _short(str(conversation.assigned_to))
        return Row(
            f"{self._name(conversation)} · with {who}\n{_short(conversation.handover_reason or '')}", conversation.id
        )

    def _name(self, conversation: Conversation) -> str:
        if conversation.shopper_id is None:
            return f"Guest {conversation.id[:4]}"
        return _short(self._services.people.shopper(conversation.shopper_id).name, 40)

    def _since_of(self, conversation: Conversation) -> datetime:
        return self._since(conversation.id, conversation.version)

    def _read_since(self, conversation_id: str, _version: int) -> datetime:
        """When the bot said that a person will come: its last words in a chat that waits."""
        said = [m.at for m in self._services.conversations.messages(conversation_id) if m.role is Role.BOT and m.at]
        return said[-1] if said else datetime.now(UTC)

    def _chat(self, conversation: Conversation, me: str) -> Json:
        view = self._services.desk.view(conversation.id)
        name = self._name(conversation)
        entries = [
            {
                "kind": "said",
                "who": message["role"],
                "name": name if message["role"] == Role.SHOPPER else message["author"] or _NAMES[message["role"]],
                "text": message["text"],
                "at": message["at"],
            }
            for message in view["transcript"]
        ]
        return {"entries": entries, "title": f"{name} – {_state(conversation, me)}"}

    def _plan(self, conversation: Conversation) -> Json:
        """The hand-over's plan; for a chat that the bot is still in, what it would be now."""
        view = self._services.desk.view(conversation.id)
        plan = view["plan"]
        if not plan or conversation.status is Status.BOT:
            plan = summarise(self._services.conversations.messages(conversation.id), "")
        facts = {name: value for name, value in (plan.get("facts") or {}).items() if _worth_reading(name)}
        return {
            "plan": {**{key: plan.get(key) for key in ("reason", "wishes", "tried")}, "facts": facts},
            "pending": view["pending"],
            "shopper": view.get("shopper"),
            "orders": view.get("orders", []),
        }


def _worth_reading(slot: str) -> bool:
    """Ids are for machines; what a description says is in its summary, and what lists of orders say beside it."""
    return not slot.startswith(("ids", "orders.", "count")) and not slot.endswith(".description")


def _powers(conversation: Conversation | None, me: str) -> Powers:
    if conversation is None or conversation.status is Status.CLOSED:
        return Powers()
    mine = conversation.status is Status.STAFF and conversation.assigned_to == me
    return Powers(take=not mine, answer=mine)


def _heading(waiting: int, mine: int, others: int) -> str:
    return f"{waiting} waiting · {mine} yours" + (f" · {others} with colleagues" if others else "")


def _state(conversation: Conversation, me: str) -> str:
    if conversation.status is Status.STAFF:
        return (
            "you are in this chat" if conversation.assigned_to == me else f"{conversation.assigned_to} is in this chat"
        )
    words: dict[Any, str] = {
        Status.WAITING: "waits for a person",
        Status.BOT: "the bot is in it",
        Status.CLOSED: "closed",
    }
    return words[conversation.status]


def _short(text: str, most: int = 70) -> str:
    """One line of plain text."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"


def _lasted(since: datetime) -> str:
    minutes = max(0, int((datetime.now(UTC) - since).total_seconds() // 60))
    if minutes < 1:
        return "under 1 min"
    return (
        f"{minutes} min" if minutes < 120 else f"{minutes // 60} h" if minutes < 2_880 else f"{minutes // 1_440} days"
    )


def _ago(moment: datetime | None) -> str:
    return "" if moment is None else f"{_lasted(moment)} ago"
