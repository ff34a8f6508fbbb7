"""How the work of a function grows with its input: a ratio of times in one run, never a number of seconds."""

from __future__ import annotations

import time
from collections.abc import Callable

LINEAR = 10.0
"""Four times the input takes four times as long in linear time, sixteen times in quadratic; this lies between."""


def growth(work: Callable[[int], object], size: int) -> float:
    """How many times longer `work` takes for four times the size; the quickest of three tries of each."""
    return max(_quickest(work, 4 * size), 1e-4) / max(_quickest(work, size), 1e-4)


def _quickest(work: Callable[[int], object], size: int) -> float:
    spans = []
    for _ in range(3):
        started = time.perf_counter()
        work(size)
        spans.append(time.perf_counter() - started)
    return min(spans)
