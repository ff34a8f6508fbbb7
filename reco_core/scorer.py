"""Logistic regression over the named features: a score is the intercept plus exactly what each feature adds."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reco_core.features import Feature

STATED_WEIGHTS = {Feature.STATED_MET: 2.0, Feature.STATED_VIOLATED: -4.0, Feature.NEED: 6.0}
"""In logits, set by hand: what shoppers say in a chat is in no log of behaviour. A stated wish moves an item about as
much as the strongest affinity does; a violated one sinks it; the need at hand comes before either."""

MUST_SPEAK_FOR = (
    Feature.AFFINITY, Feature.JUST_SEEN, Feature.BRAND, Feature.CATEGORY, Feature.PRICE_FIT, Feature.SIMILAR,
    Feature.POPULAR,
)  # fmt: skip
"""Features that may not learn a negative weight, or taking a reason away could raise a score."""


@dataclass(frozen=True, slots=True, eq=False)
class Scorer:
    weights: npt.NDArray[np.float64]
    """[features], in logits per unit of the feature."""
    typical: npt.NDArray[np.float64]
    """[features], each feature of a typical shopper and item: there it contributes nothing."""
    intercept: float

    def contributions(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """What each feature adds, [features, n], for values [features, n]; nothing where a value is NaN."""
        added = self.weights[:, None] * (values - self.typical[:, None])
        return np.where(np.isnan(added), 0.0, added)

    def logits(self, contributions: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Scores, [n]. Summed feature by feature, so that an item's score has the same bits in any company."""
        total = np.full(contributions.shape[1], self.intercept)
        for added in contributions:
            total += added
        return total


def probability(logit: float) -> float:
    """The probability of a logit."""
    return 1.0 / (1.0 + math.exp(-logit)) if logit >= 0 else math.exp(logit) / (1.0 + math.exp(logit))
