"""A small shop whose shoppers have tastes that are known, so that there is something true to learn."""

from __future__ import annotations

import numpy as np

from reco_core.interactions import Interaction, Kind, Log
from reco_core.items import Facet, Items
from reco_core.profile import Profile

CATEGORIES = tuple(f"Category {letter}" for letter in "ABCDEFGHIJKL")
BRANDS = ("Nordlys", "Brightway", "Casa Verde", "Plain")
PER_CATEGORY = 10
DAY = 86_400.0


def small_items(vectors: bool = False) -> Items:
    """120 items; item ``A3`` is the fourth of category A; every fourth is of one brand; materials take turns."""
    ids = [f"{category[-1]}{number}" for category in CATEGORIES for number in range(PER_CATEGORY)]
    count = len(ids)
    facets: dict[str, Facet] = {
        "category": [("Home", CATEGORIES[at // PER_CATEGORY]) for at in range(count)],
        "brand": [BRANDS[at % 4] for at in range(count)],
        "material": ["Genuine leather" if at % 5 == 0 else "oak" if at % 5 == 1 else None for at in range(count)],
    }
    price = [None if at % 17 == 16 else 5.0 * (1 + at % PER_CATEGORY) for at in range(count)]
    rng = np.random.default_rng(5)
    centres = rng.normal(size=(len(CATEGORIES), 16))
    matrix = np.repeat(centres, PER_CATEGORY, axis=0) + 0.3 * rng.normal(size=(count, 16))
    return Items.of(ids, facets, price, matrix.astype(np.float32) if vectors else None)


def partner_of(item_id: str) -> str:
    """What every second buyer of an item buys within days: the same number, half the alphabet on."""
    letters = [category[-1] for category in CATEGORIES]
    return letters[(letters.index(item_id[0]) + 6) % 12] + item_id[1:]


def small_log(seed: int = 3, shoppers: int = 150, visits: int = 6) -> Log:
    """Shoppers who each love two categories and one brand, over 100 days; a visit is a few views and a purchase, for
    half of them with the partner of what was bought soon after."""
    rng = np.random.default_rng(seed)
    items = small_items()
    ids = np.asarray(items.ids)
    popularity = rng.gamma(0.7, size=len(ids)) + 0.1
    events: list[Interaction] = []
    for shopper in range(shoppers):
        loved = rng.choice(len(CATEGORIES), 2, replace=False)
        taste = popularity * np.where(np.isin(np.arange(len(ids)) // PER_CATEGORY, loved), 12.0, 0.3)
        taste *= np.where(np.arange(len(ids)) % 4 == rng.integers(4), 3.0, 1.0)
        for day in np.sort(rng.uniform(0, 100, visits)):
            seen = rng.choice(ids, 4, replace=False, p=taste / taste.sum())
            events += [
                Interaction(f"u{shopper}", str(item), Kind.VIEW, day * DAY + at * 60) for at, item in enumerate(seen)
            ]
            events.append(Interaction(f"u{shopper}", str(seen[-1]), Kind.PURCHASE, day * DAY + 600))
            if rng.random() < 0.5:
                partner = partner_of(str(seen[-1]))
                events.append(Interaction(f"u{shopper}", partner, Kind.PURCHASE, (day + rng.uniform(0, 9)) * DAY))
    return Log.of(events)


def buyer_of(*item_ids: str, kind: Kind = Kind.PURCHASE) -> Profile:
    """Somebody who bought these, in this order."""
    events = tuple(Interaction("somebody", item, kind, float(at)) for at, item in enumerate(item_ids))
    return Profile("somebody").with_interactions(events)
