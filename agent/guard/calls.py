"""Guarding a model's calls: a known tool, valid arguments, and nothing that the shopper never mentioned.

Covered: unknown tools, unknown or ill-typed arguments, order numbers that appear nowhere in the chat (a
model that makes one up), over-long values. Who owns an order is checked by the tool itself, from the
session; what the policy allows, by `agent.policy`. Not covered: a call that is valid but not what the
shopper meant; writes are confirmed on a card for that reason.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pydantic import ValidationError

from agent.messages import Message, Role, ToolCall, ToolResult
from agent.tools import Toolbox, problem, validated

_LONGEST = 2_000


def check_call(toolbox: Toolbox, call: ToolCall, messages: Sequence[Message]) -> ToolResult | None:
    """None where the call may run; else the error for the model to read."""
    if call.name not in toolbox:
        return _refuse(call, "guard.unknown_tool", f"there is no tool {call.name!r}; choose one of {toolbox.names}")
    if any(len(str(value)) > _LONGEST for value in call.arguments.values()):
        return _refuse(call, "guard.too_long", f"an argument is longer than {_LONGEST} characters")
    try:
        checked = validated(toolbox[call.name], call.arguments)
    except ValidationError as error:
        return _refuse(call, "guard.arguments", problem(error))
    order = checked.get("order")
    if isinstance(order, str) and not _mentioned(order, messages):
        return _refuse(call, "guard.invented_order", "that order number appears nowhere in this chat; ask for it")
    return None


def _refuse(call: ToolCall, rule: str, text: str) -> ToolResult:
    return ToolResult(call.id, False, {}, text, rule)


def _mentioned(order: str, messages: Sequence[Message]) -> bool:
    """Was the order's number typed by the shopper, or given by a tool? Words such as "latest" always are."""
    compact = _compact(order)
    if not re.search(r"\d", compact):
        return True
    said = (m.text for m in messages if m.role is Role.SHOPPER)
    found = (str(m.result.value) for m in messages if m.role is Role.TOOL and m.result is not None)
    return any(compact in _compact(text) for text in (*said, *found))


def _compact(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())
