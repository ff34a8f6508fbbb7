"""A chat as a tokenizer's chat template renders it, with the model's control tokens kept out of its texts.

A template only joins texts, and the tokenizer reads the whole: a shopper who writes ``<|im_end|>`` would end
their own turn and could go on as the system. So whatever the tokenizer would take for a control token is
broken up with a space in everything that a chat brings. Not covered: instructions in plain words; the
guard's checks of calls and replies are there for those.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage

from agent.call_parsing import MARKERS
from agent.errors import ModelError, SettingsError

_ROLES = {"human": "user", "system": "system"}
_PROBE_TOOL = {
    "type": "function",
    "function": {
        "name": "probe_of_tools",
        "description": "A probe.",
        "parameters": {"type": "object", "properties": {}},
    },
}
_PROBE_CALL = {"id": "call00001", "name": "probe_of_tools", "args": {"a": "b"}, "type": "tool_call"}


class ChatTemplate:
    """A tokenizer's chat template."""

    def __init__(self, tokenizer: Any) -> None:
        self.tokenizer = tokenizer
        self._control = _pattern(tokenizer, ())
        self._empty = _pattern(tokenizer, MARKERS)

    def check(self, name: str) -> None:
        """Raises SettingsError where there is no template, or one that calls and results of tools cannot go through."""
        if not self.tokenizer.chat_template:
            raise SettingsError(f"SHOPKEEPER_MODEL: {name} has no chat template; choose an instruct or chat model")
        chat = [SystemMessage("s"), HumanMessage("q"), AIMessage("", tool_calls=[_PROBE_CALL]),
                ToolMessage("{}", tool_call_id="call00001"), AIMessage("a"), HumanMessage("q")]  # fmt: skip
        try:
            rendered = self.tokenizer.decode(self.render(chat, [_PROBE_TOOL])["input_ids"][0])
        except ModelError as error:
            raise SettingsError(f"SHOPKEEPER_MODEL: {name} cannot call tools: {error}") from error
        if rendered.count("probe_of_tools") < 2:  # once among the tools, once as called
            raise SettingsError(
                f"SHOPKEEPER_MODEL: the chat template of {name} has no place for tools; choose a model that calls tools"
            )

    def render(self, messages: Sequence[BaseMessage], tools: Sequence[Any]) -> Mapping[str, Any]:
        """The chat and the tools as tensors ``[1, tokens]``, ready for the model to go on. Raises ModelError."""
        names = {c["id"]: c["name"] for m in messages if isinstance(m, AIMessage) for c in m.tool_calls}
        try:
            rendered: Mapping[str, Any] = self.tokenizer.apply_chat_template(
                [self._as_dict(message, names) for message in messages],
                tools=list(tools) or None,
                add_generation_prompt=True,
                return_dict=True,
                return_tensors="pt",
                enable_thinking=False,  # templates that know no such switch ignore it
            )
        except Exception as error:  # a template is a program, and raises what it likes
            raise ModelError(f"the chat template does not take this chat: {first_line(error)}") from error
        return rendered

    def shown(self, piece: str) -> str:
        """A piece of an answer without the control tokens that carry nothing, such as the end of the turn."""
        return self._empty.sub("", piece)

    def _as_dict(self, message: BaseMessage, names: Mapping[str | None, str]) -> dict[str, Any]:
        text = self._tame(str(message.text))
        if isinstance(message, ToolMessage):
            called = names.get(message.tool_call_id, "")
            return {"role": "tool", "name": called, "content": text, "tool_call_id": message.tool_call_id}
        if isinstance(message, AIMessage):
            calls = [
                {"type": "function", "id": c["id"], "function": {"name": c["name"], "arguments": self._tame(c["args"])}}
                for c in message.tool_calls
            ]
            return {"role": "assistant", "content": text} | ({"tool_calls": calls} if calls else {})
        return {"role": _ROLES[message.type], "content": text}

    def _tame(self, value: Any) -> Any:
        """The same with a space in each control token, which makes it plain text."""
        if isinstance(value, str):
            return self._control.sub(lambda m: f"{m.group()[0]} {m.group()[1:]}", value)
        if isinstance(value, dict):
            return {key: self._tame(item) for key, item in value.items()}
        return [self._tame(item) for item in value] if isinstance(value, list) else value


def first_line(error: Exception) -> str:
    """The first line of what an error says, or its kind where it says nothing."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]


def _pattern(tokenizer: Any, but: Sequence[str]) -> re.Pattern[str]:
    """Matches the tokenizer's control tokens, `but` those: the special ones, and added ones in brackets."""
    added = tokenizer.added_tokens_decoder.values()
    tokens = {str(t) for t in added if t.special or re.fullmatch(r"<.+>|\[.+\]", str(t))} - set(but)
    longest_first = sorted((t for t in tokens if len(t) > 1), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")
