"""One rendering of a conversation for dialog models: our messages as LangChain's.

Models differ in what they take. `to_langchain` says everything; `for_any_model` puts the same so that the
strictest of servers and chat templates take it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

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


_NOTE = "(Note of the shop's system, which the shopper did not write: {note})"


def for_any_model(messages: Sequence[BaseMessage]) -> list[BaseMessage]:
    """The same chat in the form that every server and chat template takes.

    One system message, at the start; then the shopper and the assistant in turn, the shopper first (the
    greeting is left out); notes as the shopper's side, marked; each call followed by its result, whatever was
    written meanwhile (a call that never ran is left out); call ids of nine letters and digits.
    """
    results = {m.tool_call_id: m for m in messages if isinstance(m, ToolMessage)}
    rendered: list[BaseMessage] = []
    count = 0
    for message in messages:
        if isinstance(message, HumanMessage):
            _append_human(rendered, str(message.text))
        elif isinstance(message, SystemMessage) and rendered:
            _append_human(rendered, _NOTE.format(note=message.text.removeprefix("Note: ")))
        elif isinstance(message, SystemMessage):
            rendered.append(message)
        elif isinstance(message, AIMessage) and any(isinstance(m, HumanMessage) for m in rendered):
            run = [(c, results[c["id"]]) for c in message.tool_calls if c["id"] in results]
            ids = [f"call{count + n:05d}" for n in range(1, len(run) + 1)]
            count += len(run)
            calls = [{**call, "id": new} for (call, _), new in zip(run, ids, strict=True)]
            _append_assistant(rendered, AIMessage(content=message.text, tool_calls=calls))
            rendered += [
                result.model_copy(update={"tool_call_id": new}) for (_, result), new in zip(run, ids, strict=True)
            ]
    return rendered


def _append_human(rendered: list[BaseMessage], text: str) -> None:
    if rendered and isinstance(rendered[-1], HumanMessage):
        text = f"{rendered.pop().text}\n\n{text}"
    rendered.append(HumanMessage(text))


def _append_assistant(rendered: list[BaseMessage], message: AIMessage) -> None:
    if not message.text and not message.tool_calls:
        return
    last = rendered[-1]
    if isinstance(last, AIMessage) and not last.tool_calls:
        rendered.pop()
        text = "\n\n".join(filter(None, (last.text, message.text)))
        message = AIMessage(content=text, tool_calls=message.tool_calls)
    rendered.append(message)


def latest_turns(messages: Sequence[BaseMessage], fits: Callable[[list[BaseMessage]], bool]) -> list[BaseMessage]:
    """The system message and as many of the latest turns as fit, at least the last one.

    A turn begins with a message of the shopper's. The oldest are left out first, whole, so that no result
    stands without its call.
    """
    starts = [n for n, m in enumerate(messages) if isinstance(m, HumanMessage)] or [len(messages)]
    system, kept = list(messages[: starts[0]]), list(messages)
    for start in starts:
        kept = system + list(messages[start:])
        if fits(kept):
            break
    return kept


def without_refused_calls(messages: Sequence[BaseMessage]) -> list[BaseMessage]:
    """The chat without the results of calls that the guard did not let pass: a model's slips, not the shop's word."""
    return [m for m in messages if not (isinstance(m, ToolMessage) and m.status == "error" and _of_guard(m))]


def _of_guard(message: ToolMessage) -> bool:
    return str(json.loads(message.text).get("rule") or "").startswith("guard.")
