"""Not waiting for ever: bounded threads and the circuit breaker."""

from __future__ import annotations

import threading
import time

import pytest

from agent.errors import ModelError
from agent.patience import Breaker, Threads


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_work_gives_back_what_it_returns_or_raises() -> None:
    threads = Threads(1)
    assert threads.run(lambda: 7, 1.0) == 7
    with pytest.raises(ZeroDivisionError):
        threads.run(lambda: 1 / 0, 1.0)
    assert threads.run(lambda: 8, 1.0) == 8


def test_nobody_waits_longer_than_agreed_and_nobody_waits_in_line() -> None:
    threads, end = Threads(2), threading.Event()
    for _ in range(2):
        with pytest.raises(TimeoutError):
            threads.run(end.wait, 0.05)
    started = time.monotonic()
    with pytest.raises(ModelError, match="all 2 threads"):
        threads.run(lambda: 1, 10.0)
    assert time.monotonic() - started < 1.0
    end.set()
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            assert threads.run(lambda: 1, 1.0) == 1
            return
        except ModelError:
            time.sleep(0.01)
    raise AssertionError("the threads did not become free")


def test_the_breaker_opens_after_failures_in_a_row_only() -> None:
    breaker = Breaker(3, 30.0, Clock())
    for _ in range(2):
        assert not breaker.failed()
    breaker.succeeded()
    assert not breaker.failed()
    assert not breaker.failed()
    assert breaker.lets_through()
    assert breaker.failed()
    assert not breaker.lets_through()


def test_after_a_rest_one_alone_tries_and_its_success_opens_the_way_for_all() -> None:
    clock = Clock()
    breaker = Breaker(1, 30.0, clock)
    breaker.failed()
    clock.now = 29.0
    assert not breaker.lets_through()
    clock.now = 30.0
    assert [breaker.lets_through() for _ in range(3)] == [True, False, False]
    breaker.failed()
    clock.now = 59.0
    assert not breaker.lets_through()
    clock.now = 60.0
    assert breaker.lets_through()
    breaker.succeeded()
    assert [breaker.lets_through() for _ in range(3)] == [True] * 3
