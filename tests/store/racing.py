"""Running the same thing in several threads at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")


def race(count: int, run: Callable[[int], Result]) -> list[Result | Exception]:
    """What each of `count` threads got, or its exception; all start together."""
    gate = threading.Barrier(count)

    def one(number: int) -> Result | Exception:
        gate.wait(10)
        try:
            return run(number)
        except Exception as error:
            return error

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(one, range(count)))
