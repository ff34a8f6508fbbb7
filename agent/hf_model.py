"""Any causal language model of Hugging Face's transformers as a LangChain chat model that calls tools.

The model's own chat template renders the chat and the tools; generation is greedy; the calls in its text
are read by `agent.call_parsing`. One answer at a time: others wait in line. A chat longer than the context
loses its oldest turns; an answer that takes longer than it may is stopped and marked as cut off. Texts in
the chat cannot bring control tokens of the model with them: what looks like one is broken up first.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import ConfigDict, Field, PrivateAttr

from agent.call_parsing import read_written
from agent.chat_format import latest_turns
from agent.errors import ModelError, SettingsError
from agent.hf_chat import ChatTemplate, first_line

_BEGINS_A_CALL = re.compile(r"[<\[]|\A\s*[{`]")


class HFModel(BaseChatModel):
    """A transformers model with its chat template. Made by `load_hf_model`."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    source: str
    """The folder or the hub's id that it was loaded from."""
    model: Any = Field(exclude=True, repr=False)
    template: ChatTemplate = Field(exclude=True, repr=False)
    most_new_tokens: int
    most_context: int
    """Tokens of chat, tools and answer together."""
    seconds: float
    """For one answer, waiting in line not included."""
    _lock: threading.Lock = PrivateAttr(default_factory=threading.Lock)

    @property
    def _llm_type(self) -> str:
        return "transformers"

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Runnable[Any, AIMessage]:
        return self.bind(tools=[convert_to_openai_tool(tool) for tool in tools], **kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,  # noqa: ARG002
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002
        tools: Sequence[Any] = (),
        **kwargs: Any,  # noqa: ARG002
    ) -> ChatResult:
        pieces = list(self._pieces(messages, tools))
        text, reason = "".join(p for p, _ in pieces), pieces[-1][1]
        read = read_written(text)
        unreadable = [{"type": "invalid_tool_call", "name": None, "args": text, "id": None, "error": read.unreadable}]
        message = AIMessage(
            content=read.text,
            tool_calls=[{"name": c.name, "args": c.arguments, "id": f"call{n:05d}"} for n, c in enumerate(read.calls)],
            invalid_tool_calls=unreadable if read.unreadable else [],
            response_metadata={"finish_reason": reason},
        )
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,  # noqa: ARG002
        run_manager: CallbackManagerForLLMRun | None = None,
        tools: Sequence[Any] = (),
        **kwargs: Any,  # noqa: ARG002
    ) -> Iterator[ChatGenerationChunk]:
        """Text as it is written, up to where a call may begin; from there on, all of it at the end."""
        text, told, reason = "", "", ""
        for piece, reason in self._pieces(messages, tools):  # noqa: B007
            text += piece
            held = _BEGINS_A_CALL.search(text)
            ready = text[len(told) : held.start() if held else None]
            told += ready
            if run_manager and ready:
                run_manager.on_llm_new_token(ready)
            yield _chunk(ready)
        read = read_written(text)
        calls = [] if read.unreadable else read.calls
        rest = read.text.removeprefix(told) if calls and read.text.startswith(told) else text[len(told) :]
        chunks = [
            {
                "name": c.name,
                "args": json.dumps(c.arguments),
                "id": f"call{n:05d}",
                "index": n,
                "type": "tool_call_chunk",
            }
            for n, c in enumerate(calls)
        ]
        yield _chunk(rest, tool_call_chunks=chunks, response_metadata={"finish_reason": reason})

    def _pieces(self, messages: list[BaseMessage], tools: Sequence[Any]) -> Iterator[tuple[str, str]]:
        """What the model writes, bit by bit, each with why it ended: empty until the last, then stop or length."""
        if not self._lock.acquire(timeout=self.seconds):
            raise ModelError("the model is still busy with another answer; give it more time or a faster machine")
        try:
            yield from self._write(self._prompt(messages, tools))
        finally:
            self._lock.release()

    def _write(self, prompt: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        import torch
        from transformers import StoppingCriteriaList, TextIteratorStreamer

        halted = threading.Event()
        outcome: list[int | Exception] = []
        streamer = TextIteratorStreamer(self.template.tokenizer, skip_prompt=True, skip_special_tokens=False)

        def halt(ids: Any, _scores: Any, **_: Any) -> Any:
            return torch.full((ids.shape[0],), halted.is_set(), device=ids.device)

        def generate() -> None:
            try:
                written = self.model.generate(
                    **prompt,
                    max_time=self.seconds,
                    max_new_tokens=self.most_new_tokens,
                    streamer=streamer,
                    stopping_criteria=StoppingCriteriaList([halt]),
                )
                outcome.append(int(written[0, -1]))
            except Exception as error:
                outcome.append(error)
            finally:
                streamer.end()  # type: ignore[no-untyped-call]

        thread = threading.Thread(target=generate, name="generate", daemon=True)
        thread.start()
        try:
            for piece in streamer:
                yield self.template.shown(piece), ""
        finally:  # also where the reader has gone: the model stops at its next token
            halted.set()
            thread.join()
        if isinstance(outcome[0], Exception):
            raise ModelError(f"generation failed: {first_line(outcome[0])}") from outcome[0]
        yield "", "stop" if outcome[0] in _ends(self.model) else "length"

    def _prompt(self, messages: list[BaseMessage], tools: Sequence[Any]) -> Mapping[str, Any]:
        """The rendered chat as tensors on the model's device, its oldest turns left out where it is too long.

        Raises ModelError where the last turn alone does not fit.
        """
        room = self.most_context - self.most_new_tokens
        rendered: dict[str, Any] = {}

        def fits(kept: list[BaseMessage]) -> bool:
            rendered.clear()
            rendered.update(self.template.render(kept, tools))
            return bool(rendered["input_ids"].shape[1] <= room)

        if not fits(latest_turns(messages, fits)):
            raise ModelError(
                f"the last turn is longer than the {room} tokens of the model's context; use another model"
            )
        return {name: tensor.to(self.model.device) for name, tensor in rendered.items()}


def load_hf_model(
    name_or_folder: str, *, seconds: float = 30.0, most_new_tokens: int = 512, most_context: int = 8_192
) -> HFModel:
    """A model from a folder, without a look at the network, or by its id from the hub's cache or the hub.

    Weights are read from safetensors only, and no code that comes with a model is run. With a GPU and
    accelerate the model is spread by ``device_map="auto"``; else it runs on the CPU, in the type it was saved in.

    Raises:
        SettingsError: it cannot be loaded, or its chat template is missing or has no place for tools.
    """
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = Path(name_or_folder).expanduser()
    local = folder.is_dir()
    if not local and name_or_folder.startswith((".", "/", "~")):
        raise SettingsError(f"SHOPKEEPER_MODEL: there is no folder {name_or_folder}")
    source = str(folder) if local else name_or_folder
    wants: dict[str, Any] = {"local_files_only": local, "trust_remote_code": False}
    try:
        tokenizer = AutoTokenizer.from_pretrained(source, **wants)
        template = ChatTemplate(tokenizer)
        template.check(name_or_folder)
        placed = {"device_map": "auto"} if _has_gpu() else {}
        model = AutoModelForCausalLM.from_pretrained(source, dtype="auto", use_safetensors=True, **placed, **wants)
    except SettingsError:
        raise
    except Exception as error:  # other people's files fail in other people's ways
        raise SettingsError(f"SHOPKEEPER_MODEL: cannot load {name_or_folder!r}: {first_line(error)}") from error
    model.eval()  # type: ignore[no-untyped-call]
    _greedy(model, tokenizer)
    return HFModel(
        source=source,
        model=model,
        template=template,
        most_new_tokens=min(most_new_tokens, _context(model, tokenizer) // 4),
        most_context=min(most_context, _context(model, tokenizer)),
        seconds=seconds,
    )


def short_name(name_or_folder: str) -> str:
    """What a model is called where others read it: a folder by its last part, not by where it lies."""
    folder = Path(name_or_folder).expanduser()
    return folder.resolve().name if folder.is_dir() else name_or_folder


def _has_gpu() -> bool:
    from importlib.util import find_spec

    import torch

    return torch.cuda.is_available() and find_spec("accelerate") is not None


def _greedy(model: Any, tokenizer: Any) -> None:
    """Greedy decoding that ends where the model's own settings or its tokenizer say so."""
    from transformers import GenerationConfig

    ends = sorted({*_ends(model), *([] if tokenizer.eos_token_id is None else [tokenizer.eos_token_id])})
    pad = ends[0] if tokenizer.pad_token_id is None and ends else tokenizer.pad_token_id
    model.generation_config = GenerationConfig(  # type: ignore[no-untyped-call]
        do_sample=False, eos_token_id=ends or None, pad_token_id=pad
    )


def _ends(model: Any) -> list[int]:
    ids = model.generation_config.eos_token_id
    return [] if ids is None else [ids] if isinstance(ids, int) else list(ids)


def _context(model: Any, tokenizer: Any) -> int:
    """The most tokens that the model can read; some tokenizers answer with an astronomical number."""
    config = model.config.get_text_config()
    return int(min(getattr(config, "max_position_embeddings", None) or 8_192, tokenizer.model_max_length))


def _chunk(text: str, **fields: Any) -> ChatGenerationChunk:
    return ChatGenerationChunk(message=AIMessageChunk(content=text, **fields))
