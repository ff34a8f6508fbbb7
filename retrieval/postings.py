"""Joining two inverted indexes: the lists of a few new texts behind the lists of many, without building them anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Value = TypeVar("Value", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Joint:
    """The words of both indexes by number and where each one's list starts; `insert` brings the lists together."""

    number_of: dict[str, int]
    starts: NDArray[np.int64]
    at: NDArray[np.int64]
    order: NDArray[np.int64]

    def insert(self, values: NDArray[Value], more: NDArray[Value]) -> NDArray[Value]:
        """One array of both, the new values at the end of each word's list."""
        return np.insert(values, self.at, more[self.order])


def join(
    number_of: dict[str, int], starts: NDArray[np.int64], more: Sequence[str], more_starts: NDArray[np.int64]
) -> Joint:
    """How the lists of the words `more` come behind those of `number_of`; list i is ``[starts[i]:starts[i + 1]]``."""
    new = (word for word in more if word not in number_of)
    both = dict(number_of)
    both.update((word, number) for number, word in enumerate(new, start=len(both)))
    numbers = np.array([both[word] for word in more], np.int64)
    counts = np.concatenate((np.diff(starts), np.zeros(len(both) - len(number_of), np.int64)))
    added = np.diff(more_starts)
    order = np.argsort(np.repeat(numbers, added), kind="stable")  # all new words go to one place, the end
    at = np.repeat(np.cumsum(counts)[numbers], added)[order]
    counts[numbers] += added
    return Joint(both, np.concatenate(([0], np.cumsum(counts))), at, order)
