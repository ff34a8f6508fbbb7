"""What becomes of an order: its states with their times, from the moment it was placed until now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from agent.policy import Policy
from agent.shop import OrderChange, OrderStatus

_TRIES = 2_000
_FATES = {
    OrderStatus.CANCELLED: "cancelled",
    OrderStatus.RETURN_REQUESTED: "returned",
    OrderStatus.RETURNED: "returned",
    OrderStatus.EXCHANGE_REQUESTED: "exchanged",
}


@dataclass(frozen=True, slots=True)
class Journey:
    """The way of one order so far. `history` is never empty and ends in the order's state."""

    express: bool
    history: tuple[OrderChange, ...]
    expected_at: datetime
    delivered_at: datetime | None

    @property
    def status(self) -> OrderStatus:
        return self.history[-1].status

    @property
    def shipped(self) -> bool:
        return any(change.status == OrderStatus.SHIPPED for change in self.history)


def journey(
    rng: Random, policy: Policy, placed: datetime, now: datetime, *, returnable: bool = True, exchangeable: bool = True
) -> Journey:
    """A likely journey of an order placed at `placed`.

    Args:
        returnable: whether its items may be sent back at all (not so for final sale).
        exchangeable: whether they come in more than one option.
    """
    weights = (83, 6, 8 if returnable else 0, 3 if returnable and exchangeable else 0)
    fate = rng.choices(("kept", "cancelled", "returned", "exchanged"), weights)[0]
    return _journey(rng, policy, placed, now, fate)


def _journey(rng: Random, policy: Policy, placed: datetime, now: datetime, fate: str) -> Journey:
    express = rng.random() < 0.15
    steps = _way(rng, policy, placed, express, fate == "cancelled")
    delivered = next((c.at for c in steps if c.status == OrderStatus.DELIVERED), None)
    if delivered and delivered < now and fate in ("returned", "exchanged"):
        steps += _after(rng, policy, delivered, fate, now)
    shipping = policy.shipping
    days = shipping.express_days_max if express else shipping.standard_days_max
    past = tuple(change for change in steps if change.at <= now)
    return Journey(
        express,
        past,
        expected_at=(placed + timedelta(days=days + 1)).replace(hour=18, minute=0, second=0, microsecond=0),
        delivered_at=delivered if delivered and delivered <= now else None,
    )


def journey_to(rng: Random, policy: Policy, placed: datetime, now: datetime, status: OrderStatus) -> Journey:
    """A journey that has come to `status` by now.

    Raises:
        ValueError: no journey of that age ends there; choose another age.
    """
    for _ in range(_TRIES):
        found = _journey(rng, policy, placed, now, _FATES.get(status, "kept"))
        if found.status == status:
            return found
    raise ValueError(f"an order placed {now - placed} ago cannot well be {status.value!r}; choose another age")


def _way(rng: Random, policy: Policy, placed: datetime, express: bool, cancelled: bool) -> list[OrderChange]:
    steps = [OrderChange(placed, OrderStatus.PENDING, "order placed")]
    packed = placed + timedelta(hours=rng.uniform(3, 30))
    if cancelled:
        at = placed + (packed - placed) * rng.uniform(0.05, 0.95)
        return [*steps, OrderChange(at, OrderStatus.CANCELLED, rng.choice(policy.cancellation.reasons))]
    shipped = packed + timedelta(hours=rng.uniform(5, 36))
    rules = policy.shipping
    low, high = (
        (rules.express_days_min, rules.express_days_max)
        if express
        else (rules.standard_days_min, rules.standard_days_max)
    )
    late = rng.uniform(2, 7) if rng.random() < 0.03 else 0.0
    delivered = shipped + timedelta(days=max(0.6, rng.uniform(low - 0.5, high - 1.0)) + late)
    return [
        *steps,
        OrderChange(packed, OrderStatus.PROCESSING, "being packed"),
        OrderChange(shipped, OrderStatus.SHIPPED, "handed to the carrier"),
        OrderChange(delivered, OrderStatus.DELIVERED, "delivered"),
    ]


def _after(rng: Random, policy: Policy, delivered: datetime, fate: str, now: datetime) -> list[OrderChange]:
    """A return or an exchange, asked for within its window."""
    window = policy.returns.window_days if fate == "returned" else policy.exchange.window_days
    asked = delivered + timedelta(days=rng.uniform(0.3, max(0.4, window * 0.8)))
    if fate == "exchanged":
        recent = asked > now - timedelta(days=14)
        return [OrderChange(asked, OrderStatus.EXCHANGE_REQUESTED, "another size or colour")] if recent else []
    back = asked + timedelta(days=rng.uniform(4, 10))
    return [
        OrderChange(asked, OrderStatus.RETURN_REQUESTED, rng.choice(_RETURN_NOTES)),
        OrderChange(back, OrderStatus.RETURNED, "arrived back and checked"),
    ]


_RETURN_NOTES = ("does not fit", "looks different from the picture", "arrived damaged", "changed my mind")
