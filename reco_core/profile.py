"""What is known of one shopper's taste: what they did lately and what they said. A change makes another value."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from reco_core.errors import ProfileError
from reco_core.interactions import Interaction, Kind

RECENT_CAP = 300
"""How many interactions a profile keeps. Old views leave before purchases, so that what was bought is remembered."""

PRICE_MAX = "price_max"
"""The facet of a stated upper price; its value is a number in the catalogue's currency, and the limit is inclusive."""


@dataclass(frozen=True, slots=True)
class Preference:
    """Something that the shopper said: they like, or do not like, one value of one facet."""

    facet: str
    value: str
    liked: bool = True

    def __post_init__(self) -> None:
        facet, value = self.facet.strip(), str(self.value).strip()
        if not facet or facet == "*":
            raise ProfileError(f"a preference needs the name of a facet, such as brand or colour, not {self.facet!r}")
        if not value:
            raise ProfileError(f"a preference on {facet} needs a value")
        if facet == PRICE_MAX:
            value = _price(value)
            if not self.liked:
                raise ProfileError("a highest price can only be stated or removed, not disliked")
        object.__setattr__(self, "facet", facet)
        object.__setattr__(self, "value", value)

    @classmethod
    def at_most(cls, price: float) -> Preference:
        """Nothing dearer than this price, in the catalogue's currency."""
        return cls(PRICE_MAX, str(price))

    @property
    def evidence(self) -> str:
        """How a reason names it: ``brand=Nordlys``."""
        return f"{self.facet}={self.value}"

    def same_subject(self, other: Preference) -> bool:
        """True where the newer of the two replaces the older."""
        if self.facet.casefold() != other.facet.casefold():
            return False
        return self.facet == PRICE_MAX or self.value.casefold() == other.value.casefold()


@dataclass(frozen=True, slots=True)
class Profile:
    """A shopper's taste. Equal profiles are given equal suggestions."""

    user: str = ""
    recent: tuple[Interaction, ...] = ()
    """Oldest first; an item at most once for each kind, at its latest time."""
    preferences: tuple[Preference, ...] = ()
    """Oldest first."""

    @classmethod
    def stranger(cls) -> Profile:
        """Somebody of whom nothing is known."""
        return cls()

    @property
    def is_stranger(self) -> bool:
        return not self.recent and not self.preferences

    @property
    def bought(self) -> frozenset[str]:
        return frozenset(event.item for event in self.recent if event.kind is Kind.PURCHASE)

    @property
    def price_max(self) -> float | None:
        """The highest price that the shopper stated, or None."""
        return next((float(p.value) for p in self.preferences if p.facet == PRICE_MAX), None)

    def with_interaction(self, interaction: Interaction) -> Profile:
        """This profile after one more interaction, which may arrive late."""
        return self.with_interactions((interaction,))

    def with_interactions(self, interactions: tuple[Interaction, ...]) -> Profile:
        """This profile after more interactions, in any order."""
        latest: dict[tuple[str, Kind], Interaction] = {}
        for event in sorted((*self.recent, *interactions), key=lambda e: e.time):
            latest.pop((event.item, event.kind), None)
            latest[event.item, event.kind] = event
        return replace(self, recent=_capped(tuple(latest.values())))

    def with_preference(self, preference: Preference) -> Profile:
        """This profile after a statement; it replaces an earlier one on the same facet and value."""
        kept = self.without_preference(preference).preferences
        return replace(self, preferences=(*kept, preference))

    def without_preference(self, preference: Preference) -> Profile:
        """This profile with what was said about that facet and value taken back."""
        kept = tuple(p for p in self.preferences if not p.same_subject(preference))
        return replace(self, preferences=kept)


def _capped(events: tuple[Interaction, ...]) -> tuple[Interaction, ...]:
    surplus = len(events) - RECENT_CAP
    if surplus <= 0:
        return events
    others = [place for place, event in enumerate(events) if event.kind is not Kind.PURCHASE]
    dropped = set(others[:surplus])
    kept = tuple(event for place, event in enumerate(events) if place not in dropped)
    return kept[-RECENT_CAP:]


def _price(value: str) -> str:
    try:
        price = float(value)
    except ValueError:
        price = math.nan
    if not (math.isfinite(price) and price > 0):
        raise ProfileError(f"a highest price must be a positive number, not {value!r}")
    return f"{price:g}" if abs(price) < 1e5 else repr(price)
