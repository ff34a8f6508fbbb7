"""Learning the scorer's weights from examples. Offline only.

Two steps, since a list is judged by its first places and a probability by all. The weights are learnt mostly on the
items that a rough guess puts first. Then all of them together are stretched, and the intercept set, so that
probabilities hold over every pair of a shopper and an item (Platt, 'Probabilistic outputs for support vector machines',
1999). A stretched sum is still a sum, so contributions stay exact.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from reco_core.examples import Examples
from reco_core.features import FEATURES, Feature
from reco_core.scorer import STATED_WEIGHTS, Scorer, stated_weights

BEYOND_THE_SLATE = 0.01
"""What a pair outside the slate counts when the weights are learnt. At 1 the many hopeless items outvote the contenders
(on a gift shop's log NDCG@10 0.091, against 0.096 for the slate alone); at 0, popularity, which helped to choose the
slate, seems to mean nothing, and strangers and new items need it."""

MUST_SPEAK_FOR = (
    Feature.AFFINITY, Feature.JUST_SEEN, Feature.BRAND, Feature.CATEGORY, Feature.PRICE_FIT, Feature.SIMILAR,
    Feature.POPULAR,
)  # fmt: skip
"""Features that may not learn a negative weight, or taking a reason away could raise a score."""

LEAST_POPULAR = 0.05
"""Popularity always counts a little: it is all that there is to go by for a stranger."""

Floats = npt.NDArray[np.float64]


def fit_scorer(examples: Examples) -> Scorer:
    """A scorer learnt from examples, of which some were taken and some not."""
    centred = np.where(np.isnan(examples.values), 0.0, examples.values - examples.typical[:, None])
    bought = FEATURES.index(Feature.BOUGHT)
    new = examples.values[bought] == 0
    emphasis = examples.weight * np.where(examples.in_slate, 1.0, BEYOND_THE_SLATE)
    weights = np.zeros(len(FEATURES))
    if examples.taken[new].any():
        weights = _ranking_weights(centred[:, new], examples.taken[new], emphasis[new])
    total = weights @ centred
    # What was bought before is no part of the slate, so its weight is learnt here, beside the stretch.
    (stretch, repeat), intercept = _logistic(
        np.stack([total, centred[bought]]), examples.taken, examples.weight, regular=1e3
    )
    weights *= stretch if stretch > 0 else 1.0
    weights[bought] = repeat
    popular = FEATURES.index(Feature.POPULAR)
    weights[popular] = max(weights[popular], LEAST_POPULAR)
    for feature, prior in stated_weights(_reach(weights @ centred, examples.weight)).items():
        weights[FEATURES.index(feature)] = prior
    return Scorer(weights, examples.typical, intercept)


def _reach(total: Floats, weight: Floats) -> float:
    """How far above a typical pair the highest ten-thousandth of all pairs begins, in logits."""
    order = np.argsort(-total)
    first = int(np.searchsorted(np.cumsum(weight[order]), 0.0001 * weight.sum()))
    return float(total[order[first]])


def _ranking_weights(centred: Floats, taken: npt.NDArray[np.bool_], emphasis: Floats) -> Floats:
    """[features] weights of a logistic regression in which no feature that must speak for an item speaks against it."""
    fixed = {Feature.BOUGHT, *STATED_WEIGHTS}
    learnt = [at for at, feature in enumerate(FEATURES) if feature not in fixed]
    weights = np.zeros(len(FEATURES))
    while learnt:
        found, _ = _logistic(centred[learnt], taken, emphasis, regular=1.0)
        wrong = [at for at, value in zip(learnt, found, strict=True) if value < 0 and FEATURES[at] in MUST_SPEAK_FOR]
        if not wrong:
            weights[learnt] = found
            break
        learnt = [at for at in learnt if at not in wrong]
    return weights


def _logistic(columns: Floats, taken: npt.NDArray[np.bool_], weight: Floats, *, regular: float) -> tuple[Floats, float]:
    """Weights and intercept of a logistic regression on columns [c, m], each brought to the same scale first."""
    from sklearn.linear_model import LogisticRegression

    scale = np.sqrt(np.average(columns**2, axis=1, weights=weight))
    scale = np.where(scale > 0, scale, 1.0)
    model = LogisticRegression(C=regular, max_iter=1000).fit((columns / scale[:, None]).T, taken, sample_weight=weight)
    return model.coef_[0] / scale, float(model.intercept_[0])
