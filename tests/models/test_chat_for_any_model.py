"""A chat in the form that the strictest of servers and chat templates take."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage

from agent.chat_format import for_any_model, latest_turns, to_langchain, without_refused_calls
from agent.messages import Message, Role, ToolCall, ToolResult


def _call(number: int, name: str = "get_order") -> Any:
    return {"id": f"turn-{number}", "name": name, "args": {}, "type": "tool_call"}


def _shape(messages: list[BaseMessage]) -> list[str]:
    return [m.type for m in messages]


def test_the_greeting_is_left_out_since_the_shopper_must_speak_first() -> None:
    chat = [SystemMessage("rules"), AIMessage("Hi!"), HumanMessage("a mug"), AIMessage("Here.")]
    assert _shape(for_any_model(chat)) == ["system", "human", "ai"]


def test_notes_go_to_the_shoppers_side_marked_as_not_theirs() -> None:
    chat = [SystemMessage("rules"), HumanMessage("a mug"), SystemMessage("Note: signed in as Ada")]
    (_, told) = for_any_model(chat)
    assert told.text.startswith(
        "a mug\n\n(Note of the shop's system, which the shopper did not write: signed in as Ada"
    )


def test_what_one_side_says_twice_is_said_at_once() -> None:
    chat = [HumanMessage("a"), HumanMessage("b"), AIMessage("c"), AIMessage("d"), AIMessage("", tool_calls=[_call(1)]),
            ToolMessage("{}", tool_call_id="turn-1"), AIMessage("e")]  # fmt: skip
    told = for_any_model(chat)
    assert _shape(told) == ["human", "ai", "tool", "ai"]
    assert (told[0].text, told[1].text) == ("a\n\nb", "c\n\nd")


def test_a_call_that_never_ran_is_left_out() -> None:
    """A proposal ends a turn, and what was called beside it is not run; servers refuse a call without a result."""
    chat = [HumanMessage("a"), AIMessage("", tool_calls=[_call(1), _call(2)]), ToolMessage("{}", tool_call_id="turn-1"),
            AIMessage("b"), HumanMessage("c"), AIMessage("", tool_calls=[_call(3)])]  # fmt: skip
    told = for_any_model(chat)
    assert _shape(told) == ["human", "ai", "tool", "ai", "human"]
    assert [c["id"] for c in told[1].tool_calls] == ["call00001"]  # type: ignore[attr-defined]
    assert told[2].tool_call_id == "call00001"  # type: ignore[attr-defined]


def test_a_result_follows_its_call_whatever_was_written_meanwhile() -> None:
    chat = [HumanMessage("a"), AIMessage("", tool_calls=[_call(1)]), HumanMessage("hello?"),
            ToolMessage("{}", tool_call_id="turn-1"), AIMessage("b")]  # fmt: skip
    assert _shape(for_any_model(chat)) == ["human", "ai", "tool", "human", "ai"]


def _messages(draw: st.DataObject) -> list[Message]:
    found: list[Message] = []
    for number in range(draw.draw(st.integers(0, 12))):
        kind = draw.draw(st.sampled_from(["shopper", "bot", "staff", "note", "call", "open call", "late call"]))
        if kind.endswith("call"):
            call = ToolCall(f"t-{number}", "get_order", {})
            found.append(Message(Role.BOT, calls=(call,)))
            if kind == "late call":
                found.append(Message(Role.SHOPPER, "hello?"))
            if kind != "open call":
                found.append(Message(Role.TOOL, result=ToolResult(call.id, True, {"a": 1})))
        else:
            found.append(Message(Role(kind), f"text {number}"))
    return found


@settings(deadline=None)
@given(st.data())
def test_whatever_a_chat_holds_its_form_is_kept(data: st.DataObject) -> None:
    told = for_any_model(to_langchain(_messages(data), "rules"))
    assert _shape(told)[:1] == ["system"]
    rest = told[1:]
    assert not rest or isinstance(rest[0], HumanMessage)
    for before, after in pairwise(rest):
        assert not (isinstance(before, HumanMessage) and not isinstance(after, AIMessage))
        assert not (isinstance(before, AIMessage) and before.tool_calls and not isinstance(after, ToolMessage))
        assert not (isinstance(after, ToolMessage) and not isinstance(before, AIMessage | ToolMessage))
        assert not (isinstance(before, AIMessage) and isinstance(after, AIMessage) and not before.tool_calls)
    called = [c["id"] for m in rest if isinstance(m, AIMessage) for c in m.tool_calls]
    assert called == [m.tool_call_id for m in rest if isinstance(m, ToolMessage)]
    assert all(len(i or "") == 9 and (i or "").isalnum() for i in called)


def test_the_latest_turns_that_fit_are_kept_whole_and_the_last_one_always() -> None:
    chat: list[BaseMessage] = [SystemMessage("rules")]
    for number in range(5):
        chat += [HumanMessage(f"q{number}"), AIMessage("", tool_calls=[_call(number)]),
                 ToolMessage("{}", tool_call_id=f"turn-{number}"), AIMessage(f"a{number}")]  # fmt: skip
    kept = latest_turns(chat, lambda messages: len(messages) <= 10)
    assert _shape(kept) == ["system", *["human", "ai", "tool", "ai"] * 2]
    assert latest_turns(chat, lambda _: False) == [chat[0], *chat[-4:]]
    assert latest_turns(chat, lambda _: True) == chat
    assert latest_turns(chat[:1], lambda _: False) == chat[:1]


def test_a_models_slips_are_not_shown_to_the_fallback_but_the_shops_refusals_are() -> None:
    slip = ToolMessage('{"error": "there is no tool", "rule": "guard.unknown_tool"}', tool_call_id="1", status="error")
    refusal = ToolMessage('{"error": "sign in", "rule": "identity.sign_in"}', tool_call_id="2", status="error")
    assert without_refused_calls([slip, refusal]) == [refusal]
