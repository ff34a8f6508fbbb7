"""Measures of probability, against scikit-learn's and against cases known by hand."""

from __future__ import annotations

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st

from reco_core.calibration import auc, calibration_error, log_loss, rmse

examples = st.lists(
    st.tuples(st.integers(1, 9), st.booleans(), st.integers(1, 5)), min_size=2, max_size=40
).filter(lambda rows: len({taken for _, taken, _ in rows}) == 2)  # fmt: skip


@settings(deadline=None)
@given(examples)
def test_weighted_measures_agree_with_scikit_learn(rows: list[tuple[int, bool, int]]) -> None:
    probability = np.asarray([p / 10 for p, _, _ in rows])
    taken = np.asarray([t for _, t, _ in rows])
    weight = np.asarray([float(w) for _, _, w in rows])
    expected = sklearn.metrics.roc_auc_score(taken, probability, sample_weight=weight)
    assert auc(probability, taken, weight) == pytest.approx(expected)
    assert log_loss(probability, taken, weight) == pytest.approx(
        sklearn.metrics.log_loss(taken, probability, sample_weight=weight)
    )
    assert rmse(probability, taken, weight) ** 2 == pytest.approx(
        sklearn.metrics.brier_score_loss(taken, probability, sample_weight=weight)
    )


def test_honest_probabilities_have_no_calibration_error_and_boasting_ones_do() -> None:
    rng = np.random.default_rng(0)
    probability = rng.uniform(0.0, 0.4, 200_000)
    taken = rng.uniform(size=len(probability)) < probability
    weight = np.ones(len(probability))
    assert calibration_error(probability, taken, weight) < 0.01
    assert calibration_error(np.minimum(2 * probability, 1), taken, weight) > 0.1


def test_one_kind_of_outcome_has_no_auc() -> None:
    assert np.isnan(auc(np.asarray([0.1, 0.2]), np.asarray([True, True]), np.ones(2)))
