"""The encoder policy as a LangChain chat model: works on any machine, and stands in when a language model fails.

A language-understanding policy, not a generator: an intent classifier on the sentence encoder, a parser of
wishes, and lines from `prompts/lines.toml` whose slots code fills.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable
from pydantic import ConfigDict

from agent.understanding.acts import Act, Senses, decide, go_on
from agent.understanding.answers import Reply, reply_to, why
from agent.understanding.state import ChatState, read_state
from agent.wording import Wording


class LocalModel(BaseChatModel):
    """Decides by intent and rules; see `agent.understanding`."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    senses: Callable[[], Senses]
    """What it decides with, asked for at each decision, since the catalogue may have been swapped."""
    wording: Wording

    @property
    def _llm_type(self) -> str:
        return "encoder-policy"

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Runnable[Any, AIMessage]:  # noqa: ARG002
        """The policy knows the shop's tools by name."""
        return self

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,  # noqa: ARG002
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002
        **kwargs: Any,  # noqa: ARG002
    ) -> ChatResult:
        state = read_state(messages)
        key = f"{sum(isinstance(m, HumanMessage) for m in messages)}|{state.text}"
        answer = self._answer(state, key)
        return ChatResult(generations=[ChatGeneration(message=answer)])

    def _answer(self, state: ChatState, key: str) -> AIMessage:
        def line(name: str) -> str:
            return self.wording.template(name, key)

        if state.turn:
            further = go_on(state)
            if further is not None:
                return _called(further, len(state.before) + len(state.turn))
            return _said(reply_to(state.turn[-1], state, line))
        act = decide(state, self.senses())
        if act.tool:
            return _called(act, len(state.before))
        return _said(why(state, line) if act.line == "why" else Reply(line(act.line)))


def _said(reply: Reply) -> AIMessage:
    return AIMessage(reply.text, additional_kwargs={"extras": reply.extras} if reply.extras else {})


def _called(act: Act, number: int) -> AIMessage:
    call = {"id": f"local-{number}", "name": act.tool, "args": act.arguments, "type": "tool_call"}
    return AIMessage(content="", tool_calls=[call])
