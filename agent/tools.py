"""The toolbox: typed functions that a dialog model may call, bound to one session.

A tool is a method marked `@reads` or `@writes`; its docstring and its annotated arguments are what the
model reads. No tool takes a shopper's id: whose account it is comes from the session alone. A reading tool
returns an `Answer`, JSON with values in words; a writing tool changes nothing, it returns a `Draft` of the
effect for the shopper to confirm.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from agent.errors import NotFound, ShopkeeperError
from agent.messages import Effect, Json, Message, ToolCall, ToolResult
from agent.store.rows import now

if TYPE_CHECKING:
    from langchain_core.tools import StructuredTool

_Method = TypeVar("_Method", bound=Callable[..., Any])


class ToolRefused(ShopkeeperError):
    """A rule forbids the call. `rule` names it; the text may be told to the shopper."""

    def __init__(self, rule: str, text: str) -> None:
        super().__init__(text)
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Session:
    """Whose chat it is and what was said in it: all that a tool may know beside its arguments."""

    conversation_id: str
    shopper_id: str | None
    messages: tuple[Message, ...] = ()
    at: datetime = field(default_factory=now)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reading tool found: `value` for the model and the evidence, `shows` for the faces to draw."""

    value: Json
    shows: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Draft:
    """What a writing tool would do; it becomes a proposal."""

    effect: Effect
    subject: str
    subject_version: int


def reads(method: _Method) -> _Method:
    """Mark a tool that changes nothing."""
    method.tool_kind = "reads"  # type: ignore[attr-defined]
    return method


def writes(method: _Method) -> _Method:
    """Mark a tool whose effect the shopper must confirm."""
    method.tool_kind = "writes"  # type: ignore[attr-defined]
    return method


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool of a session: its name, what the model reads, its arguments' model and its function."""

    name: str
    description: str
    writes: bool
    arguments: type[BaseModel]
    function: Callable[..., Answer | Draft]

    def structured(self) -> StructuredTool:
        """The same as a LangChain tool, for `bind_tools`."""
        from langchain_core.tools import StructuredTool

        return StructuredTool(
            name=self.name, description=self.description, args_schema=self.arguments, func=self.function
        )


class Toolbox:
    """The tools of one session, collected from groups of methods."""

    def __init__(self, groups: Sequence[object]) -> None:
        self._tools = {tool.name: tool for group in groups for tool in _tools_of(group)}

    def __contains__(self, name: str) -> bool:
        return name in self._tools

    def __getitem__(self, name: str) -> Tool:
        return self._tools[name]

    @property
    def names(self) -> list[str]:
        return list(self._tools)

    def structured(self) -> list[StructuredTool]:
        return [tool.structured() for tool in self._tools.values()]

    def run(self, call: ToolCall) -> ToolResult | Draft:
        """Run a call that `agent.guard.calls` has let pass; an error becomes a result that the model can read."""
        tool = self._tools[call.name]
        try:
            value = tool.function(**validated(tool, call.arguments))
        except ToolRefused as refused:
            return ToolResult(call.id, False, {"refused": str(refused)}, str(refused), refused.rule)
        except NotFound as missing:
            return ToolResult(call.id, False, {"refused": str(missing)}, str(missing), "not_found")
        if isinstance(value, Draft):
            return value
        return ToolResult(call.id, True, value.value, shows=value.shows)


def validated(tool: Tool, arguments: Json) -> Json:
    """The arguments as the tool's types want them, defaults left out where not given.

    Raises:
        pydantic.ValidationError: an argument is unknown, missing, or of the wrong type.
    """
    checked = tool.arguments.model_validate(arguments)
    return {name: getattr(checked, name) for name in checked.model_fields_set}


def problem(error: ValidationError) -> str:
    """What is wrong with a call's arguments, in one line for the model."""
    first = error.errors()[0]
    where = ".".join(str(p) for p in first["loc"]) or "arguments"
    return f"{where}: {first['msg']}"


def _tools_of(group: object) -> list[Tool]:
    found = []
    for name, method in inspect.getmembers(group, inspect.ismethod):
        kind = getattr(method, "tool_kind", None)
        if kind:
            description = inspect.getdoc(method) or ""
            found.append(Tool(name, description, kind == "writes", _arguments(name, method), method))
    return found


_MODELS: dict[str, type[BaseModel]] = {}
# Models write a number where a text is wanted ("order": 10482), which is harmless; NaN as a price is not.
_STRICT = ConfigDict(extra="forbid", coerce_numbers_to_str=True, allow_inf_nan=False)


def _arguments(name: str, method: Callable[..., Any]) -> type[BaseModel]:
    """A strict model of a method's arguments, made once: an argument that it does not have is an error."""
    key = f"{method.__qualname__}"
    if key not in _MODELS:
        parameters = inspect.signature(method, eval_str=True).parameters.values()
        fields: dict[str, Any] = {
            p.name: (p.annotation, ... if p.default is inspect.Parameter.empty else p.default) for p in parameters
        }
        _MODELS[key] = create_model(f"{name}_arguments", __config__=_STRICT, **fields)
    return _MODELS[key]
