"""What a chat has come to, read off its messages: the list of messages is the only memory."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage

from agent.evidence import LISTING

LISTING_TOOLS = ("search_products", "suggest")
FOCUS_TOOLS = ("get_product", "compare_products")


@dataclass(frozen=True, slots=True)
class Outcome:
    """A call and what came of it."""

    name: str
    arguments: dict[str, Any]
    ok: bool
    value: dict[str, Any]


@dataclass(slots=True)
class ChatState:
    text: str = ""
    """What the shopper wrote last."""
    turn: list[Outcome] = field(default_factory=list)
    """What was called since."""
    before: list[Outcome] = field(default_factory=list)
    """What was called before, oldest first."""
    earlier: list[str] = field(default_factory=list)
    """What the shopper wrote before."""
    complaint: str = ""
    """Why the last draft of a reply was refused, if one was."""

    @property
    def searches(self) -> list[dict[str, Any]]:
        """The arguments of earlier searches, oldest first."""
        return [o.arguments for o in self.before if o.name == "search_products"]

    @property
    def listing(self) -> list[dict[str, Any]]:
        """The products shown last, in their order."""
        for outcome in reversed(self.before):
            if outcome.name in LISTING_TOOLS and outcome.value.get(LISTING):
                return list(outcome.value[LISTING])
        return []

    @property
    def focus(self) -> list[str]:
        """The ids of the products looked at closely since they were listed."""
        for outcome in reversed(self.before):
            if outcome.name in FOCUS_TOOLS and outcome.ok:
                return [str(i) for i in outcome.value.get("ids", [])]
            if outcome.name in LISTING_TOOLS and outcome.value.get(LISTING):
                return []
        return []

    @property
    def about_products(self) -> bool:
        """Was the last thing that the chat did about products?"""
        return bool(self.before) and self.before[-1].name in (*LISTING_TOOLS, *FOCUS_TOOLS)

    @property
    def orders(self) -> list[str]:
        """The orders spoken of, the latest first; a list of orders in the order shown."""
        found: list[str] = []
        for outcome in reversed(self.before):
            if outcome.name == "get_order" and outcome.ok:
                found.append(outcome.value["order"]["id"])
            elif outcome.name == "find_my_orders" and outcome.ok:
                found += [order["id"] for order in outcome.value["orders"]]
        return list(dict.fromkeys(found))


def read_state(messages: Sequence[BaseMessage]) -> ChatState:
    """The state of a chat as rendered by `agent.chat_format`."""
    state = ChatState()
    calls: dict[str, tuple[str, dict[str, Any]]] = {}
    for message in messages:
        if isinstance(message, HumanMessage):
            if state.text:
                state.earlier.append(state.text)
            state.before += state.turn
            state.text, state.turn = message.text, []
        elif isinstance(message, AIMessage):
            calls.update({str(c["id"]): (c["name"], dict(c["args"])) for c in message.tool_calls})
        elif isinstance(message, ToolMessage):
            name, arguments = calls.get(message.tool_call_id, ("", {}))
            value = json.loads(message.text)
            state.turn.append(Outcome(name, arguments, message.status == "success", value))
        elif state.text and "your reply was not sent" in message.text:
            state.complaint = message.text
    return state
