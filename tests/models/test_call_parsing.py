"""Reading calls out of a model's text: the common forms exactly, everything else never as a call."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, AIMessageChunk

from agent.call_parsing import Malformed, calls_of, read_written

CALL = {"name": "get_order", "arguments": {"order": "JF-1001"}}
LLAMA = {"name": "get_order", "parameters": {"order": "JF-1001"}}
_ONE = [("get_order", {"order": "JF-1001"})]


def _calls(text: str) -> list[tuple[str, dict[str, Any]]]:
    read = read_written(text)
    assert not read.unreadable, read.unreadable
    return [(c.name, c.arguments) for c in read.calls]


@pytest.mark.parametrize(
    "text",
    [
        f"<tool_call>\n{json.dumps(CALL)}\n</tool_call>",
        f"<tool_call>{json.dumps(CALL)}",  # the end token is often the end of the answer
        json.dumps(LLAMA),
        f"<|python_tag|>{json.dumps(LLAMA)}",
        f"[TOOL_CALLS] [{json.dumps(CALL)}]",
        f"[TOOL_CALLS]{json.dumps(CALL)}",
        '[TOOL_CALLS]get_order[ARGS]{"order": "JF-1001"}',
        '[TOOL_CALLS]get_order[CALL_ID]abc123def[ARGS]{"order": "JF-1001"}',
        json.dumps(CALL),
        json.dumps([CALL]),
        f"```json\n{json.dumps(CALL)}\n```",
        json.dumps({"type": "function", "function": CALL}),
        json.dumps({**LLAMA, "type": "function", "id": "abc"}),
        json.dumps({"name": "get_order", "arguments": '{"order": "JF-1001"}'}),
        f"<think>Which order?</think>\n\n{json.dumps(CALL)}",
    ],
)
def test_the_common_forms_are_read(text: str) -> None:
    assert _calls(text) == _ONE


@pytest.mark.parametrize(
    "text",
    [
        f"<tool_call>{json.dumps(CALL)}</tool_call>\n<tool_call>{json.dumps(CALL)}</tool_call>",
        f"{json.dumps(LLAMA)}; {json.dumps(LLAMA)}",
        f"[TOOL_CALLS][{json.dumps(CALL)}, {json.dumps(CALL)}]",
        '[TOOL_CALLS]get_order[ARGS]{"order": "JF-1001"}[TOOL_CALLS]get_order[ARGS]{"order": "JF-1001"}',
    ],
)
def test_several_calls_are_read_in_their_order(text: str) -> None:
    assert _calls(text) == _ONE * 2


@pytest.mark.parametrize(
    "text",
    [
        "Hello! What are you looking for?",
        "{1.title} costs {1.price}.",
        "{product.title} is {product.stock}",
        "I searched for [mugs] and found {count} of them.",
        'The label says "name": unknown.',
        "Prices < $20 and > $10 are fine <3",
    ],
)
def test_a_reply_is_a_reply(text: str) -> None:
    read = read_written(text)
    assert (read.text, read.calls, read.unreadable) == (text, (), "")


@pytest.mark.parametrize(
    "text",
    [
        "<tool_call>",
        "<tool_call>get_order(JF-1001)</tool_call>",
        '<tool_call>{"name": "get_order", "arguments": {"order": "JF-1001"</tool_call>',
        '<tool_call>{"name": "get_order"}</tool_call>',
        '<tool_call>{"arguments": {}}</tool_call>',
        '<tool_call>{"name": "get_order", "arguments": []}</tool_call>',
        '<tool_call>{"name": "get_order", "arguments": "order"}</tool_call>',
        '<tool_call>{"name": "get_order", "arguments": {}, "parameters": {}}</tool_call>',
        '<tool_call>{"name": "get_order", "arguments": {}, "shopper": "ben"}</tool_call>',
        '<tool_call>{"name": {"a": 1}, "arguments": {}}</tool_call>',
        '<tool_call>{"name": "a", "arguments": {"x": 1, "x": 2}}</tool_call>',
        '<tool_call>{"name": "a", "arguments": {"x": NaN}}</tool_call>',
        '<tool_call>{"name": "a", "arguments": {"x": 1e999}}</tool_call>',
        '<tool_call>{"name": "a", "arguments": {"x": "\\ud800"}}</tool_call>',
        f"<tool_call>{json.dumps(CALL)} and so on</tool_call>",
        '<|python_tag|>brave_search.call(query="mugs")',
        "[TOOL_CALLS] get_order",
        '[TOOL_CALLS]get order[ARGS]{"order": 1}',
        '{"answer": "no"}',
        '[{"name": "get_order"}]',
        '{"name": "get_order", "parameters": {"order": "JF-10',
        "<function=get_order>{}</function>",
        "<|channel|>analysis<|message|>hm",
        "</tool_call>",
        "[INST] hello [/INST]",
        '<tool_call>{"name": "a", "arguments": ' + '{"x":' * 5_000 + "1" + "}" * 5_000 + "}</tool_call>",
    ],
)
def test_what_looks_like_a_call_but_is_none_is_neither_run_nor_said(text: str) -> None:
    read = read_written(text)
    assert read.unreadable
    assert (read.text, read.calls) == ("", ())


def test_one_unreadable_call_spoils_the_readable_ones_beside_it() -> None:
    assert read_written(f"<tool_call>{json.dumps(CALL)}</tool_call><tool_call>{{</tool_call>").unreadable


def test_what_is_said_around_a_call_is_kept() -> None:
    read = read_written(f"One moment.<tool_call>{json.dumps(CALL)}</tool_call>")
    assert read.text == "One moment."
    assert len(read.calls) == 1


# A value may hold the very marks that calls are told by ("<tool_call>" in a query); that case is not this one.
_PLAIN = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="<["), max_size=12)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | _PLAIN,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_PLAIN, inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.dictionaries(_PLAIN, _VALUES, max_size=4))
def test_any_arguments_come_back_as_they_were_written(arguments: dict[str, Any]) -> None:
    assert _calls(json.dumps({"name": "f", "parameters": arguments})) == [("f", arguments)]


_MARKS = [
    *'<>[]{}|"\\:,/ \n`',
    "<tool_call>",
    "</tool_call>",
    "[TOOL_CALLS]",
    "[ARGS]",
    '"name"',
    "<think>",
    "</think>",
]


@settings(deadline=None)
@given(st.lists(st.sampled_from(_MARKS), max_size=20).map("".join))
def test_no_text_at_all_breaks_the_reading(text: str) -> None:
    read = read_written(text)
    assert not (read.unreadable and (read.calls or read.text))
    assert "<tool_call>" not in read.text


def _streamed(*pieces: str) -> AIMessageChunk:
    def chunk(name: str | None, piece: str) -> AIMessageChunk:
        call: Any = {"name": name, "args": piece, "id": None, "index": 0, "type": "tool_call_chunk"}
        return AIMessageChunk(content="", tool_call_chunks=[call])

    whole = chunk("f", pieces[0])
    for piece in pieces[1:]:
        whole = whole + chunk(None, piece)
    return whole


def test_streamed_arguments_are_read_whole() -> None:
    assert calls_of(_streamed('{"price_', 'max": 5', "0}"))[0].arguments == {"price_max": 50}


def test_streamed_arguments_that_were_cut_off_are_not_completed() -> None:
    cut = _streamed('{"price_', 'max": 5')
    with pytest.raises(Malformed):
        calls_of(cut)
    # The planted fault: read as LangChain completes them, a limit of 50 would have become one of 5.
    assert cut.tool_calls[0]["args"] == {"price_max": 5}


def test_a_call_that_a_client_could_not_read_is_malformed() -> None:
    invalid = {"name": "f", "args": "{", "id": "1", "error": None, "type": "invalid_tool_call"}
    with pytest.raises(Malformed, match="'f'"):
        calls_of(AIMessage("", invalid_tool_calls=[invalid]))
