"""When people shop: more each month, more on Sundays and Mondays, most in the evening."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from datetime import datetime, timedelta
from random import Random

DAYS = 300
"""How far the demo shop's past reaches back."""

_WEEKDAY = (1.15, 1.0, 0.95, 0.95, 0.9, 1.05, 1.25)
_HOUR = (4, 2, 1, 1, 1, 2, 4, 7, 10, 12, 13, 13, 14, 13, 12, 12, 13, 15, 18, 21, 23, 21, 15, 8)


class Rhythm:
    """The hours before `now`, each with its share of what happens in the shop."""

    def __init__(self, now: datetime, days: int = DAYS) -> None:
        self._now = now
        hours = range(1, days * 24 + 1)
        moments = (now - timedelta(hours=hour) for hour in hours)
        growth = (1.6 - hour / (days * 24) for hour in hours)
        weights = (g * _WEEKDAY[m.weekday()] * _HOUR[m.hour] for g, m in zip(growth, moments, strict=True))
        self._cumulated = list(itertools.accumulate(weights))

    def moment(self, rng: Random) -> datetime:
        """A moment of the past, to the second."""
        hour = bisect_right(self._cumulated, rng.random() * self._cumulated[-1])
        seconds = min(hour, len(self._cumulated) - 1) * 3600 + rng.randint(1, 3600)
        return self._now - timedelta(seconds=seconds)

    def moments(self, rng: Random, count: int) -> list[datetime]:
        """Several moments, the oldest first."""
        return sorted(self.moment(rng) for _ in range(count))
