"""The dialog model as the turn loop sees it: messages in, a decision out; never an exception.

Any LangChain `BaseChatModel` fits. One that is not the shop's own is watched: each step has a time limit;
an answer that cannot be read is asked for once more, with what was wrong; a server that fails again and
again is left alone for a while. Where all that gives no answer, the fallback (the encoder policy) decides
the step, and the decision says so. Not covered here: whether a call is allowed and a reply is true, see
`agent.guard`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

from agent.call_parsing import Call, Malformed, calls_of, read_written
from agent.chat_format import for_any_model, latest_turns, without_refused_calls
from agent.errors import ModelError, SettingsError
from agent.guard.text import clean
from agent.messages import ToolCall
from agent.patience import Breaker, Threads
from agent.settings import Settings
from agent.store.turns import LEASE
from agent.wording import PROMPTS, fill

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage, BaseMessage
    from langchain_core.tools import StructuredTool

log = logging.getLogger(__name__)

_MOST_CALLS = 8
_LONGEST_REPLY = 4_000
_LONGEST_ANSWER = 20_000
"""Characters, calls and all; a longer answer is not read to its end."""
_LONGEST_CHAT = 60_000
"""Characters (some 15,000 tokens) of the chat that a model is given; older turns are left out."""
_FAILURES, _REST = 3, 30.0
"""After so many failures in a row a model is left alone for so many seconds."""
_CUT_OFF = ("length", "max_tokens", "content_filter")


@dataclass(frozen=True, slots=True)
class Decision:
    """What a model decided: calls, or a text with slots, never both."""

    calls: tuple[ToolCall, ...] = ()
    text: str = ""
    model: str = ""
    fell_back: bool = False
    extras: dict[str, Any] = field(default_factory=dict)
    """What the reply brings beside its text: quick replies, what it needs."""


class _NothingStreamed(ModelError):
    """A server answered a request for a stream with something else."""


class DialogModel:
    """A chat model with a time limit, a second try, a circuit breaker and a fallback.

    Args:
        name: what the model is called in logs, events and evaluations; no address and no secret.
        model: decides. Where it is the fallback itself, it is asked directly.
        fallback: decides where the model does not.
        timeout: seconds for one step, second try included.
        secrets: never logged, whatever an error's text repeats.
        threads: how many answers may be awaited at the same time, stalled ones included.
    """

    def __init__(
        self,
        name: str,
        model: BaseChatModel,
        fallback: BaseChatModel,
        timeout: float,
        *,
        secrets: Sequence[str] = (),
        threads: int = 8,
        breaker: Breaker | None = None,
    ) -> None:
        self.name = name
        self._model = model
        self._fallback = fallback
        self._timeout = timeout
        self._secrets = [s for s in secrets if s]
        self._threads = Threads(threads)
        self._breaker = breaker or Breaker(_FAILURES, _REST)

    def close(self) -> None:
        """Close the model's connections, where it holds any."""
        client = getattr(self._model, "http_client", None)
        if client is not None:
            client.close()

    def decide(self, messages: Sequence[BaseMessage], tools: Sequence[StructuredTool]) -> Decision:
        """The next step. A model that fails is replaced by the fallback for this step."""
        if self._model is self._fallback:
            return _decision(self._model.bind_tools(tools).invoke(list(messages)), self.name)
        if not self._breaker.lets_through():
            return self.fall_back(messages, tools)
        deadline = time.monotonic() + self._timeout
        try:
            decision = self._threads.run(lambda: self._think(messages, tools, deadline), self._timeout)
        except Exception as error:
            self._failed(error)
            return self.fall_back(messages, tools)
        self._breaker.succeeded()
        return decision

    def fall_back(self, messages: Sequence[BaseMessage], tools: Sequence[StructuredTool]) -> Decision:
        """The fallback's decision."""
        asked = without_refused_calls(messages)
        decision = _decision(self._fallback.bind_tools(tools).invoke(asked), "local")
        return replace(decision, fell_back=True)

    def _think(self, messages: Sequence[BaseMessage], tools: Sequence[StructuredTool], deadline: float) -> Decision:
        """The model's decision, of its first or its second answer."""
        bound = self._model.bind_tools(tools)
        asked = latest_turns(for_any_model(messages), lambda kept: _length(kept) <= _LONGEST_CHAT)
        answer: AIMessage | None = None
        try:
            answer = _streamed(bound.stream(asked), deadline)
            return _decision(answer, self.name)
        except Malformed as error:
            log.info("an answer of the model %s could not be used: %s", self.name, error)
            again = [*asked, *_complaint(answer, error)]
        except Exception as error:
            shorter = latest_turns(asked, lambda _: False) if _too_much(error) else asked
            if time.monotonic() >= deadline or not (_passing(error) or len(shorter) < len(asked)):
                raise
            again = shorter
        # Not streamed this time: some servers stream no calls, or nothing at all.
        return _decision(bound.invoke(again), self.name)

    def _failed(self, error: Exception) -> None:
        """Count and tell a failure. What is wrong with one chat's answer says nothing about the next one's."""
        text = "no answer in time" if isinstance(error, TimeoutError) else " ".join(str(error).split())[:300]
        for secret in self._secrets:
            text = text.replace(secret, "[secret]")
        log.warning("the model %s failed (%s: %s); the fallback answers", self.name, type(error).__name__, text)
        if not isinstance(error, ModelError) and not _too_much(error) and self._breaker.failed():
            log.warning("the model %s is left alone for %g s: it failed %d times", self.name, _REST, _FAILURES)


