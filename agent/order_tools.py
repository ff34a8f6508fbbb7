"""The tools about a shopper's own orders. Each works only for the shopper of the session."""

from __future__ import annotations

import re

from agent.errors import NotFound
from agent.messages import Change, Effect
from agent.policy import Policy, Verdict, cancellation_refund, may_cancel, refund_days
from agent.present import order_card, order_facts
from agent.shop import Order, OrderStatus, PaymentMethod, Shopper
from agent.store.people import PeopleStore
from agent.tools import Answer, Draft, Session, ToolRefused, reads, writes
from agent.wording import Wording

_MOST_ORDERS = 5


class OrderTools:
    """Reading orders, and proposing changes to them."""

    def __init__(self, session: Session, people: PeopleStore, policy: Policy, wording: Wording) -> None:
        self._session = session
        self._people = people
        self._policy = policy
        self._wording = wording

    @reads
    def find_my_orders(self) -> Answer:
        """List this shopper's latest orders with their states."""
        shopper = self._shopper()
        found = self._people.orders_of(shopper.id, _MOST_ORDERS)
        return Answer(
            {"orders": [order_facts(o, shopper.payment_methods) for o in found], "count": len(found)},
            {"orders": [order_card(o) for o in found]},
        )

    @reads
    def get_order(self, order: str) -> Answer:
        """Look at one order: its state, items, dates, address, payment and tracking.

        order: its number as the shopper wrote it, or "latest".
        """
        shopper = self._shopper()
        found = self._order(shopper, order)
        return Answer({"order": order_facts(found, shopper.payment_methods)}, {"order": order_card(found)})

    @writes
    def cancel_order(self, order: str, reason: str = "") -> Draft:
        """Cancel an order and refund it. Nothing happens before the shopper has confirmed the card.

        order: its number, or "latest". reason: why, in the shopper's words; empty when they did not say.
        """
        shopper = self._shopper()
        found = self._order(shopper, order)
        named = closest_reason(reason, self._policy.cancellation.reasons)
        verdict = may_cancel(self._policy, found, named)
        if not verdict.allowed:
            raise self._refused(verdict, found)
        method = self._method(shopper, found)
        low, high = refund_days(self._policy, method)
        when = (
            self._wording.line("refund.at_once") if high == 0 else self._wording.line("refund.days", low=low, high=high)
        )
        effect = Effect(
            title=self._wording.line("effect.cancel", order=found.id),
            changes=(
                Change("Order status", found.status.value, OrderStatus.CANCELLED.value),
                Change("Reason", "–", named),
            ),
            money=cancellation_refund(self._policy, found),
            method=f"{method.label}, {when}",
            warnings=(self._wording.line("effect.cancel_warning"),),
        )
        return Draft(effect, found.id, found.version)

    def _shopper(self) -> Shopper:
        if self._session.shopper_id is None:
            raise ToolRefused("identity.sign_in", self._wording.line("refused.sign_in"))
        return self._people.shopper(self._session.shopper_id)

    def _order(self, shopper: Shopper, reference: str) -> Order:
        """Raises NotFound for an order that is not this shopper's, whether or not it is somebody's."""
        if reference.strip().lower() in ("latest", "last", "newest", ""):
            orders = self._people.orders_of(shopper.id, 1)
            if not orders:
                raise ToolRefused("orders.none", self._wording.line("refused.no_orders"))
            return orders[0]
        for order_id in order_id_forms(reference):
            if (found := self._people.find_order(order_id, shopper.id)) is not None:
                return found
        raise NotFound(self._wording.line("refused.not_found", order=reference))

    def _method(self, shopper: Shopper, order: Order) -> PaymentMethod:
        method = next((m for m in shopper.payment_methods if m.id == order.payment_method_id), None)
        if method is None:  # the method has been removed from the account since
            raise ToolRefused("refund.method", self._wording.line("refused.no_method"))
        return method

    def _refused(self, verdict: Verdict, order: Order) -> ToolRefused:
        text = self._wording.line(f"refused.{verdict.rule.replace('.', '_')}", order=order.id, **dict(verdict.facts))
        return ToolRefused(verdict.rule, text)


def order_id_forms(text: str) -> tuple[str, ...]:
    """An order's number as it may be stored, however it was typed: ``#jf 10482`` → ``JF10482``, ``JF-10482``."""
    compact = re.sub(r"[^A-Za-z0-9-]", "", text).upper()
    dashed = re.sub(r"^([A-Z]{1,4})-?(\d+)$", r"\1-\2", compact)
    return tuple(dict.fromkeys((compact, dashed, f"#{compact}")))


def closest_reason(words: str, reasons: list[str]) -> str:
    """The policy's reason that shares most words with the shopper's; the first one when none does.

    A word overlap, not a model: it serves the few short reasons of a policy file.
    """
    said = set(re.findall(r"[a-z]+", words.lower()))
    return max(reasons, key=lambda reason: len(said & set(reason.lower().split())))
