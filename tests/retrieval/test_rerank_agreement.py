"""How far plain signs agree on the candidates of one query."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from retrieval.rerank_agreement import agreement, coverage, scaled

values = st.lists(st.floats(-1000, 1000, width=32), min_size=1, max_size=30).map(lambda v: np.array(v, np.float32))


def test_the_candidate_that_is_best_by_every_sign_has_1_and_the_worst_0() -> None:
    found = agreement([np.array([3.0, 1.0, 2.0]), np.array([0.9, 0.2, 0.3])])
    assert found[0] == 1.0
    assert found[1] == 0.0


def test_a_sign_that_is_the_same_for_all_changes_no_order() -> None:
    sign = np.array([0.1, 0.7, 0.4])
    assert agreement([sign, np.ones(3)]).argsort().tolist() == sign.argsort().tolist()


def test_two_middling_signs_beat_one_good_one() -> None:
    found = agreement([np.array([1.0, 0.6, 0.0]), np.array([0.0, 0.6, 1.0])])
    assert found.argmax() == 1


def test_no_candidates_are_no_error() -> None:
    assert agreement([np.zeros(0), np.zeros(0)]).shape == (0,)
    share, whole = coverage([np.array([1, 2])], 5, np.zeros(0, np.int64))
    assert (share.shape, whole.shape) == ((0,), (0,))


@given(values)
def test_scaling_stays_within_0_and_1_and_keeps_the_order(sign: np.ndarray) -> None:
    found = scaled(sign)
    assert ((found >= 0) & (found <= 1)).all()
    order = np.argsort(sign, kind="stable")
    assert (np.diff(found[order]) >= 0).all()


@given(values, st.integers(1, 64))
def test_the_scale_of_a_sign_does_not_matter(sign: np.ndarray, factor: int) -> None:
    assert np.allclose(scaled(sign), scaled(sign * np.float32(factor)), atol=1e-3)


def test_a_rare_word_covers_more_of_a_query_than_a_common_one() -> None:
    rare, common = np.array([4]), np.arange(9)
    share, whole = coverage([rare, common], 10, np.array([4, 5, 9]))
    assert share[0] == 1.0
    assert 0 < share[1] < 0.5
    assert share[2] == 0.0
    assert whole.tolist() == [1.0, 0.0, 0.0]


def test_an_unknown_word_weighs_nothing_but_leaves_no_product_whole() -> None:
    share, whole = coverage([np.array([0, 2]), np.zeros(0, np.int64)], 3, np.array([0, 1, 2]))
    assert share.tolist() == [1.0, 0.0, 1.0]
    assert whole.tolist() == [0.0, 0.0, 0.0]


def test_a_query_of_unknown_words_only_covers_nothing() -> None:
    share, whole = coverage([np.zeros(0, np.int64)], 3, np.array([0, 1]))
    assert share.tolist() == whole.tolist() == [0.0, 0.0]


@given(
    st.lists(st.sets(st.integers(0, 20)), min_size=1, max_size=5), st.lists(st.integers(0, 20), unique=True, max_size=8)
)
def test_coverage_says_what_looking_every_word_up_says(words: list[set[int]], rows: list[int]) -> None:
    share, whole = coverage([np.array(sorted(w), np.int64) for w in words], 21, np.array(rows, np.int64))
    for row, part, all_of_it in zip(rows, share, whole, strict=True):
        assert bool(all_of_it) == all(row in word for word in words)
        assert (part > 0) == any(row in word for word in words)
