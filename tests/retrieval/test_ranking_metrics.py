"""nDCG and recall, on rankings worked out by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reco_core.metrics import ndcg_at_k, recall_at_k

GAINS = {"a": 3.0, "b": 1.0, "c": 0.0}


def test_ndcg_of_a_worked_example() -> None:
    found = 1.0 + 3.0 / math.log2(3)
    assert ndcg_at_k(["b", "a", "c"], GAINS) == pytest.approx(found / (3.0 + 1.0 / math.log2(3)))


def test_the_best_order_is_one_and_nothing_good_is_zero() -> None:
    assert ndcg_at_k(["a", "b"], GAINS) == 1.0
    assert ndcg_at_k(["c", "x"], GAINS) == 0.0
    assert ndcg_at_k(["a"], {"a": 0.0}) == 0.0


def test_only_the_first_k_count() -> None:
    assert ndcg_at_k(["c", "a"], GAINS, k=1) == 0.0
    assert recall_at_k(["c", "a"], ["a", "b"], 1) == 0.0
    assert recall_at_k(["c", "a"], ["a", "b"], 2) == 0.5
    assert recall_at_k(["a"], [], 5) == 0.0


@given(st.permutations("abcdef"), st.lists(st.floats(0, 3), min_size=6, max_size=6), st.integers(1, 8))
def test_it_lies_between_zero_and_one_and_better_orders_never_score_less(
    order: list[str], gains: list[float], k: int
) -> None:
    by_item = dict(zip("abcdef", gains, strict=True))
    score = ndcg_at_k(order, by_item, k)
    best = ndcg_at_k(sorted(order, key=lambda i: -by_item[i]), by_item, k)
    assert 0.0 <= score <= best + 1e-12
    assert best <= 1.0 + 1e-12
