"""The shop's policy: the rules of `prompts/policy.toml` as pure decisions without I/O.

The same object answers the checks of the tools, the desk and the help articles. What is *not* covered
here: who is asking (the tools look in the session's account only) and whether the shopper said yes
(`agent.decisions`).
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from agent.errors import PolicyError
from agent.shop import Money, Order, OrderStatus, PaymentKind, PaymentMethod

DEFAULT_POLICY = Path(__file__).parent.parent / "prompts" / "policy.toml"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ShopRules(_Section):
    name: str
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    email: str
    staff_hours: str


class CancellationRules(_Section):
    states: list[OrderStatus]
    reasons: list[str] = Field(min_length=1)
    fee_percent: int = Field(ge=0, le=100)


class ChangeRules(_Section):
    states: list[OrderStatus]
    item_changes_per_order: int = Field(ge=0)


class ReturnRules(_Section):
    window_days: int = Field(ge=0)
    states: list[OrderStatus]
    final_sale_categories: list[str]
    shipping_fee_minor: int = Field(ge=0)
    refund_to: list[str] = Field(min_length=1)


class ExchangeRules(_Section):
    window_days: int = Field(ge=0)
    states: list[OrderStatus]
    same_product_only: bool


class RefundRules(_Section):
    card_days_min: int = Field(ge=0)
    card_days_max: int
    paypal_days_min: int = Field(ge=0)
    paypal_days_max: int
    gift_card_days_min: int = Field(ge=0)
    gift_card_days_max: int


class ShippingRules(_Section):
    standard_days_min: int = Field(ge=0)
    standard_days_max: int
    standard_fee_minor: int = Field(ge=0)
    express_days_min: int = Field(ge=0)
    express_days_max: int
    express_fee_minor: int = Field(ge=0)
    free_from_minor: int = Field(ge=0)
    countries: list[str] = Field(min_length=1)


class WarrantyRules(_Section):
    months: int = Field(ge=0)


class PriceMatchRules(_Section):
    days: int = Field(ge=0)


class GiftCardRules(_Section):
    minimum_minor: int = Field(gt=0)
    maximum_minor: int = Field(gt=0)


class LoyaltyRules(_Section):
    points_per_unit: int = Field(ge=0)
    points_per_reward: int = Field(gt=0)
    reward_minor: int = Field(gt=0)


class LimitRules(_Section):
    proposal_minutes: int = Field(gt=0)
    message_characters: int = Field(ge=200)
    shown_products: int = Field(ge=1, le=20)
    steps_per_turn: int = Field(ge=2, le=30)


class Policy(_Section):
    """The whole policy file, checked. Raises PolicyError through `load_policy`."""

    shop: ShopRules
    cancellation: CancellationRules
    change: ChangeRules
    returns: ReturnRules
    exchange: ExchangeRules
    refunds: RefundRules
    shipping: ShippingRules
    warranty: WarrantyRules
    price_match: PriceMatchRules
    gift_cards: GiftCardRules
    loyalty: LoyaltyRules
    limits: LimitRules

    @model_validator(mode="after")
    def _spans_make_sense(self) -> Self:
        for section in (self.refunds, self.shipping):
            values = section.model_dump()
            for name, low in values.items():
                if name.endswith("_days_min") and low > values[name.replace("_min", "_max")]:
                    raise ValueError(f"{name} is larger than {name.replace('_min', '_max')}")
        if self.gift_cards.minimum_minor > self.gift_cards.maximum_minor:
            raise ValueError("gift_cards.minimum_minor is larger than gift_cards.maximum_minor")
        if OrderStatus.CANCELLED in self.cancellation.states:
            raise ValueError("cancellation.states holds 'cancelled', which cannot be cancelled again")
        return self

    def money(self, minor: int) -> Money:
        return Money(minor, self.shop.currency)


def load_policy(path: Path = DEFAULT_POLICY) -> Policy:
    """The policy of a TOML file.

    Raises:
        PolicyError: the file is missing, is not TOML, lacks a rule, or contradicts itself.
    """
    try:
        return Policy.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise PolicyError(f"cannot read the policy file {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PolicyError(f"the policy file {path.name} is not TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(p) for p in first["loc"]) or "the file"
        raise PolicyError(f"the policy file {path.name} is wrong at {where}: {first['msg']}") from error


@dataclass(frozen=True, slots=True)
class Verdict:
    """May it be done? Where not: the rule that says so, and what a shopper may be told."""

    allowed: bool
    rule: str = ""
    facts: tuple[tuple[str, Any], ...] = ()
    """Values for the wording of the refusal, by name."""


ALLOWED = Verdict(True)


def may_cancel(policy: Policy, order: Order, reason: str) -> Verdict:
    """May this order be cancelled for this reason? (Rules `cancellation.states`, `cancellation.reasons`.)"""
    if order.status not in policy.cancellation.states:
        return Verdict(False, "cancellation.states", (("status", order.status.value),))
    if reason not in policy.cancellation.reasons:
        return Verdict(False, "cancellation.reasons", (("reasons", tuple(policy.cancellation.reasons)),))
    return ALLOWED


def cancellation_refund(policy: Policy, order: Order) -> Money:
    """What goes back to the shopper when the order is cancelled: what was paid, less the fee (rounded down)."""
    paid = Money(0, order.shipping.currency)
    for payment in order.payments:
        paid = paid + payment.amount
    return Money(paid.minor - paid.minor * policy.cancellation.fee_percent // 100, paid.currency)


def refund_days(policy: Policy, method: PaymentMethod) -> tuple[int, int]:
    """The fewest and the most days until a refund to this method arrives; (0, 0) is at once."""
    rules = policy.refunds
    return {
        PaymentKind.CARD: (rules.card_days_min, rules.card_days_max),
        PaymentKind.PAYPAL: (rules.paypal_days_min, rules.paypal_days_max),
        PaymentKind.GIFT_CARD: (rules.gift_card_days_min, rules.gift_card_days_max),
    }[method.kind]


def return_deadline(policy: Policy, order: Order) -> datetime | None:
    """Until when the order may be returned; None before its delivery."""
    return order.delivered_at + timedelta(days=policy.returns.window_days) if order.delivered_at else None
