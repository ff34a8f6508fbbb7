"""A write ends in a card; it happens after a yes to that card, exactly as shown, once, and only if it is still true."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from agent.errors import NotFound
from agent.guard.consent import consent
from agent.messages import EventType, ProposalState, Role
from agent.policy import load_policy
from agent.shop import Money, OrderChange, OrderStatus
from agent.store.database import Database
from agent.store.people import change_order
from agent.store.proposals import get_proposal
from agent.store.rows import now
from agent.store.tables import audit, proposals
from tests.store.racing import race
from tests.turn.house import ADA, BEN, BENS, GIFT, PENDING, SHIPPED, House, kinds, results, said

PAID = 4_494


def state_of(house: House, chat: str, proposal: str) -> ProposalState:
    with house.database.read() as connection:
        found = get_proposal(connection, chat, proposal)
    assert found is not None
    return found.state


def actions(house: House) -> list[tuple[str, str]]:
    with house.database.read() as connection:
        return [(row.actor, row.action) for row in connection.execute(select(audit).order_by(audit.c.id))]


def ship(house: House, order: str = PENDING) -> None:
    """The shop itself moves the order on, as a warehouse would."""
    with house.database.write() as connection:
        change_order(connection, house.order(order), OrderStatus.SHIPPED, OrderChange(now(), OrderStatus.SHIPPED))


# --- the card --------------------------------------------------------------------------------------------


def test_a_write_shows_its_exact_effect_and_changes_nothing(house: House, adas: str) -> None:
    before = house.everything()
    call = ("cancel_order", {"order": PENDING, "reason": "I found it for a better price"})
    events = house.say(adas, f"cancel {PENDING}", call, "never asked for another step")
    assert kinds(events) == ["called", "said", "proposed"]
    card = events[-1].data["proposal"]
    assert card["title"] == f"Cancel order {PENDING}"
    assert card["changes"] == [
        {"what": "Order status", "before": "pending", "after": "cancelled"},
        {"what": "Reason", "before": "–", "after": "found a better price"},
    ]
    assert card["money_text"] == "$44.94 back to you"
    assert card["method"] == "Visa ending 4411, within 5 to 7 business days"
    assert card["warnings"]
    pending = house.conversations.get(adas).pending
    assert pending is not None
    assert (pending.id, pending.subject, pending.subject_version) == (card["id"], PENDING, 0)
    assert pending.effect.money == Money(PAID)
    assert house.everything() == before
    assert actions(house) == []
    assert len(house.script.seen) == 1


def test_an_order_that_the_policy_keeps_is_refused_with_its_rule(house: House, adas: str) -> None:
    events = house.say(adas, f"cancel {SHIPPED}", ("cancel_order", {"order": SHIPPED}), "{refused}")
    assert kinds(events) == ["called", "refused", "said"]
    assert results(house.conversations.messages(adas)) == [(False, "cancellation.states")]
    assert said(events) == [f"Order {SHIPPED} is shipped, so it can't be cancelled any more."]


def test_without_the_policys_check_a_shipped_order_would_get_a_card(
    house: House, adas: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault planted: a check that allows everything. The effect's own check still holds."""
    from agent.policy import ALLOWED

    monkeypatch.setattr("agent.order_tools.may_cancel", lambda *_: ALLOWED)
    proposal = house.propose(adas, SHIPPED)
    house.press(adas, proposal, yes=True)
    assert house.order(SHIPPED).status is OrderStatus.SHIPPED
    assert house.balance(SHIPPED) == PAID


def test_a_newer_card_takes_the_place_of_the_one_before(house: House, adas: str) -> None:
    first, second = house.propose(adas), house.propose(adas, GIFT)
    assert state_of(house, adas, first) is ProposalState.REPLACED
    assert house.press(adas, first, yes=True)
    assert house.order(PENDING).status is OrderStatus.PENDING
    house.press(adas, second, yes=True)
    assert house.order(GIFT).status is OrderStatus.CANCELLED


# --- yes and no ------------------------------------------------------------------------------------------


def test_a_yes_in_words_does_it_once(house: House, adas: str) -> None:
    proposal = house.propose(adas)
    events = house.say(adas, "yes please")
    assert kinds(events) == ["done", "said"]
    assert events[0].data["effect"]["title"] == f"Cancel order {PENDING}"
    assert "$44.94" in said(events)[0]
    order = house.order()
    assert (order.status, order.version) == (OrderStatus.CANCELLED, 1)
    assert order.history[-1].note == "no longer needed"
    assert [p.amount.minor for p in order.payments] == [PAID, -PAID]
    assert order.payments[-1].key == f"refund:{proposal}"
    assert state_of(house, adas, proposal) is ProposalState.DONE
    assert actions(house) == [(f"shopper:{ADA}", "cancel_order")]
    assert len(house.script.seen) == 1  # no model has a say in it


