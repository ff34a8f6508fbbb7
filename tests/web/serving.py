"""A web app behind a real server on a free port, in a thread."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from fastapi import FastAPI

from agent.web.server import ShopServer


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """The address at which the app answers, until the end."""
    server = ShopServer(app, "127.0.0.1", 0, log_level="critical")
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)
        assert not thread.is_alive(), "the server did not stop"


class Web:
    """What a client does with the API, in short words."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.http = httpx.Client(base_url=address, timeout=10)

    def __enter__(self) -> Web:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def start(self, **body: Any) -> tuple[str, dict[str, str]]:
        """A new chat: its id, and the headers that open it."""
        answer = self.http.post("/api/conversations", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"], {"Authorization": f"Bearer {answer.json()['token']}"}

    def post(self, chat: str, headers: dict[str, str], text: str, client_id: str = "c1") -> httpx.Response:
        body = {"client_id": client_id, "text": text}
        return self.http.post(f"/api/conversations/{chat}/messages", json=body, headers=headers)

    def events(self, chat: str, headers: dict[str, str], count: int, after: int | None = 0) -> list[dict[str, Any]]:
        """The first `count` events after a number, each with the stream's own id."""
        found: list[dict[str, Any]] = []
        if count == 0:
            return found
        params = {} if after is None else {"after": after}
        with self.http.stream("GET", f"/api/conversations/{chat}/events", params=params, headers=headers) as answer:
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith("text/event-stream")
            for block in blocks(answer):
                if "data" in block:
                    found.append({**json.loads(block["data"]), "id": int(block["id"])})
                if len(found) == count:
                    break
        return found


def blocks(answer: httpx.Response) -> Iterator[dict[str, str]]:
    """The blocks of an event stream as they come; a comment is under the key ``comment``."""
    block: dict[str, str] = {}
    for line in answer.iter_lines():
        if not line:
            if block:
                yield block
            block = {}
        else:
            name, _, value = line.partition(":")
            block[name or "comment"] = value.strip()
