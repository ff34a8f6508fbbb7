"""One rendering of a conversation for dialog models: our messages as LangChain's."""

from __future__ import annotations

import json
from collections.abc import Sequence

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage

from agent.messages import Message, Role


def of_turn(messages: Sequence[Message], turn_id: str, sequence: int) -> list[Message]:
    """The chat as one turn sees it.

    What other turns did comes first, then the message that this turn answers, then what this turn did. A
    message that the shopper sent meanwhile has a turn of its own and is left out.
    """
    own = [m for m in messages if m.sequence == sequence or m.turn_id == turn_id]
    later = {m.sequence for m in messages if m.role is Role.SHOPPER and m.sequence > sequence}
    before = [m for m in messages if m not in own and m.sequence not in later]
    return before + sorted(own, key=lambda m: m.sequence)


def to_langchain(messages: Sequence[Message], system: str) -> list[BaseMessage]:
    """Messages for any LangChain chat model. Staff speak as the assistant; notes are the system's."""
    rendered: list[BaseMessage] = [SystemMessage(system)]
    for message in messages:
        if message.role is Role.SHOPPER:
            rendered.append(HumanMessage(message.text or "(an empty message)"))
        elif message.role is Role.BOT and message.calls:
            calls = [{"id": c.id, "name": c.name, "args": c.arguments, "type": "tool_call"} for c in message.calls]
            rendered.append(AIMessage(content=message.text, tool_calls=calls))
        elif message.role is Role.BOT:
            rendered.append(AIMessage(message.text))
        elif message.role is Role.STAFF:
            rendered.append(AIMessage(f"({message.author or 'a colleague'}, a person, wrote:) {message.text}"))
        elif message.role is Role.TOOL and message.result is not None:
            rendered.append(_tool_message(message))
        else:
            rendered.append(SystemMessage(f"Note: {message.text}"))
    return rendered


def _tool_message(message: Message) -> ToolMessage:
    result = message.result
    assert result is not None
    content = result.value if result.ok else {"error": result.error, "rule": result.rule}
    return ToolMessage(
        content=json.dumps(content, ensure_ascii=False),
        tool_call_id=result.call_id,
        status="success" if result.ok else "error",
    )
