"""What shoppers do in the shop, as frozen values: the log that the recommendation core learns from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class BehaviourKind(StrEnum):
    """From the lightest sign of interest to the strongest."""

    VIEW = "view"
    """The product was seen, in a list or beside another."""
    CLICK = "click"
    """Its page was opened."""
    CART = "cart"
    PURCHASE = "purchase"


@dataclass(frozen=True, slots=True)
class BehaviourEvent:
    """One thing that one shopper did with one product."""

    shopper_id: str
    product_id: str
    kind: BehaviourKind
    at: datetime
    session: str = ""
    """One visit; the events of a visit share it."""