def _streamed(stream: Any, deadline: float) -> AIMessage:
    """A streamed answer as one message, read no further than the limits of time and length allow."""
    chunks: list[Any] = []
    length = 0
    try:
        with closing(stream):
            for chunk in stream:
                chunks.append(chunk)
                length += len(chunk.text) + sum(len(c["args"] or "") for c in getattr(chunk, "tool_call_chunks", ()))
                if length > _LONGEST_ANSWER:
                    raise Malformed(f"it is longer than {_LONGEST_ANSWER} characters")
                if time.monotonic() > deadline:
                    raise TimeoutError
    except ValueError as error:  # LangChain's word for a stream without a chunk
        raise error if chunks else _NothingStreamed("the server streamed nothing") from error
    return cast("AIMessage", chunks[0] + chunks[1:] if len(chunks) > 1 else chunks[0])


def _decision(answer: AIMessage, name: str) -> Decision:
    """Raises Malformed for an answer that is neither calls nor a reply, whole and of bearable length."""
    if answer.response_metadata.get("finish_reason") in _CUT_OFF:
        raise Malformed("it was cut off before its end")
    written = calls_of(answer)
    text = str(answer.text)
    if not written:
        read = read_written(text)
        if read.unreadable:
            raise Malformed(read.unreadable)
        written, text = read.calls, read.text
    if written:
        return Decision(_calls(written), "", name)
    if len(text) > _LONGEST_REPLY:
        raise Malformed(f"a reply is longer than {_LONGEST_REPLY} characters")
    text = clean(text, _LONGEST_REPLY)
    if not text:
        raise Malformed("it is empty")
    return Decision((), text, name, extras=dict(answer.additional_kwargs.get("extras") or {}))


def _calls(written: Sequence[Call]) -> tuple[ToolCall, ...]:
    if len(written) > _MOST_CALLS:
        raise Malformed(f"it holds more than {_MOST_CALLS} calls")
    if not all(call.name for call in written):
        raise Malformed("a call lacks its tool's name")
    return tuple(ToolCall(c.id or f"call-{n}", c.name, c.arguments) for n, c in enumerate(written))


def _complaint(answer: AIMessage | None, error: Malformed) -> list[BaseMessage]:
    """What the model wrote, and what is wrong with it."""
    from langchain_core.messages import AIMessage, HumanMessage

    repair = fill((PROMPTS / "repair.md").read_text(encoding="utf-8"), {"problem": str(error)}).strip()
    wrote = "" if answer is None else answer.text[:_LONGEST_REPLY]
    return [AIMessage(wrote or "(an answer that could not be read)"), HumanMessage(repair)]


def _length(messages: Sequence[BaseMessage]) -> int:
    return sum(len(m.text) + sum(len(str(c["args"])) for c in getattr(m, "tool_calls", ())) for m in messages)


def _too_much(error: Exception) -> bool:
    """Did a server refuse this very request, most likely for its length?"""
    return getattr(error, "status_code", None) in (400, 413, 422)


def _passing(error: Exception) -> bool:
    """May the same request succeed a moment later? Not where the server refused it, or asks for patience (429)."""
    import httpx

    status = getattr(error, "status_code", None)
    broken = isinstance(error, httpx.TransportError | _NothingStreamed) or getattr(error, "is_retryable", False)
    return broken if status is None else status >= 500


ModelMaker = Callable[[], "BaseChatModel"]


def make_model(settings: Settings, local: BaseChatModel) -> DialogModel:
    """The model of `SHOPKEEPER_MODEL`, with the local one as its fallback.

    Raises:
        SettingsError: the model cannot be loaded.
    """
    kind, _, rest = settings.model.partition(":")
    if kind == "local":
        return DialogModel("local", local, local, settings.model_timeout)
    longest = LEASE.total_seconds() - 10
    if settings.model_timeout > longest:  # past its lease, another worker would take the turn up as well
        raise SettingsError(f"SHOPKEEPER_MODEL_TIMEOUT: must be {longest:g} seconds or less")
    if kind == "openai":
        name, model = _openai(rest, settings)
    else:
        from agent.hf_model import load_hf_model, short_name

        name, model = f"hf:{short_name(rest)}", load_hf_model(rest, seconds=settings.model_timeout)
    threads = max(4, 2 * settings.workers)
    return DialogModel(name, model, local, settings.model_timeout, secrets=(settings.model_key,), threads=threads)


def _openai(rest: str, settings: Settings) -> tuple[str, BaseChatModel]:
    """The client of ``<model>@<base url>``, and its name without the address, since shoppers' events carry the name."""
    name, _, address = rest.partition("@http")
    if not name or not address.lstrip("s").removeprefix("://"):
        raise SettingsError(
            "SHOPKEEPER_MODEL: must be openai:<model>@<base url>, e.g. openai:qwen3@http://localhost:8000/v1"
        )
    import httpx
    from langchain_openai import ChatOpenAI
    from pydantic import SecretStr

    timeout = settings.model_timeout
    patience = httpx.Timeout(timeout, connect=min(timeout, 5.0))
    model = ChatOpenAI(
        model=name,
        base_url=f"http{address}",
        api_key=SecretStr(settings.model_key or "none"),
        timeout=patience,
        http_client=httpx.Client(timeout=patience),  # of its own, so that it can be closed
        max_retries=0,  # the second try is ours, within the step's time
        temperature=0,
        max_completion_tokens=2_048,
        use_responses_api=False,
        stream_usage=False,
    )
    return f"openai:{name}", model
