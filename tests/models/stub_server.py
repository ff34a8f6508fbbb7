"""A chat server that speaks OpenAI's protocol on loopback and answers as a test tells it to, well or badly."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Says:
    """An answer: a text, calls as (name, arguments as they go over the wire), or both."""

    text: str = ""
    calls: Sequence[tuple[str, str]] = ()
    finish: str = ""

    def message(self) -> Json:
        calls = [
            {"id": f"c{n}", "type": "function", "function": {"name": name, "arguments": arguments}}
            for n, (name, arguments) in enumerate(self.calls)
        ]
        return {"role": "assistant", "content": self.text or None} | ({"tool_calls": calls} if calls else {})

    @property
    def reason(self) -> str:
        return self.finish or ("tool_calls" if self.calls else "stop")


@dataclass(frozen=True)
class Fails:
    status: int
    text: str = "it broke"


@dataclass(frozen=True)
class Stalls:
    """Accepts the request and says nothing for so many seconds."""

    seconds: float


@dataclass(frozen=True)
class Dribbles:
    """Streams a word now and then, so that no read ever times out."""

    every: float
    seconds: float


@dataclass(frozen=True)
class HangsUp:
    """Ends the connection in the middle of a streamed answer."""


@dataclass(frozen=True)
class NotAStream:
    """Answers a request for a stream with plain JSON, as servers that cannot stream do."""

    answer: Says


@dataclass
class Stub:
    """What the server was asked, and what it answers: the steps in order, the last one again and again."""

    url: str
    steps: list[Any] = field(default_factory=list)
    asked: list[Json] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    def answers(self, *steps: Any) -> None:
        self.steps = list(steps)

    def next(self, body: Json) -> Any:
        self.asked.append(body)
        step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        return step(body) if callable(step) else step


@contextmanager
def stub_server() -> Iterator[Stub]:
    stub = Stub("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            stub.keys.append(self.headers.get("authorization", ""))
            try:
                self._answer(stub.next(body), body)
            except OSError:  # the client did not wait
                self.close_connection = True

        def _answer(self, step: Any, body: Json) -> None:
            if isinstance(step, Fails):
                self._json(step.status, {"error": {"message": step.text, "type": "x", "code": None}})
            elif isinstance(step, Stalls):
                stub.stopping.wait(step.seconds)
                self.close_connection = True
            elif isinstance(step, NotAStream):
                self._json(200, _completion(step.answer))
            elif isinstance(step, Dribbles | HangsUp) or body.get("stream"):
                self._stream(step)
            else:
                self._json(200, _completion(step))

        def _json(self, status: int, value: Json) -> None:
            data = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def _stream(self, step: Any) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            if isinstance(step, Dribbles):
                end = time.monotonic() + step.seconds
                while time.monotonic() < end and not stub.stopping.wait(step.every):
                    self._event({"content": "and "}, None)
                self.close_connection = True
                return
            if isinstance(step, HangsUp):
                self._event({"role": "assistant", "content": "It costs"}, None)
                self.close_connection = True
                self.connection.close()
                return
            for delta in _deltas(step):
                self._event(delta, None)
            self._event({}, step.reason)
            self._chunk(b"data: [DONE]\n\n")
            self._chunk(b"")

        def _event(self, delta: Json, finish: str | None) -> None:
            choice = {"index": 0, "delta": delta, "finish_reason": finish}
            value = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "stub", "choices": [choice]}
            self._chunk(f"data: {json.dumps(value)}\n\n".encode())

        def _chunk(self, data: bytes) -> None:
            self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
            self.wfile.flush()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    stub.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield stub
    finally:
        stub.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


def _completion(says: Says) -> Json:
    choice = {"index": 0, "message": says.message(), "finish_reason": says.reason}
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    return {"id": "x", "object": "chat.completion", "created": 0, "model": "stub", "choices": [choice], "usage": usage}


def _deltas(says: Says) -> Iterator[Json]:
    """The answer in small pieces, as servers stream it."""
    yield {"role": "assistant", "content": ""}
    for start in range(0, len(says.text), 400):
        yield {"content": says.text[start : start + 400]}
    for n, (name, arguments) in enumerate(says.calls):
        yield {
            "tool_calls": [{"index": n, "id": f"c{n}", "type": "function", "function": {"name": name, "arguments": ""}}]
        }
        for start in range(0, len(arguments), 7):
            yield {"tool_calls": [{"index": n, "function": {"arguments": arguments[start : start + 7]}}]}


Step = Callable[[Json], Any]


def calls(name: str, **arguments: Any) -> Says:
    return Says(calls=[(name, json.dumps(arguments))])
