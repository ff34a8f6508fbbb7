"""Examples to learn and to measure from: what shoppers took after a moment, with their profiles as of that moment.

Offline only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reco_core.features import FEATURES, Feature, FeatureTable
from reco_core.interactions import KINDS, Interaction, Kind, Log
from reco_core.profile import RECENT_CAP, Profile
from reco_core.scorer import STATED_WEIGHTS

SLATE = 200
"""How many of the items that a rough guess puts first for a shopper are all examples, each standing for itself."""

OTHERS = 60
"""How many of all the other items are examples, drawn by chance, each standing for its share of them."""


@dataclass(frozen=True, slots=True)
class Shopper:
    """One shopper at a moment."""

    profile: Profile
    history: tuple[str, ...]
    """Everything that they did anything with before, each once; longer than the profile where that is capped."""
    taken: frozenset[str]
    """What they took after it."""


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    values: npt.NDArray[np.float64]
    """[features, m]"""
    taken: npt.NDArray[np.bool_]
    weight: npt.NDArray[np.float64]
    """[m], how many pairs each example stands for."""
    in_slate: npt.NDArray[np.bool_]
    """[m], which examples a rough guess put first: the ones that a ranking must tell apart."""
    typical: npt.NDArray[np.float64]
    """[features], the mean over all pairs of a shopper and an item."""

    def with_more(self, other: Examples) -> Examples:
        """These examples and others of the same features."""
        ours, theirs = self.weight.sum(), other.weight.sum()
        return Examples(
            np.concatenate([self.values, other.values], axis=1),
            np.concatenate([self.taken, other.taken]),
            np.concatenate([self.weight, other.weight]),
            np.concatenate([self.in_slate, other.in_slate]),
            (self.typical * ours + other.typical * theirs) / (ours + theirs),
        )


def shoppers_at(before: Log, after: Log, limit: int, rng: np.random.Generator) -> list[Shopper]:
    """Shoppers with a history who took something afterwards, at most `limit`, drawn by chance.

    To take is to put into the cart or to buy; where the log has neither afterwards, any interaction.
    """
    bought = np.isin(after.kind, [KINDS.index(Kind.CART), KINDS.index(Kind.PURCHASE)])
    after = after.where(bought) if bought.any() else after
    returning = np.intersect1d(np.unique(before.user), np.unique(after.user))
    if len(returning) > limit:
        returning = np.sort(rng.choice(returning, limit, replace=False))
    old, new = before.rows_by_user(), after.rows_by_user()
    return [
        Shopper(
            profile_of(before, old[user]),
            tuple(dict.fromkeys(before.items[item] for item in before.item[old[user]])),
            frozenset(after.items[item] for item in after.item[new[user]]),
        )
        for user in returning
    ]


def profile_of(log: Log, rows: npt.NDArray[np.int64]) -> Profile:
    """The profile of the shopper to whom these rows of the log, oldest first, belong."""
    recent = rows[-4 * RECENT_CAP :]
    events = tuple(
        Interaction(log.users[log.user[at]], log.items[log.item[at]], KINDS[log.kind[at]], float(log.time[at]))
        for at in recent
    )
    return Profile(events[0].user if events else "").with_interactions(events)


def gather(
    table: FeatureTable, shoppers: list[Shopper], rng: np.random.Generator, tick: Callable[[], object] = lambda: None
) -> Examples:
    """Examples from shoppers: all that they took, the slate, and a sample of the rest, weighted to stand for it."""
    values, taken, weight, in_slate, means = [], [], [], [], []
    for shopper in shoppers:
        figures = table.figures(shopper.profile).values
        took = np.zeros(figures.shape[1], bool)
        took[[table.items.place[item_id] for item_id in shopper.taken if item_id in table.items.place]] = True
        slate = _slate(figures)
        certain = np.flatnonzero(took | slate)
        rest = np.flatnonzero(~(took | slate))
        drawn = rng.choice(rest, min(OTHERS, len(rest)), replace=False)
        chosen = np.concatenate([certain, drawn])
        values.append(figures[:, chosen])
        taken.append(took[chosen])
        in_slate.append(slate[chosen])
        weight.append(np.repeat([1.0, len(rest) / max(len(drawn), 1)], [len(certain), len(drawn)]))
        means.append(_row_means(figures))
        tick()
    typical = np.nan_to_num(_row_means(np.stack(means, axis=1)))
    typical[[FEATURES.index(feature) for feature in STATED_WEIGHTS]] = 0.0
    return Examples(
        np.concatenate(values, axis=1), np.concatenate(taken), np.concatenate(weight), np.concatenate(in_slate), typical
    )


def _slate(figures: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """The items, not bought before, that a guess by hand puts first."""
    row = {feature: np.nan_to_num(figures[at]) for at, feature in enumerate(FEATURES)}
    guess = row[Feature.AFFINITY] + 0.3 * row[Feature.POPULAR] + row[Feature.CATEGORY] + row[Feature.SIMILAR]
    guess[row[Feature.BOUGHT] > 0] = -np.inf
    slate = np.zeros(len(guess), bool)
    first = min(SLATE, len(guess))
    slate[np.argpartition(-guess, first - 1)[:first]] = True
    slate &= guess > -np.inf
    return slate


def _row_means(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The mean of each row over what is known; NaN where nothing is."""
    known = ~np.isnan(values)
    sums = np.where(known, values, 0.0).sum(axis=1)
    counts = known.sum(axis=1)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
