"""Not waiting for a model that does not answer: threads with an end, and a circuit breaker.

A thread cannot be stopped from outside, so one that a stalled server holds is left behind and ends when its
own time-out does. There are only so many of them: when all are held, nobody waits in line, the caller is
told at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from agent.errors import ModelError

T = TypeVar("T")


class Threads:
    """At most `most` pieces of work at a time, each in a thread of its own that does not hold up the end."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._free = threading.BoundedSemaphore(most)

    def run(self, work: Callable[[], T], seconds: float) -> T:
        """What `work` returns or raises.

        Raises:
            TimeoutError: it took longer; its thread goes on alone.
            ModelError: all threads are held by work that has not ended.
        """
        if not self._free.acquire(blocking=False):
            raise ModelError(f"all {self._most} threads still wait for an answer of the model")
        outcome: Future[T] = Future()

        def run() -> None:
            try:
                outcome.set_result(work())
            except BaseException as error:
                outcome.set_exception(error)
            finally:
                self._free.release()

        threading.Thread(target=run, name="model", daemon=True).start()
        return outcome.result(timeout=seconds)


class Breaker:
    """Opens after some failures in a row; then lets one through every `rest` seconds, until one succeeds."""

    def __init__(self, failures: int, rest: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = failures
        self._rest = rest
        self._clock = clock
        self._lock = threading.Lock()
        self._failed = 0
        self._next_try = 0.0

    def lets_through(self) -> bool:
        """May one try now? Where the answer is yes while open, it is no for everybody else until `rest` is over."""
        with self._lock:
            if self._failed < self._most:
                return True
            if self._clock() < self._next_try:
                return False
            self._next_try = self._clock() + self._rest
            return True

    def succeeded(self) -> None:
        with self._lock:
            self._failed = 0

    def failed(self) -> bool:
        """One more failure; True where this one opened it."""
        with self._lock:
            self._failed += 1
            self._next_try = self._clock() + self._rest
            return self._failed == self._most
