"""What simulated shoppers like: shelves, brands, colours, prices, seasons. Hidden causes of their behaviour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from agent.demo_shop.shelves import Floats, Shelves

_PERSONAS = 9
_WEIGHTS = {"brand": 0.9, "color": 0.8, "material": 0.5, "style": 0.6, "for": 0.4}


class Tastes:
    """The likings of `count` shoppers for what stands on the shelves, drawn once.

    Shoppers are mixtures of a few personas (which shelves they care for), and each has brands, colours,
    materials and styles that they prefer and a view of prices.
    """

    def __init__(
        self, shelves: Shelves, count: int, words: Mapping[str, Any], buyable: Sequence[bool], rng: np.random.Generator
    ) -> None:
        self._shelves = shelves
        self._buyable = np.array(buyable, dtype=bool)
        self._seasons = _seasons([shelf.name for shelf in shelves.shelves], words["seasons"], rng)
        self.interests = _interests(shelves, count, rng)
        """Shape (shoppers, shelves); rows sum to 1."""
        self.complements = _complements(shelves, words["complements"], rng)
        """For each shelf, those whose products go with its own."""
        self._likes = {
            facet: rng.normal(0, _WEIGHTS[facet], (count, int(codes.max(initial=0)) + 1))
            for facet, codes in shelves.facets.items()
        }
        _decide_whom_for(self._likes["for"], rng)
        self._price_view = rng.normal(-0.6, 1.6, count)
        """Below 0: likes it cheap; above: likes it dear."""
        self._sells = np.array([self._buyable[shelf.products].any() for shelf in shelves.shelves])
        self._turns: dict[tuple[int, int, bool], Floats] = {}
        self._cumulated: dict[tuple[int, int, bool], Floats] = {}

    def choose_shelf(self, shopper: int, at: datetime, draw: float, to_buy: bool = False) -> int:
        """A shelf that this shopper turns to at this time of the year. `draw` in [0, 1).

        Where it is `to_buy`, a shelf with something that can be bought; there must be one.
        """
        key = (shopper, at.month, to_buy)
        if key not in self._turns:
            weights = self.interests[shopper] * self._seasons[at.month - 1]
            self._turns[key] = np.cumsum(weights * self._sells if to_buy else weights)
        return _pick(self._turns[key], draw)

    def avoid(self, shoppers: Sequence[int], category: str) -> None:
        """Let these shoppers hardly ever turn to shelves of this category. To be called before any choice."""
        for number, shelf in enumerate(self._shelves.shelves):
            if category in shelf.name.split(" > "):
                self.interests[list(shoppers), number] *= 1e-9

    def choose_product(self, shopper: int, shelf: int, draw: float, to_buy: bool = False) -> int | None:
        """A product of the shelf, by this shopper's liking; None where nothing on it can be bought."""
        key = (shopper, shelf, to_buy)
        if key not in self._cumulated:
            self._cumulated[key] = np.cumsum(self._chances(shopper, shelf, to_buy))
        cumulated = self._cumulated[key]
        if cumulated[-1] <= 0:
            return None
        return int(self._shelves.shelves[shelf].products[_pick(cumulated, draw)])

    def liking(self, shopper: int, product: int) -> float:
        """How much this shopper likes this product; around 0."""
        total = self._price_view[shopper] * self._shelves.price_rank[product]
        for facet, likes in self._likes.items():
            code = self._shelves.facets[facet][product]
            total += likes[shopper, code] if code else 0.0
        return float(total)

    def _chances(self, shopper: int, shelf: int, to_buy: bool) -> Floats:
        products = self._shelves.shelves[shelf].products
        score = self._shelves.popularity[products] + self._price_view[shopper] * self._shelves.price_rank[products]
        for facet, likes in self._likes.items():
            codes = self._shelves.facets[facet][products]
            score = score + np.where(codes > 0, likes[shopper, codes], 0.0)
        chances: Floats = np.exp(score - score.max())
        return chances * self._buyable[products] if to_buy else chances


def _pick(cumulated: Floats, draw: float) -> int:
    """The first place where the running total passes `draw` of it."""
    return min(int(np.searchsorted(cumulated, draw * cumulated[-1], side="right")), len(cumulated) - 1)


def _interests(shelves: Shelves, count: int, rng: np.random.Generator) -> Floats:
    departments = sorted({shelf.department for shelf in shelves.shelves})
    place = np.array([departments.index(shelf.department) for shelf in shelves.shelves])
    size = np.sqrt([len(shelf.products) for shelf in shelves.shelves])
    by_department = rng.gamma(0.5, 1.0, (_PERSONAS, len(departments)))[:, place]
    personas = (by_department + 0.02) * rng.gamma(0.8, 1.0, (_PERSONAS, len(size))) * size
    personas /= personas.sum(axis=1, keepdims=True)
    mixture = rng.dirichlet(np.full(_PERSONAS, 0.25), count)
    own = rng.gamma(1.0, 1.0, (count, len(size)))
    interests: Floats = (mixture @ personas + 0.002) * own
    interests /= interests.sum(axis=1, keepdims=True)
    return interests


def _seasons(names: Sequence[str], known: Mapping[str, Sequence[float]], rng: np.random.Generator) -> Floats:
    """How well each shelf sells by month, shape (12, shelves): a wave with one peak a year.

    The peak is drawn where the words do not know the shelf.
    """
    drawn = np.column_stack([rng.uniform(1, 13, len(names)), rng.uniform(0, 0.5, len(names))])
    peaks = np.array([known.get(name.rsplit(" > ", 1)[-1], row) for name, row in zip(names, drawn, strict=True)])
    months = np.arange(1, 13)[:, None]
    waves: Floats = np.exp(peaks[:, 1] * np.cos((months - peaks[:, 0]) / 6 * np.pi))
    return waves


def _complements(shelves: Shelves, known: Mapping[str, Sequence[str]], rng: np.random.Generator) -> list[list[int]]:
    last = [shelf.name.rsplit(" > ", 1)[-1] for shelf in shelves.shelves]
    found = []
    for number, shelf in enumerate(shelves.shelves):
        near = np.array([4.0 if other.department == shelf.department else 1.0 for other in shelves.shelves])
        near[number] = 0.0
        near /= max(near.sum(), 1.0)
        drawn = rng.choice(len(last), min(3, len(last) - 1), replace=False, p=near).tolist() if len(last) > 1 else []
        said = [i for i, name in enumerate(last) if name in known.get(last[number], ())]
        found.append(said or drawn or [number])
    return found


def _decide_whom_for(likes: Floats, rng: np.random.Generator) -> None:
    """Most people buy clothes for one kind of wearer: push one value of the facet up, in place."""
    if likes.shape[1] > 1:
        chosen = rng.integers(1, likes.shape[1], len(likes))
        likes[np.arange(len(likes)), chosen] += 2.0
