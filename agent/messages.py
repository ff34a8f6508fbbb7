"""The conversation's own words: messages, calls, results, proposals and events, as frozen values.

The list of messages is state, memory and trace at once: everything that the dialog model may know
about a chat can be read from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from agent.shop import Money

Json = dict[str, Any]


class Role(StrEnum):
    SHOPPER = "shopper"
    BOT = "bot"
    STAFF = "staff"
    TOOL = "tool"
    NOTE = "note"
    """A fact for the model that nobody said: signed in, card confirmed, given back by staff."""


class Status(StrEnum):
    BOT = "bot"
    WAITING = "waiting"
    STAFF = "staff"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class ToolCall:
    id: str
    name: str
    arguments: Json


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool gave back. An error is a value too: the model reads it and decides anew."""

    call_id: str
    ok: bool
    value: Json = field(default_factory=dict)
    error: str | None = None
    rule: str | None = None
    """The rule that refused the call, where one did."""
    shows: Json = field(default_factory=dict)
    """What faces draw with the reply (``products``, ``comparison``, ``order``…); models do not read it."""


@dataclass(frozen=True, slots=True)
class Message:
    role: Role
    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    result: ToolResult | None = None
    sequence: int = 0
    at: datetime | None = None
    author: str | None = None
    """The staff member's name, where one wrote it."""
    turn_id: str | None = None
    """The turn that wrote it; None for the shopper's and the staff's own messages."""


class ProposalState(StrEnum):
    PENDING = "pending"
    ACCEPTED = "accepted"
    """The shopper said yes; the effect is under way or will be resumed."""
    DONE = "done"
    DECLINED = "declined"
    REPLACED = "replaced"
    EXPIRED = "expired"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a proposal's effect: what it is, what it was, what it becomes."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Effect:
    """What a proposal will do, exactly; the card that the shopper confirms shows all of it."""

    title: str
    changes: tuple[Change, ...]
    money: Money | None = None
    """Positive: back to the shopper. Negative: to be paid."""
    method: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    id: str
    call: ToolCall
    effect: Effect
    state: ProposalState
    expires_at: datetime
    subject: str
    """What it is about, e.g. an order's id."""
    subject_version: int
    """The version of the subject that the effect was computed from."""


@dataclass(frozen=True, slots=True)
class Conversation:
    id: str
    shopper_id: str | None
    status: Status
    version: int
    """Grows whenever the chat changes hands; a draft written for an older version is dropped."""
    pending: Proposal | None = None
    assigned_to: str | None = None
    created_at: datetime | None = None
    handover_reason: str | None = None


class EventType(StrEnum):
    WORKING = "working"
    CALLED = "called"
    SAID = "said"
    SHOWED = "showed"
    PROPOSED = "proposed"
    DONE = "done"
    REFUSED = "refused"
    HANDED_OVER = "handed_over"


@dataclass(frozen=True, slots=True)
class Event:
    """What a turn emits, for every face alike."""

    type: EventType
    conversation: str
    sequence: int
    data: Mapping[str, Any]

    def as_json(self) -> Json:
        return {"type": self.type.value, "sequence": self.sequence, "conversation": self.conversation, **self.data}
