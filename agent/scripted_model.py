"""A dialog model that follows a script: for tests and for replaying a recorded chat."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable
from pydantic import PrivateAttr

Step = str | tuple[str, dict[str, Any]] | Sequence[tuple[str, dict[str, Any]]] | Exception | Callable[..., Any]


class ScriptedModel(BaseChatModel):
    """Answers with the steps of its script, one a call.

    A step is a text to say, a call ``(tool, arguments)``, several calls, an exception to raise, or a
    function of the messages that returns one of these.
    """

    script: list[Any]
    _next: int = PrivateAttr(default=0)
    _seen: list[list[BaseMessage]] = PrivateAttr(default_factory=list)

    @property
    def _llm_type(self) -> str:
        return "scripted"

    @property
    def seen(self) -> list[list[BaseMessage]]:
        """The messages that each call was given."""
        return self._seen

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Runnable[Any, AIMessage]:  # noqa: ARG002
        return self

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,  # noqa: ARG002
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002
        **kwargs: Any,  # noqa: ARG002
    ) -> ChatResult:
        self._seen.append(messages)
        if self._next >= len(self.script):
            raise IndexError("the script has ended")
        step: Any = self.script[self._next]
        self._next += 1
        return ChatResult(generations=[ChatGeneration(message=self._answer(step, messages))])

    def _answer(self, step: Any, messages: list[BaseMessage]) -> AIMessage:
        if callable(step):
            step = step(messages)
        if isinstance(step, Exception):
            raise step
        if isinstance(step, str):
            return AIMessage(step)
        calls = [step] if isinstance(step, tuple) else list(step)
        return AIMessage(
            content="",
            tool_calls=[
                {"id": f"call-{self._next}-{n}", "name": name, "args": arguments, "type": "tool_call"}
                for n, (name, arguments) in enumerate(calls)
            ],
        )
