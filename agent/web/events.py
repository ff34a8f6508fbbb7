"""A conversation's events as a stream of server-sent events that resumes after any sequence number.

The log in the database is the truth; the notifier only says when to look. A look each second catches what
another process has written. Nothing is lost or sent twice: what follows `after` is read in order.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from fastapi.sse import ServerSentEvent
from starlette.concurrency import run_in_threadpool

from agent.chat import ChatService
from agent.notifier import Listener

LOOK_AGAIN = 1.0
"""Seconds between two looks when nothing was heard."""


class Streams:
    """The open streams of this app, so that a server that stops can end them at once."""

    def __init__(self) -> None:
        self.closing = False
        self._open: set[asyncio.Event] = set()

    @property
    def count(self) -> int:
        return len(self._open)

    def close(self) -> None:
        """End every stream. Call it in the thread of the event loop."""
        self.closing = True
        for wake in self._open:
            wake.set()

    async def follow(self, chat: ChatService, conversation_id: str, after: int) -> AsyncIterator[ServerSentEvent]:
        """Events numbered above `after`, as they come, until the client leaves or the app stops."""
        wake = asyncio.Event()
        stop_listening = chat.notifier.listen(conversation_id, _waker(wake))
        self._open.add(wake)
        try:
            # A first comment lets proxies and clients see that the stream is open.
            yield ServerSentEvent(comment="open")
            while not self.closing:
                wake.clear()
                for event in await run_in_threadpool(chat.events, conversation_id, after):
                    after = event.sequence
                    yield ServerSentEvent(data=event.as_json(), id=str(after))
                with suppress(TimeoutError):
                    await asyncio.wait_for(wake.wait(), LOOK_AGAIN)
        finally:
            self._open.discard(wake)
            stop_listening()


def _waker(wake: asyncio.Event) -> Listener:
    loop = asyncio.get_running_loop()

    def from_any_thread() -> None:
        with suppress(RuntimeError):  # the loop has ended, and the stream with it
            loop.call_soon_threadsafe(wake.set)

    return from_any_thread
