"""The shop's products and behaviour in the recommendation core's own terms: ids, facets, prices, vectors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from agent.behaviour import BehaviourEvent
from agent.shop import Product
from reco_core.interactions import Interaction, Kind, Log
from reco_core.items import Items

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FACETS = ("color", "material", "style", "size")
"""The attributes that a shopper may like or dislike, beside brand and category."""


def to_items(products: Sequence[Product], vectors: NDArray[np.float32] | None = None) -> Items:
    """The catalogue for the core.

    A product that comes in several colours has none of them as its own: whoever dislikes black may like its blue one.

    Args:
        products: in the order of `vectors`.
        vectors: float32 [products, dimension], of the search index; None to do without.
    """
    pairs: list[tuple[str, str, int]] = []
    for place, product in enumerate(products):
        if product.brand:
            pairs.append(("brand", product.brand, place))
        pairs += [("category", level, place) for level in product.category]
        choices = {name: values for name, values in product.options.items() if len(values) == 1}
        values = {**{name: (str(value),) for name, value in product.attributes.items()}, **choices}
        pairs += [(name, value, place) for name in FACETS for value in values.get(name, ())]
    prices = [None if p.price is None else float(p.price.amount) for p in products]
    return Items.from_pairs([p.id for p in products], pairs, prices, vectors)


def to_log(events: Iterable[BehaviourEvent]) -> Log:
    """Behaviour for the core."""
    return Log.of(Interaction(e.shopper_id, e.product_id, Kind(str(e.kind)), e.at.timestamp()) for e in events)
