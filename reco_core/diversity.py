"""A list that does not show one thing ten times: a cap on each narrow category in every ten places."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from reco_core.ranking import top_k

WINDOW = 10
"""Places that share a cap: the first ten, the next ten, and so on."""


def spread_top_k(
    scores: npt.NDArray[np.float64],
    k: int,
    tie_rank: npt.NDArray[np.int64],
    category: npt.NDArray[np.int32],
    cap: int,
) -> list[int]:
    """The `k` best places by score, where in each window at most `cap` share a category.

    An item that comes too late for one window comes first in the next. A shorter list is the beginning of a longer one.
    Where nothing else is left, the cap gives way.

    Args:
        scores: [n]; minus infinity for what may not be chosen.
        k: how many at the most.
        tie_rank: [n], decides between equal scores.
        category: [n], the code of each item's narrow category; negative where it has none, which is never capped.
        cap: how many of a category in a window.
    """
    k = min(k, int(np.count_nonzero(scores > -np.inf)))
    pool = max(8 * k, 200)
    while True:
        order = top_k(scores, pool, tie_rank).tolist()
        complete = len(order) < pool
        chosen = _under_cap(order, k, category[order].tolist(), cap, complete)
        if len(chosen) == k or complete:
            return chosen
        pool *= 4


def _under_cap(order: list[int], k: int, category: list[int], cap: int, complete: bool) -> list[int]:
    chosen: list[int] = []
    waiting = list(zip(order, category, strict=True))
    while waiting and len(chosen) < k:
        taken: dict[int, int] = {}
        late: list[tuple[int, int]] = []
        window: list[int] = []
        room = min(WINDOW, k - len(chosen))
        for at, (place, code) in enumerate(waiting):
            if code >= 0 and taken.get(code, 0) >= cap:
                late.append((place, code))
                continue
            taken[code] = taken.get(code, 0) + 1
            window.append(place)
            if len(window) == room:
                late += waiting[at + 1 :]
                break
        if len(window) < room:
            if not complete:
                return chosen + window
            window += [place for place, _ in late[: room - len(window)]]
            late = late[room - len(window) :] if len(window) < room else [w for w in late if w[0] not in set(window)]
        chosen += window
        waiting = late
    return chosen
