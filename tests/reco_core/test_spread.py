"""The choice of the best few, with and without a cap on each category."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from reco_core.diversity import WINDOW, spread_top_k
from reco_core.ranking import top_k

scores = st.lists(st.sampled_from([-np.inf, 0.0, 1.0, 2.0, 3.5]), max_size=60)


@settings(deadline=None)
@given(scores, st.integers(0, 70), st.randoms(use_true_random=False))
def test_the_best_k_are_those_of_a_full_sort(values: list[float], k: int, chance: object) -> None:
    column = np.asarray(values, float)
    rank = np.random.default_rng(len(values)).permutation(len(values))
    expected = sorted((at for at in range(len(values)) if values[at] > -np.inf), key=lambda at: (-values[at], rank[at]))
    assert top_k(column, k, rank).tolist() == expected[:k]


@settings(deadline=None)
@given(scores, st.integers(0, 70), st.integers(1, 3))
def test_a_spread_list_keeps_the_cap_while_it_can_and_loses_nobody(values: list[float], k: int, cap: int) -> None:
    column, rank = np.asarray(values, float), np.arange(len(values))
    category = np.asarray([at % 7 - 1 for at in range(len(values))], np.int32)
    chosen = spread_top_k(column, k, rank, category, cap)
    possible = [at for at in range(len(values)) if values[at] > -np.inf]
    assert len(chosen) == len(set(chosen)) == min(k, len(possible))
    assert set(chosen) <= set(possible)
    assert chosen == spread_top_k(column, 70, rank, category, cap)[:k]
    for start in range(0, len(chosen), WINDOW):
        window = chosen[start : start + WINDOW]
        over = [code for code, count in Counter(category[window].tolist()).items() if code >= 0 and count > cap]
        left = [at for at in possible if at not in chosen[: start + len(window)]]
        assert not over or all(
            Counter(category[window].tolist())[int(category[at])] >= cap for at in left if category[at] >= 0
        )


def test_what_comes_too_late_for_one_window_comes_first_in_the_next() -> None:
    column = np.arange(40, 0, -1).astype(float)
    category = np.asarray([0] * 20 + list(range(1, 21)), np.int32)
    chosen = spread_top_k(column, 20, np.arange(40), category, 3)
    assert chosen[:3] == [0, 1, 2]
    assert chosen[10:13] == [3, 4, 5]
