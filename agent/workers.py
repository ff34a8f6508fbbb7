"""The threads that answer: each takes the oldest free turn, runs it to its end, and takes the next."""

from __future__ import annotations

import logging
import os
import secrets
import threading
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from agent.store.turns import Turn, TurnStore

log = logging.getLogger(__name__)
_LOOK_AGAIN = 1.0
"""Seconds after which an idle worker looks for turns that another process left behind."""


class Runner(Protocol):
    def run(self, turn: Turn) -> None: ...


class Workers:
    """A fixed number of threads over one queue, which is the table of turns."""

    def __init__(self, turns: TurnStore, count: int) -> None:
        self._turns = turns
        self._count = count
        self._runner: Runner | None = None
        self._work = threading.Condition()
        self._signals = 0
        self._stopping = False
        self._threads: list[threading.Thread] = []

    def start(self, runner: Runner) -> None:
        """Begin to answer, with this runner."""
        self._runner = runner
        for number in range(self._count):
            name = f"{os.getpid()}-{number}-{secrets.token_hex(4)}"
            thread = threading.Thread(target=self._loop, args=(name,), name=f"worker-{number}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def wake(self) -> None:
        """There is a new turn."""
        with self._work:
            self._signals += 1
            self._work.notify_all()

    def stop(self, patience: float = 5.0) -> None:
        """Let each thread end its turn, for `patience` seconds at the most; the rest is resumed at the next start."""
        self._stopping = True
        with self._work:
            self._work.notify_all()
        for thread in self._threads:
            thread.join(patience)

    def _loop(self, name: str) -> None:
        while not self._stopping:
            seen = self._signals
            if not self._run_one(name):
                with self._work:
                    if self._signals == seen and not self._stopping:
                        self._work.wait(_LOOK_AGAIN)

    def _run_one(self, name: str) -> bool:
        """Run one turn, if there is one. An error in it is logged and the turn is taken up again later."""
        assert self._runner is not None
        try:
            turn = self._turns.claim(name)
            if turn is None:
                return False
            self._runner.run(turn)
            self.wake()  # its conversation's next turn may have been waiting for it
        except Exception:
            log.exception("a turn failed; it will be taken up again")
            self._free(name)
            return False
        return True

    def _free(self, name: str) -> None:
        try:
            self._turns.release(name)
        except SQLAlchemyError as error:  # the database is away: the lease frees the turn, and this thread goes on
            log.warning("a turn could not be freed: %s", error)
