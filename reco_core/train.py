"""Learning a model from a behaviour log, and measuring it on the days held back. Offline only."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from reco_core.core import RecoCore
from reco_core.errors import ItemsError, LogError
from reco_core.evaluate import probability_metrics, ranking_metrics
from reco_core.examples import Examples, Shopper, gather, shoppers_at
from reco_core.features import FEATURES, FeatureTable
from reco_core.fitting import fit_scorer
from reco_core.interactions import Log
from reco_core.items import Items
from reco_core.neighbours import Neighbours
from reco_core.scorer import Scorer, stated_weights
from reco_core.tuning import MEMORIES, choose_memory

MAKER = "reco_core.train 1"
LEARN_UNTIL, HOLD_FROM = 0.8, 0.9
"""Shares of the log, by time: neighbours come from before the first, the scorer from between, figures from after."""

SHOPPERS = 1200
"""How many shoppers are learnt from, and measured on, at the most: more hardly change a dozen weights."""

FEWEST = 20
"""A log of fewer interactions teaches nothing."""

Progress = Callable[[str, float], object]
"""Told a stage and how much of it is done, 0 to 1."""


class Parts(NamedTuple):
    """A log cut by time, for all shoppers alike."""

    early: Log
    middle: Log
    known: Log
    """Early and middle together."""
    late: Log

    @classmethod
    def of(cls, log: Log) -> Parts:
        known, late = log.split(log.time_at(HOLD_FROM))
        early, middle = known.split(log.time_at(LEARN_UNTIL))
        return cls(early, middle, known, late)


def train(log: Log, items: Items | None = None, *, seed: int = 0, progress: Progress | None = None) -> RecoCore:
    """A model of this log over this catalogue; without one, over the items of the log.

    The log is split by time. The figures on the card are of the days held back, measured with what was known before
    them; the model that is returned has then learnt from those days too.

    Raises:
        LogError: the log is too short, or all at one time.
        ItemsError: no item of the log is in the catalogue.
    """
    if len(log) < FEWEST or log.time[0] == log.time[-1]:
        raise LogError(f"{len(log)} interactions teach nothing: at least {FEWEST}, at more than one time, are needed")
    items = items or Items.of(log.items)
    if not any(item_id in items.place for item_id in log.items):
        raise ItemsError("no item of the log is in the catalogue; the two files use different ids")
    tell = progress or _silent
    rng, parts, span = np.random.default_rng(seed), Parts.of(log), float(log.time[-1] - log.time[0])
    memory, metrics = MEMORIES[0], dict[str, float]()
    scorer, lessons = _unlearnt(), None
    learners = shoppers_at(parts.early, parts.middle, SHOPPERS, rng)
    if learners:
        memory, neighbours = choose_memory(parts.early, span, items, learners, lambda done: tell("choosing", done))
        lessons = _examples("learning", neighbours, items, learners, rng, tell)
        scorer = _fitted(lessons) or scorer
    keepers = shoppers_at(parts.known, parts.late, SHOPPERS, rng)
    if keepers:
        then = RecoCore(items, memory.neighbours(parts.known, span), scorer, {})
        kept = _examples("measuring", then.neighbours, items, keepers, rng, tell)
        metrics = ranking_metrics(then, keepers) | probability_metrics(scorer, kept)
        scorer = _fitted(lessons.with_more(kept) if lessons else kept) or scorer
    tell("finishing", 0.0)
    card = {
        "maker": MAKER, "seed": seed, "interactions": len(log), "shoppers": len(log.users), "items": len(items),
        "data_fingerprint": log.fingerprint(), "memory": memory._asdict(), "metrics": metrics,
    }  # fmt: skip
    core = RecoCore(items, memory.neighbours(log, span), scorer, card)
    tell("finishing", 1.0)
    return core


def _examples(
    stage: str, neighbours: Neighbours, items: Items, shoppers: list[Shopper], rng: np.random.Generator, tell: Progress
) -> Examples:
    done = itertools.count(1)

    def tick() -> None:
        tell(stage, next(done) / len(shoppers))

    return gather(FeatureTable(items, neighbours), shoppers, rng, tick)


def _fitted(examples: Examples) -> Scorer | None:
    """A scorer learnt from examples, or None where all of them went one way."""
    return fit_scorer(examples) if examples.taken.any() and not examples.taken.all() else None


def _unlearnt() -> Scorer:
    """For a log in which nobody comes back: every feature counts one logit a unit, and nothing is typical."""
    stated = stated_weights(0.0)
    weights = np.asarray([stated.get(feature, 1.0) for feature in FEATURES])
    return Scorer(weights, np.zeros(len(FEATURES)), 0.0)


def untrained(items: Items) -> RecoCore:
    """A model for a shop in which nothing has happened yet: it goes by what shoppers say, and by nothing else."""
    nothing = Neighbours((), np.zeros((0, 1), np.int32), np.zeros((0, 1), np.float32), np.zeros(0))
    return RecoCore(items, nothing, _unlearnt(), {"maker": MAKER, "interactions": 0})


def _silent(stage: str, done: float) -> None:
    """No report of progress."""
    del stage, done