def test_a_yes_by_the_button_does_the_same(house: House, adas: str) -> None:
    events = house.press(adas, house.propose(adas), yes=True)
    assert kinds(events) == ["done", "said"]
    assert (house.order().status, house.balance()) == (OrderStatus.CANCELLED, 0)


@pytest.mark.parametrize("how", ["text", "button"])
def test_a_no_leaves_everything_as_it_is(house: House, adas: str, how: str) -> None:
    before, proposal = house.everything(), house.propose(adas)
    events = house.say(adas, "no thanks") if how == "text" else house.press(adas, proposal, yes=False)
    assert kinds(events) == ["said"]
    assert house.everything() == before
    assert state_of(house, adas, proposal) is ProposalState.DECLINED
    assert actions(house) == [(f"shopper:{ADA}", "declined")]


def test_a_refund_to_a_gift_card_is_on_it(house: House, adas: str) -> None:
    house.press(adas, house.propose(adas, GIFT), yes=True)
    assert house.people.shopper(ADA).payment_methods[1].balance == Money(1_000 + PAID)


@pytest.mark.parametrize(
    "text", ["yes but keep the lamp", "yes?", "how much do I get back?", "yes, cancel the other one"]
)
def test_anything_else_than_a_plain_yes_goes_to_the_model_and_keeps_the_card(
    house: House, adas: str, text: str
) -> None:
    proposal = house.propose(adas)
    assert said(house.say(adas, text, "What do you mean?")) == ["What do you mean?"]
    assert state_of(house, adas, proposal) is ProposalState.PENDING
    house.say(adas, "yes")
    assert house.order().status is OrderStatus.CANCELLED


