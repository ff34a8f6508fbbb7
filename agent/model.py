"""The dialog model as the turn loop sees it: messages in, a decision out; never an exception.

Any LangChain `BaseChatModel` fits. When it fails, answers neither with a call nor with a text, or answers
out of time, the fallback (the encoder policy) decides instead, and the decision says so.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from agent.errors import ModelError, SettingsError
from agent.messages import ToolCall
from agent.settings import Settings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage, BaseMessage
    from langchain_core.tools import StructuredTool

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a model decided: calls, or a text with slots, never both."""

    calls: tuple[ToolCall, ...] = ()
    text: str = ""
    model: str = ""
    fell_back: bool = False
    extras: dict[str, Any] = field(default_factory=dict)
    """What the reply brings beside its text: quick replies, what it needs."""


class DialogModel:
    """A chat model with a time limit and a fallback."""

    def __init__(self, name: str, model: BaseChatModel, fallback: BaseChatModel, timeout: float) -> None:
        self.name = name
        self._model = model
        self._fallback = fallback
        self._timeout = timeout
        self._threads = ThreadPoolExecutor(8, thread_name_prefix="model") if model is not fallback else None

    def decide(self, messages: Sequence[BaseMessage], tools: Sequence[StructuredTool]) -> Decision:
        """The next step. A model that fails is replaced by the fallback for this step."""
        if self._threads is None:
            return _decision(self._model.bind_tools(tools).invoke(list(messages)), self.name)
        try:
            future = self._threads.submit(self._model.bind_tools(tools).invoke, list(messages))
            return _decision(future.result(timeout=self._timeout), self.name)
        except FutureTimeout:
            log.warning("the model %s took longer than %s s; the fallback answers", self.name, self._timeout)
        except Exception as error:
            log.warning("the model %s failed (%s: %s); the fallback answers", self.name, type(error).__name__, error)
        return self.fall_back(messages, tools)

    def fall_back(self, messages: Sequence[BaseMessage], tools: Sequence[StructuredTool]) -> Decision:
        """The fallback's decision."""
        decision = _decision(self._fallback.bind_tools(tools).invoke(list(messages)), "local")
        return Decision(decision.calls, decision.text, decision.model, True, decision.extras)


def _decision(answer: AIMessage, name: str) -> Decision:
    """Raises ModelError for an answer without a call and without a text."""
    if answer.invalid_tool_calls:
        raise ModelError(f"malformed call: {answer.invalid_tool_calls[0].get('error') or 'unreadable arguments'}")
    calls = tuple(
        ToolCall(call.get("id") or f"call-{number}", call["name"], dict(call["args"]))
        for number, call in enumerate(answer.tool_calls)
    )
    text = answer.text.strip()
    if not calls and not text:
        raise ModelError("an empty answer")
    return Decision(calls, "" if calls else text, name, extras=dict(answer.additional_kwargs.get("extras") or {}))


ModelMaker = Callable[[], "BaseChatModel"]


def make_model(settings: Settings, local: BaseChatModel) -> DialogModel:
    """The model of `SHOPKEEPER_MODEL`, with the local one as its fallback.

    Raises:
        SettingsError: the model cannot be loaded.
    """
    kind, _, rest = settings.model.partition(":")
    if kind == "local":
        return DialogModel("local", local, local, settings.model_timeout)
    if kind == "openai":
        name, _, url = rest.partition("@")
        return DialogModel(settings.model, _openai(name, url, settings), local, settings.model_timeout)
    from agent.hf_model import load_hf_model

    try:
        model = load_hf_model(rest)
    except (OSError, ValueError, ImportError) as error:
        raise SettingsError(f"SHOPKEEPER_MODEL: cannot load {rest!r}: {str(error).splitlines()[0]}") from error
    return DialogModel(settings.model, model, local, settings.model_timeout)


def _openai(name: str, url: str, settings: Settings) -> BaseChatModel:
    from langchain_openai import ChatOpenAI
    from pydantic import SecretStr

    return ChatOpenAI(
        model=name,
        base_url=url,
        api_key=SecretStr(settings.model_key or "none"),
        timeout=settings.model_timeout,
        max_retries=1,
        temperature=0,
    )
