"""Playing a chat from a program: post a message, wait for the end of its turn, give its events."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

from agent.errors import ModelError
from agent.messages import Event
from agent.services import Services

_LONGEST = 300.0
"""Seconds to wait for one turn."""


def play(services: Services, conversation_id: str, client_id: str, text: str) -> Iterator[Event]:
    """Post a message and give the events that follow, until the bot has nothing more to do.

    Raises ModelError when the turn does not end in five minutes.
    """
    yield from until_done(services, conversation_id, services.chat.post(conversation_id, client_id, text))


def until_done(services: Services, conversation_id: str, seen: int) -> Iterator[Event]:
    """The events after `seen`, until the bot has nothing more to do. Raises ModelError, see `play`."""
    news = threading.Event()
    stop = services.notifier.listen(conversation_id, news.set)
    end = time.monotonic() + _LONGEST
    try:
        while True:
            news.clear()
            busy = services.turns.unfinished(conversation_id)
            for event in services.chat.events(conversation_id, seen):
                seen = event.sequence
                yield event
            if not busy:
                return
            if time.monotonic() > end:
                raise ModelError("the turn did not end in five minutes")
            news.wait(0.5)
    finally:
        stop()
