"""Measures of a predicted probability. Every example may stand for many, by its weight."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def auc(score: Floats, taken: Bools, weight: Floats) -> float:
    """The chance that what was taken scores above what was not, ties counting half; NaN where there is but one kind."""
    order = np.argsort(score, kind="stable")
    score, positive, negative = score[order], (weight * taken)[order], (weight * ~taken)[order]
    starts = np.flatnonzero(np.r_[True, np.diff(score) > 0])
    above, level = np.add.reduceat(positive, starts), np.add.reduceat(negative, starts)
    below = np.cumsum(level) - level
    pairs = positive.sum() * negative.sum()
    return float((above * (below + level / 2)).sum() / pairs) if pairs > 0 else float("nan")


def log_loss(probability: Floats, taken: Bools, weight: Floats) -> float:
    """The mean of ``-log p`` of what happened, in nats."""
    p = np.clip(probability, 1e-15, 1 - 1e-15)
    return float(np.average(-np.where(taken, np.log(p), np.log1p(-p)), weights=weight))


def rmse(probability: Floats, taken: Bools, weight: Floats) -> float:
    """The root of the mean squared difference between the probability and what happened, 0 or 1."""
    return float(np.sqrt(np.average((probability - taken) ** 2, weights=weight)))


def calibration_error(probability: Floats, taken: Bools, weight: Floats, bins: int = 10) -> float:
    """The expected calibration error over bins that each hold as many expected takings as the others.

    Naeini, Cooper and Hauskrecht, 'Obtaining Well Calibrated Probabilities Using Bayesian Binning', AAAI 2015. With
    bins of equal count nearly all would hold what nobody takes; with these, each is about a tenth of what is taken. The
    gap of each bin is weighed by its share of expected takings, so it does not vanish because takings are rare.
    """
    order = np.argsort(probability, kind="stable")
    probability, taken, weight = probability[order], taken[order], weight[order]
    expected = np.cumsum(weight * probability)
    bin_of = np.minimum((expected / expected[-1] * bins).astype(int), bins - 1)
    mass = np.bincount(bin_of, weight, minlength=bins)
    said = np.bincount(bin_of, weight * probability, minlength=bins)
    came = np.bincount(bin_of, weight * taken, minlength=bins)
    gap = np.abs(said - came) / np.where(mass > 0, mass, 1.0)
    return float((said / said.sum() * gap).sum())
