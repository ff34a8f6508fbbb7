"""Reading a language model's raw text: what it says to the shopper, and which calls it writes into it.

Models without a server that reads their calls for us write them into the text, each family in its own form.
Read are those of Hermes and Qwen, Llama 3, Mistral (both of its forms), and a bare JSON object or list. The
reading is strict: what looks like a call but is not exactly one is handed back as unreadable, never guessed
at and never run; nor is a model's markup ever said to a shopper.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agent.errors import ModelError

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage

HERMES, HERMES_END = "<tool_call>", "</tool_call>"
PYTHON_TAG = "<|python_tag|>"
MISTRAL, MISTRAL_ARGS, MISTRAL_ID = "[TOOL_CALLS]", "[ARGS]", "[CALL_ID]"
MARKERS = (HERMES, HERMES_END, PYTHON_TAG, MISTRAL, MISTRAL_ARGS, MISTRAL_ID)
"""Tokens that carry a call; a tokenizer may count them as special, and they must survive decoding."""

_THOUGHT = re.compile(r"\A\s*(?:<think>)?(?:(?!<think>).)*?</think>", re.S)
_FENCE = "```"
_BARE = re.compile(r"\A(?:\[\s*)*\{\s*\"")
"""How JSON begins; a reply that begins with a slot, ``{1.title}``, does not begin so."""
_MARKUP = re.compile(
    r"<\|[^|>\s]{1,40}\|>|<｜|</?(?:tool_call|tool_response|function|think)\b|\[/?(?:TOOL_CALLS|ARGS|INST|TOOL_RESULTS)\]"
)
_NAMED_ARGS = re.compile(r"\s*([\w.-]{1,64})\s*(?:\[CALL_ID\]\s*[\w-]{1,64}\s*)?\[ARGS\]")
_KEYS = {"name", "arguments", "parameters", "id", "type"}


class Malformed(ModelError):
    """An answer that cannot be read as a call or as a reply. Its text may be told to the model."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call as it was written: a name and the arguments' JSON object."""

    name: str
    arguments: dict[str, Any]
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A text taken apart: what is left to say, the calls in it, and why it cannot be read, if it cannot."""

    text: str
    calls: tuple[Call, ...] = ()
    unreadable: str = ""


def read_written(text: str) -> Written:
    """Take a model's raw text apart. A thought before the answer (``<think>…</think>``) is left out."""
    text = _THOUGHT.sub("", text, count=1)
    try:
        said, calls = _taken_apart(text)
    except Malformed as error:
        return Written("", unreadable=str(error))
    if found := _MARKUP.search(said):
        return Written("", unreadable=f"{found.group()!r} stands where no call can be read")
    return Written(said, tuple(calls))


def calls_of(message: AIMessage) -> tuple[Call, ...]:
    """The structured calls of a message, as the model wrote them.

    LangChain completes the cut-off arguments of a streamed call (``{"price_max": 5`` becomes a limit of 5,
    where 50 may have been meant), so they are read again here, whole or not at all.

    Raises:
        Malformed: a call's arguments are not one JSON object.
    """
    from langchain_core.messages import AIMessageChunk

    if isinstance(message, AIMessageChunk) and message.tool_call_chunks:
        return tuple(
            Call(chunk["name"] or "", _arguments(chunk["args"] or "{}"), chunk["id"])
            for chunk in message.tool_call_chunks
        )
    if message.invalid_tool_calls:
        raise Malformed(f"the arguments of {message.invalid_tool_calls[0].get('name')!r} are not a JSON object")
    return tuple(Call(c["name"], _arguments(dict(c["args"])), c.get("id")) for c in message.tool_calls)


def _taken_apart(text: str) -> tuple[str, list[Call]]:
    if HERMES in text:
        return _hermes(text)
    if MISTRAL in text:
        said, _, rest = text.partition(MISTRAL)
        return said, _mistral(rest)
    if PYTHON_TAG in text:
        said, _, rest = text.partition(PYTHON_TAG)
        return said, list(_calls_in(rest))
    bare = text.strip()
    if bare.startswith(_FENCE) and bare.endswith(_FENCE):
        bare = bare.strip("`").removeprefix("json").strip()
    if _BARE.match(bare):
        return "", list(_calls_in(bare))
    return text, []


def _hermes(text: str) -> tuple[str, list[Call]]:
    """``<tool_call>{…}</tool_call>``, any number of them; the last one's end may be missing."""
    said, *blocks = text.split(HERMES)
    calls: list[Call] = []
    for block in blocks:
        body, _, after = block.partition(HERMES_END)
        calls += _calls_in(body)
        said += after
    return said, calls


def _mistral(rest: str) -> list[Call]:
    """``[{…}, …]``, or ``name[ARGS]{…}`` with the marker before each further one."""
    if rest.lstrip().startswith(("[{", "[ {", "{")):
        return list(_calls_in(rest))
    calls = []
    for piece in rest.split(MISTRAL):
        named = _NAMED_ARGS.match(piece)
        if named is None:
            raise Malformed("a call needs its tool's name and a JSON object of arguments")
        calls.append(Call(named.group(1), _arguments(piece[named.end() :])))
    return calls


def _calls_in(text: str) -> Iterator[Call]:
    """The calls of a JSON object, of a list of them, or of several objects with ``;`` or nothing between."""
    text = text.strip()
    if not text:
        raise Malformed("a call was announced, but none was written")
    while text:
        value, end = _json(text)
        for item in value if isinstance(value, list) else [value]:
            yield _call(item)
        text = text[end:].lstrip().lstrip(";").lstrip()


def _call(value: Any) -> Call:
    if not isinstance(value, dict):
        raise Malformed("a call must be a JSON object with a name and arguments")
    if set(value) == {"type", "function"} and isinstance(value["function"], dict):
        value = value["function"]
    name = value.get("name")
    given = [key for key in ("arguments", "parameters") if key in value]
    if not isinstance(name, str) or not name or len(given) != 1 or set(value) - _KEYS:
        raise Malformed("a call must be a JSON object with a name and arguments, and nothing else")
    arguments = value[given[0]]
    call_id = value.get("id")
    return Call(name, _arguments(arguments), call_id if isinstance(call_id, str) else None)


def _arguments(given: Any) -> dict[str, Any]:
    """Arguments as an object; some models write the object as a string."""
    if isinstance(given, str):
        value, end = _json(given)
        if given.strip()[end:].strip():
            raise Malformed("something stands after the JSON object of a call's arguments")
        given = value
    if not isinstance(given, dict):
        raise Malformed("a call's arguments must be a JSON object")
    try:  # half of a surrogate pair is read without complaint, and nothing could store or search it
        json.dumps(given, ensure_ascii=False).encode()
    except ValueError as error:
        raise Malformed("a call's arguments hold a character that does not exist") from error
    return given


def _json(text: str) -> tuple[Any, int]:
    """The JSON value that a text begins with, and where it ends, white space before it not counted."""
    try:
        return _DECODER.raw_decode(text.strip())
    except (ValueError, RecursionError) as error:
        raise Malformed(f"a call is not valid JSON ({error})") from error


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is no number that can be counted with")
    return number


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys are there once; of two values nobody could say which is meant."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is there twice")
    return found


_DECODER = json.JSONDecoder(parse_float=_number, parse_constant=_number, object_pairs_hook=_once)
