"""Logistic regression over the named features: a score is the intercept plus exactly what each feature adds."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reco_core.features import Feature

STATED_WEIGHTS = {Feature.STATED_MET: 0.5, Feature.STATED_VIOLATED: -1.0, Feature.NEED: 1.5}
"""Set by hand, for what shoppers say in a chat is in no log of behaviour; in multiples of the reach: how far what was
learnt lifts the items that it lifts most. So a stated wish is worth half of the strongest taste, a violated one sinks
what taste would lift, and the need at hand comes before either, whatever the log."""

LEAST_REACH = 4.0
"""In logits; the reach of a log that teaches little."""


def stated_weights(reach: float) -> dict[Feature, float]:
    """The weights, in logits, of the features that no log teaches."""
    return {feature: share * max(reach, LEAST_REACH) for feature, share in STATED_WEIGHTS.items()}


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
