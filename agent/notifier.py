"""Telling listeners of this process that a conversation has something new. A hint, not a record: the log is
in the database, and whoever waits also looks there from time to time."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable

Listener = Callable[[], None]


class Notifier:
    """Calls the listeners of a conversation, from whichever thread the news comes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: dict[str, set[Listener]] = defaultdict(set)

    def listen(self, conversation_id: str, listener: Listener) -> Callable[[], None]:
        """Call `listener` at each news of this conversation, until the function returned is called."""
        with self._lock:
            self._listeners[conversation_id].add(listener)

        def stop() -> None:
            with self._lock:
                self._listeners[conversation_id].discard(listener)
                if not self._listeners[conversation_id]:
                    del self._listeners[conversation_id]

        return stop

    def notify(self, conversation_id: str) -> None:
        with self._lock:
            listeners = list(self._listeners.get(conversation_id, ()))
        for listener in listeners:
            listener()
