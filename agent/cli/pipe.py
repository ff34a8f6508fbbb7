"""`python -m agent pipe`: one JSON object a line in, the turn's events out, then one line that says it is done."""

from __future__ import annotations

import json
import secrets
import time
from typing import IO, Any

from agent.cli.playing import play
from agent.errors import NotFound, ShopkeeperError
from agent.messages import EventType
from agent.services import Services, open_shop
from agent.settings import load_settings


def run_pipe(source: IO[str], sink: IO[str]) -> int:
    """Serve the pipe until its input ends; the exit status. A bad line is answered with an error, not fatal."""
    services = open_shop(load_settings())
    services.warm()
    services.start()
    names: dict[str, str] = {}
    try:
        for line in source:
            if line.strip():
                _serve(services, names, line, sink)
    finally:
        services.close()
    return 0


def _serve(services: Services, names: dict[str, str], line: str, sink: IO[str]) -> None:
    name = ""
    try:
        request = json.loads(line)
        name, text = str(request["conversation"]), str(request["text"])
        shopper = request.get("shopper")
        if name not in names:
            names[name] = services.chat.start(None if shopper is None else str(shopper)).id
        elif shopper is not None:
            services.chat.sign_in(names[name], str(shopper))
        _turn(services, name, names[name], text, sink)
    except (json.JSONDecodeError, KeyError, TypeError, AttributeError):
        _write(sink, {"error": "bad_line", "detail": 'each line must be {"conversation", "text", "shopper"?}'})
    except NotFound as error:
        _write(sink, {"conversation": name, "error": "not_found", "detail": str(error)})
    except ShopkeeperError as error:
        _write(sink, {"conversation": name, "error": type(error).__name__, "detail": str(error)})


def _turn(services: Services, name: str, conversation_id: str, text: str, sink: IO[str]) -> None:
    started = time.perf_counter()
    said, calls = [], []
    for event in play(services, conversation_id, secrets.token_hex(8), text):
        _write(sink, {**event.as_json(), "conversation": name})
        if event.type is EventType.SAID:
            said.append(event.data["text"])
        elif event.type is EventType.CALLED:
            calls.append({"name": event.data["name"], "arguments": event.data["arguments"]})
    spent = round((time.perf_counter() - started) * 1000, 1)
    _write(sink, {"conversation": name, "done": True, "reply": "\n".join(said), "calls": calls, "ms": spent})


def _write(sink: IO[str], value: dict[str, Any]) -> None:
    sink.write(json.dumps(value, ensure_ascii=False) + "\n")
    sink.flush()
