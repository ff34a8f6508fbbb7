"""Doing what a shopper said yes to: in one transaction, for the owner only, once, and only if still true.

The order, its history, the outbox entry for the money and the audit line are written together with the
proposal's end, or none of them is. Money itself moves afterwards, out of the outbox, under a unique key.
"""

from __future__ import annotations

import logging

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from agent.errors import Conflict
from agent.messages import Proposal
from agent.policy import Policy, may_cancel
from agent.shop import Money, OrderChange, OrderStatus, Payment
from agent.store.database import Database
from agent.store.people import add_payment, change_order, read_order
from agent.store.proposals import mark_sent, queue_effect, waiting_effects, write_audit
from agent.store.rows import now

log = logging.getLogger(__name__)


def apply(connection: Connection, proposal: Proposal, shopper_id: str, conversation_id: str, policy: Policy) -> None:
    """Do a proposal's effect.

    Raises:
        Conflict: the order changed since the card was shown, or the policy does not allow it any more.
    """
    if proposal.call.name != "cancel_order":
        raise Conflict(f"nothing is known of how to do {proposal.call.name}")
    _cancel(connection, proposal, shopper_id, policy)
    write_audit(
        connection, f"shopper:{shopper_id}", proposal.call.name, conversation_id, proposal.id, subject=proposal.subject
    )


def _cancel(connection: Connection, proposal: Proposal, shopper_id: str, policy: Policy) -> None:
    order = read_order(connection, proposal.subject, shopper_id)
    if order is None or order.version != proposal.subject_version:
        raise Conflict(f"order {proposal.subject} has changed since")
    reason = next(change.after for change in proposal.effect.changes if change.what == "Reason")
    if not may_cancel(policy, order, reason).allowed:
        raise Conflict(f"order {order.id} may not be cancelled any more")
    change_order(connection, order, OrderStatus.CANCELLED, OrderChange(now(), OrderStatus.CANCELLED, reason))
    refund = proposal.effect.money
    if refund is not None and refund.minor > 0:
        data = {
            "order": order.id,
            "method": order.payment_method_id,
            "minor": refund.minor,
            "currency": refund.currency,
        }
        queue_effect(connection, f"refund:{proposal.id}", proposal.id, "refund", data)


def send_refunds(database: Database) -> int:
    """Move the money that waits in the outbox, each entry once; how many moved.

    The shop's own ledger stands in for a payment provider here: a refund is a negative payment under the
    outbox entry's key, written in the transaction that ticks the entry off.
    """
    with database.read() as connection:
        waiting = waiting_effects(connection)
    sent = 0
    for key, _, data in waiting:
        try:
            with database.write() as connection:
                if mark_sent(connection, key):
                    amount = Money(-data["minor"], data["currency"])
                    add_payment(connection, data["order"], Payment(now(), amount, data["method"], key))
                    sent += 1
        except IntegrityError:  # the entry stays in the outbox for a person to look at; the others go on
            log.exception("the refund %s cannot be written", key)
    return sent