def test_a_looser_reading_of_yes_would_cancel(house: House, adas: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: a yes with a condition counts."""
    monkeypatch.setattr("agent.turn.consent", lambda text: consent(text.split(" but")[0]))
    house.propose(adas)
    house.say(adas, "yes but keep the lamp")
    assert house.order().status is OrderStatus.CANCELLED


def test_a_yes_that_was_sent_before_the_card_was_shown_is_no_yes_to_it(house: House, adas: str) -> None:
    """The shopper wrote twice in a row; the second message cannot mean a card that came after it."""
    house.steps(("cancel_order", {"order": PENDING}), "Please have a look at the card.")
    house.post(adas, f"cancel {PENDING}")
    house.post(adas, "yes")
    house.work()
    assert house.order().status is OrderStatus.PENDING
    assert house.conversations.get(adas).pending is not None
    house.say(adas, "yes")
    assert house.order().status is OrderStatus.CANCELLED


def test_a_yes_without_a_card_is_a_message_like_any_other(house: House, adas: str) -> None:
    assert said(house.say(adas, "yes", "Yes to what?")) == ["Yes to what?"]


# --- twice, late, outdated, from elsewhere ---------------------------------------------------------------


def test_a_yes_pressed_twice_counts_once(house: House, adas: str) -> None:
    proposal = house.propose(adas)
    last = house.last(adas)
    for _ in range(3):
        house.chat.decide(adas, proposal, accept=True)
    house.work()
    assert kinds(house.conversations.events(adas, last)).count("done") == 1
    assert house.balance() == 0
    assert len(house.order().payments) == 2


def test_a_yes_and_a_no_at_once_count_as_one_of_them(house: House, adas: str) -> None:
    proposal = house.propose(adas)
    race(4, lambda n: house.chat.decide(adas, proposal, accept=bool(n % 2)))
    house.work()
    cancelled = house.order().status is OrderStatus.CANCELLED
    assert house.balance() == (0 if cancelled else PAID)
    assert state_of(house, adas, proposal) is (ProposalState.DONE if cancelled else ProposalState.DECLINED)


def test_a_yes_after_a_no_changes_nothing(house: House, adas: str) -> None:
    proposal = house.propose(adas)
    house.press(adas, proposal, yes=False)
    events = house.press(adas, proposal, yes=True)
    assert kinds(events) == ["said"]
    assert "settled" in said(events)[0]
    assert house.order().status is OrderStatus.PENDING


@pytest.mark.parametrize("how", ["text", "button"])
def test_a_yes_to_a_card_that_has_run_out_changes_nothing(house: House, adas: str, how: str) -> None:
    proposal = house.propose(adas)
    with house.database.write() as connection:
        connection.execute(update(proposals).values(expires_at=now() - timedelta(seconds=1)))
    events = house.say(adas, "yes") if how == "text" else house.press(adas, proposal, yes=True)
    assert "run out" in said(events)[0]
    assert house.order().status is OrderStatus.PENDING
    assert state_of(house, adas, proposal) is ProposalState.EXPIRED


@pytest.mark.parametrize("how", ["text", "button"])
def test_a_yes_after_the_order_changed_does_nothing_and_says_so(house: House, adas: str, how: str) -> None:
    proposal = house.propose(adas)
    ship(house)
    events = house.say(adas, "yes") if how == "text" else house.press(adas, proposal, yes=True)
    assert kinds(events) == ["refused", "said"]
    assert house.order().status is OrderStatus.SHIPPED
    assert house.balance() == PAID
    assert state_of(house, adas, proposal) is ProposalState.FAILED
    assert actions(house) == [(f"shopper:{ADA}", "failed")]


def test_without_the_orders_version_a_shipped_order_would_still_be_kept_by_the_policy(house: House, adas: str) -> None:
    """Two checks stand behind each other: even a card for the newest version is checked against the policy."""
    proposal = house.propose(adas)
    ship(house)
    with house.database.write() as connection:
        connection.execute(update(proposals).values(subject_version=1))
    house.press(adas, proposal, yes=True)
    assert house.order().status is OrderStatus.SHIPPED


def test_two_cards_for_one_order_refund_it_once(house: House, adas: str) -> None:
    other = house.chat.start(ADA).id
    first, second = house.propose(adas), house.propose(other)
    house.chat.decide(adas, first, accept=True)
    house.chat.decide(other, second, accept=True)
    house.work()
    assert house.balance() == 0
    assert sorted([state_of(house, adas, first), state_of(house, other, second)]) == [
        ProposalState.DONE,
        ProposalState.FAILED,
    ]


def test_nobody_decides_from_another_chat(house: House, adas: str, bens: str) -> None:
    proposal = house.propose(adas)
    for chat in (bens, house.chat.start(ADA).id):
        with pytest.raises(NotFound):
            house.chat.decide(chat, proposal, accept=True)
        house.say(chat, "yes", "Yes to what?")
    with pytest.raises(NotFound):
        house.chat.decide(adas, "nothing", accept=True)
    house.work()
    assert house.order().status is OrderStatus.PENDING
    assert state_of(house, adas, proposal) is ProposalState.PENDING


def test_a_proposal_about_somebody_elses_order_would_still_not_be_done(house: House, adas: str) -> None:
    """The fault planted: a card about Ben's order stands in Ada's chat. The owner is checked once more at the end."""
    proposal = house.propose(adas)
    with house.database.write() as connection:
        connection.execute(update(proposals).values(subject=BENS))
    house.press(adas, proposal, yes=True)
    assert house.order(BENS, BEN).status is OrderStatus.PENDING
    assert house.balance(BENS, BEN) == PAID


def test_an_effect_that_nobody_knows_is_not_done(house: House, adas: str) -> None:
    proposal = house.propose(adas)
    with house.database.write() as connection:
        connection.execute(update(proposals).values(call={"id": "c", "name": "give_everything_away", "arguments": {}}))
    assert kinds(house.press(adas, proposal, yes=True)) == ["refused", "said"]


# --- afterwards ------------------------------------------------------------------------------------------


def test_the_model_may_say_what_was_done_after_it_was_and_not_before(house: House, adas: str) -> None:
    house.propose(adas)
    claim = "I've cancelled your order."
    assert said(house.say(adas, "did you?", claim, claim)) != [claim]
    house.say(adas, "yes")
    assert said(house.say(adas, "did you?", claim)) == [claim]
    note = next(m for m in house.conversations.messages(adas) if m.role is Role.NOTE and "done:" in m.text)
    assert PENDING in note.text


def test_a_fee_of_the_policy_is_kept_back(sqlite: Database) -> None:
    policy = load_policy()
    policy = policy.model_copy(update={"cancellation": policy.cancellation.model_copy(update={"fee_percent": 10})})
    house = House(sqlite, policy=policy)
    chat = house.chat.start(ADA).id
    house.press(chat, house.propose(chat), yes=True)
    assert house.balance() == 449  # 10 % of $44.94, rounded down


def test_an_order_that_was_never_paid_is_cancelled_without_money(house: House, adas: str) -> None:
    unpaid: Any = {"id": "JF-9", "payments": ()}
    from dataclasses import replace

    house.people.add([], [replace(house.order(), **unpaid)])
    events = house.press(adas, house.propose(adas, "JF-9"), yes=True)
    assert house.order("JF-9").status is OrderStatus.CANCELLED
    assert house.order("JF-9").payments == ()
    assert "$0.00" not in said([e for e in events if e.type is EventType.SAID])[0]
