"""What shoppers did: single interactions, and logs of many of them in columns, ordered by time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt


class Kind(StrEnum):
    VIEW = "view"
    CLICK = "click"
    CART = "cart"
    PURCHASE = "purchase"


KINDS = tuple(Kind)
"""The kinds in the order of their codes in a `Log`."""


@dataclass(frozen=True, slots=True)
class Interaction:
    user: str
    item: str
    kind: Kind
    time: float
    """In any unit that is the same all over a log; seconds since 1970 where it came from a date."""


@dataclass(frozen=True, slots=True, eq=False)
class Log:
    """Many interactions in columns, ordered by time; what happens at one time is ordered by user, item and kind."""

    users: tuple[str, ...]
    items: tuple[str, ...]
    user: npt.NDArray[np.int32]
    """For each interaction, where its user is in `users`."""
    item: npt.NDArray[np.int32]
    kind: npt.NDArray[np.int8]
    """For each interaction, where its kind is in `KINDS`."""
    time: npt.NDArray[np.float64]

    @classmethod
    def of(cls, interactions: Iterable[Interaction]) -> Log:
        """A log of these interactions, in any order; exact duplicates are dropped."""
        rows = list(interactions)
        return cls.from_columns(
            [r.user for r in rows], [r.item for r in rows], [KINDS.index(r.kind) for r in rows], [r.time for r in rows]
        )

    @classmethod
    def from_columns(cls, users: list[str], items: list[str], kinds: list[int], times: list[float]) -> Log:
        """A log from columns of equal length; see `of`."""
        user_names, item_names = tuple(sorted(set(users))), tuple(sorted(set(items)))
        user_code = {name: code for code, name in enumerate(user_names)}
        item_code = {name: code for code, name in enumerate(item_names)}
        user = np.fromiter((user_code[u] for u in users), np.int32, len(users))
        item = np.fromiter((item_code[i] for i in items), np.int32, len(items))
        kind, time = np.asarray(kinds, np.int8), np.asarray(times, np.float64)
        order = np.lexsort((kind, item, user, time))
        user, item, kind, time = user[order], item[order], kind[order], time[order]
        fresh = np.ones(len(order), bool)
        fresh[1:] = np.diff(user) != 0
        for column in (item, kind, time):
            fresh[1:] |= np.diff(column) != 0
        return cls(user_names, item_names, user[fresh], item[fresh], kind[fresh], time[fresh])

    def __len__(self) -> int:
        return len(self.time)

    def where(self, mask: npt.NDArray[np.bool_]) -> Log:
        """The interactions that the mask keeps, over the same users and items."""
        return Log(self.users, self.items, self.user[mask], self.item[mask], self.kind[mask], self.time[mask])

    def split(self, cut: float) -> tuple[Log, Log]:
        """What happened before the cut, and what happened at it or later."""
        return self.where(self.time < cut), self.where(self.time >= cut)

    def time_at(self, share: float) -> float:
        """The time by which this share of the interactions had happened."""
        return float(self.time[min(int(len(self) * share), len(self) - 1)])

    def rows_by_user(self) -> list[npt.NDArray[np.int64]]:
        """For each user, where in the log their interactions are, oldest first."""
        order = np.argsort(self.user, kind="stable")
        ends = np.cumsum(np.bincount(self.user, minlength=len(self.users)))
        return np.split(order, ends[:-1])

    def fingerprint(self) -> str:
        """A sha256 over the content, whatever the order in which it was read."""
        digest = hashlib.sha256("\x00".join(self.users).encode() + b"\x01" + "\x00".join(self.items).encode())
        for column in (self.user, self.item, self.kind, self.time):
            digest.update(np.ascontiguousarray(column).tobytes())
        return digest.hexdigest()
