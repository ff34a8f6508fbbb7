"""How good a model is on days that it did not see: full rankings over the catalogue, histories masked. Offline only."""

from __future__ import annotations

import numpy as np

from reco_core.calibration import auc, calibration_error, log_loss, rmse
from reco_core.core import RecoCore
from reco_core.examples import Examples, Shopper
from reco_core.metrics import ndcg_at_k, recall_at_k
from reco_core.scorer import Scorer


def ranking_metrics(core: RecoCore, shoppers: list[Shopper]) -> dict[str, float]:
    """NDCG@10 and recall@20 of what each shopper took that was new to them; those who took nothing new do not count."""
    ndcg, recall = [], []
    for shopper in shoppers:
        new = shopper.taken.difference(shopper.history)
        if new:
            ranking = [item for item, _ in core.rank(shopper.profile, 20, exclude=shopper.history)]
            ndcg.append(ndcg_at_k(ranking, dict.fromkeys(new, 1.0), 10))
            recall.append(recall_at_k(ranking, new, 20))
    return {
        "shoppers": len(ndcg),
        "ndcg_at_10": float(np.mean(ndcg)) if ndcg else 0.0,
        "recall_at_20": float(np.mean(recall)) if recall else 0.0,
    }


def probability_metrics(scorer: Scorer, examples: Examples) -> dict[str, float]:
    """How well probabilities match what happened, over all pairs of a shopper and an item."""
    logits = scorer.logits(scorer.contributions(examples.values))
    probability = 1.0 / (1.0 + np.exp(-logits))
    measures = {"auc": auc, "log_loss": log_loss, "rmse": rmse, "calibration_error": calibration_error}
    return {name: measure(probability, examples.taken, examples.weight) for name, measure in measures.items()}
