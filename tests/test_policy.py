"""The policy file: what it allows, what a refund is, and which contradictions stop the start."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import PolicyError
from agent.policy import (
    DEFAULT_POLICY,
    Policy,
    cancellation_refund,
    load_policy,
    may_cancel,
    refund_days,
    return_deadline,
)
from agent.shop import Address, Money, Order, OrderStatus, Payment, PaymentKind, PaymentMethod

POLICY = load_policy()
DAY = datetime(2026, 3, 3, tzinfo=UTC)
HOME = Address("", "", "", "", "", "", "")
ORDER = Order("o", "ada", OrderStatus.PENDING, DAY, (), Money(0), HOME, "card")
REASON = POLICY.cancellation.reasons[0]


def with_fee(percent: int) -> Policy:
    return POLICY.model_copy(update={"cancellation": POLICY.cancellation.model_copy(update={"fee_percent": percent})})


def paid(*amounts: int) -> Order:
    return replace(ORDER, payments=tuple(Payment(DAY, Money(a), "card", f"k{n}") for n, a in enumerate(amounts)))


@pytest.mark.parametrize("status", list(OrderStatus))
def test_an_order_may_be_cancelled_in_the_states_of_the_file_only(status: OrderStatus) -> None:
    verdict = may_cancel(POLICY, replace(ORDER, status=status), REASON)
    assert verdict.allowed == (status in POLICY.cancellation.states)
    if not verdict.allowed:
        assert verdict.rule == "cancellation.states"
        assert dict(verdict.facts) == {"status": status.value}


def test_a_reason_that_the_file_does_not_know_is_refused() -> None:
    for reason in POLICY.cancellation.reasons:
        assert may_cancel(POLICY, ORDER, reason).allowed
    refused = may_cancel(POLICY, ORDER, "because")
    assert (refused.allowed, refused.rule) == (False, "cancellation.reasons")


@given(st.lists(st.integers(-(10**8), 10**8), max_size=5), st.integers(0, 100))
def test_a_refund_is_what_was_paid_less_the_fee_to_the_cent(amounts: list[int], percent: int) -> None:
    total, refund = sum(amounts), cancellation_refund(with_fee(percent), paid(*amounts))
    fee = total - refund.minor
    assert fee == total * percent // 100
    assert cancellation_refund(with_fee(0), paid(*amounts)) == Money(total)
    assert cancellation_refund(with_fee(100), paid(*amounts)) == Money(0)


def test_an_order_that_was_paid_back_in_part_gets_the_rest() -> None:
    assert cancellation_refund(POLICY, paid(5_000, -1_200)) == Money(3_800)
    assert cancellation_refund(POLICY, ORDER) == Money(0)


@pytest.mark.parametrize("kind", list(PaymentKind))
def test_how_long_a_refund_takes_stands_in_the_file(kind: PaymentKind) -> None:
    low, high = refund_days(POLICY, PaymentMethod("m", kind, "M"))
    raw = tomllib.loads(DEFAULT_POLICY.read_text(encoding="utf-8"))["refunds"]
    assert (low, high) == (raw[f"{kind.value}_days_min"], raw[f"{kind.value}_days_max"])
    assert low <= high


def test_the_return_window_is_counted_from_the_delivery() -> None:
    assert return_deadline(POLICY, ORDER) is None
    delivered = replace(ORDER, delivered_at=DAY)
    assert return_deadline(POLICY, delivered) == DAY + timedelta(days=POLICY.returns.window_days)


# --- the file itself -------------------------------------------------------------------------------------


def changed(tmp_path: Path, old: str, new: str) -> Path:
    text = DEFAULT_POLICY.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "policy.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("card_days_min = 5", "card_days_min = 9", "card_days_min"),
        ("standard_days_max = 5", "standard_days_max = 1", "standard_days_min"),
        ("minimum_minor = 1000", "minimum_minor = 999999", "minimum_minor"),
        ('states = ["pending"]', 'states = ["cancelled"]', "cancelled"),
        ('states = ["pending"]', 'states = ["perhaps"]', "cancellation.states"),
        ("fee_percent = 0", "fee_percent = 101", "cancellation.fee_percent"),
        ("fee_percent = 0", "fee_percent = 0.5", "cancellation.fee_percent"),
        ("fee_percent = 0", "", "cancellation.fee_percent"),
        ("fee_percent = 0", "fee_percent = 0\nfee_minimum = 3", "cancellation.fee_minimum"),
        ("[warranty]\nmonths = 24", "", "warranty"),
        ('currency = "USD"', 'currency = "dollars"', "shop.currency"),
        ("proposal_minutes = 15", "proposal_minutes = 0", "limits.proposal_minutes"),
        ("steps_per_turn = 6", "steps_per_turn = 1", "limits.steps_per_turn"),
        ("window_days = 30", "window_days = -1", "returns.window_days"),
        ("[shop]", "[shop", "TOML"),
    ],
)
def test_a_contradiction_or_a_gap_stops_the_start_with_one_line(tmp_path: Path, old: str, new: str, told: str) -> None:
    with pytest.raises(PolicyError) as caught:
        load_policy(changed(tmp_path, old, new))
    assert told in str(caught.value)
    assert "policy.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_or_not_text_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path / "nothing.toml", tmp_path, tmp_path / "binary.toml"):
        with pytest.raises(PolicyError) as caught:
            load_policy(path)
        assert "\n" not in str(caught.value)


def test_the_policy_cannot_be_changed_by_who_reads_it() -> None:
    with pytest.raises(Exception, match="frozen"):
        POLICY.cancellation.fee_percent = 50
