"""Whatever shoppers, staff and a hostile model do in whatever order, some things never happen.

The model calls any tool with any order and says anything; it knows the numbers of all orders. Shoppers write, press
buttons and write each other's order numbers; staff come and go; cards run out; the warehouse ships.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select, update

from agent.errors import Conflict
from agent.messages import EventType, ProposalState, Status
from agent.shop import OrderChange, OrderStatus
from agent.store.database import Database
from agent.store.people import change_order
from agent.store.proposals import waiting_effects
from agent.store.rows import now
from agent.store.tables import audit, conversations, proposals
from tests.turn.house import ADA, BEN, BENS, GIFT, PENDING, SHIPPED, House

ORDERS = {PENDING: ADA, SHIPPED: ADA, GIFT: ADA, BENS: BEN}
PAID = 4_494
numbers = st.sampled_from([*ORDERS, "JF-7777", "latest", "", "jf1001", "JF-2001 ", "1"])
calls = st.one_of(
    st.tuples(st.just("cancel_order"), st.builds(lambda order: {"order": order, "reason": "because"}, numbers)),
    st.tuples(st.just("get_order"), st.builds(lambda order: {"order": order}, numbers)),
    st.tuples(st.just("find_my_orders"), st.just({})),
    st.tuples(st.just("search_products"), st.just({"query": "lamp"})),
    st.tuples(st.just("hand_over"), st.just({"reason": "bored"})),
    st.tuples(st.sampled_from(["refund", "run_sql", "cancel_order"]), st.just({"shopper_id": "ben", "amount": 1e9})),
)
claims = st.sampled_from(
    [
        "Hello.",
        "I've cancelled your order and refunded $500.",
        "Order JF-2001 is shipped.",
        "{order.address}",
        "{orders.1.id} {orders.4.id}",
        "Ben lives at 1 Elm Street.",
        "{refused}",
        "It costs {1.price}.",
        "Your order was delivered.",
        "{proposed.title}",
    ]
)
steps = st.lists(calls | st.lists(calls, min_size=2, max_size=3), max_size=3)
texts = st.one_of(
    st.sampled_from(["hi", "yes", "no", "yes please", "ok", "go ahead", "no thanks", "a person please", "👍", ""]),
    st.builds("cancel order {}".format, numbers),
    st.builds("yes, cancel {}".format, numbers),
)
chats = st.integers(0, 3)


class AnyChat(RuleBasedStateMachine):
    """Two chats of Ada's, one of Ben's and a stranger's."""

    migrated: Path
    planted: str = ""

    @initialize()
    def open(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        shutil.copy(self.migrated, self.folder / "shop.db")
        self.database = Database(f"sqlite:///{self.folder / 'shop.db'}")
        self.house = House(self.database)
        self.chats = [self.house.chat.start(shopper).id for shopper in (ADA, ADA, BEN, None)]
        self.owners: list[str | None] = [ADA, ADA, BEN, None]
        self.seen = dict.fromkeys(self.chats, 0)
        self.shipped: set[str] = {SHIPPED}
        if self.planted:
            plant(self.house, self.planted)

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.database.close()
            shutil.rmtree(self.folder)

    # --- what may happen ---------------------------------------------------------------------------------

    @rule(chat=chats, text=texts, plan=steps, claim=claims, again=claims)
    def the_shopper_writes(self, chat: int, text: str, plan: list[Any], claim: str, again: str) -> None:
        self.house.script.script = []
        self.house.script._next = 0
        self.house.steps(*plan, claim, again)
        self.house.post(self.chats[chat], text)
        self.house.work()

    @rule(chat=chats, plan=steps)
    def the_shopper_writes_twice_in_a_row(self, chat: int, plan: list[Any]) -> None:
        self.house.script.script = []
        self.house.script._next = 0
        self.house.steps(*plan, "Hello.", "Hello.", "Hello.")
        self.house.post(self.chats[chat], "cancel my latest order")
        self.house.post(self.chats[chat], "yes")
        self.house.work()

    @rule(chat=chats, yes=st.booleans(), times=st.integers(1, 2), run=st.booleans())
    def the_shopper_presses(self, chat: int, yes: bool, times: int, run: bool) -> None:
        card = self.newest_card(self.chats[chat])
        if card is not None:
            for _ in range(times):
                self.house.chat.decide(self.chats[chat], card, accept=yes)
            if run:
                self.house.work()

    @rule(chat=chats, move=st.sampled_from(["take_over", "give_back", "close"]), name=st.sampled_from(["Mia", "Tom"]))
    def staff_move(self, chat: int, move: str, name: str) -> None:
        try:
            getattr(self.house.desk, move)(self.chats[chat], name)
        except Conflict:
            return

    @rule(chat=chats)
    def a_person_is_asked_for(self, chat: int) -> None:
        self.house.chat.hand_over(self.chats[chat])

    @rule()
    def cards_run_out(self) -> None:
        with self.database.write() as connection:
            connection.execute(update(proposals).values(expires_at=now() - timedelta(seconds=1)))

    @rule(order=st.sampled_from(list(ORDERS)))
    def the_warehouse_ships(self, order: str) -> None:
        found = self.house.people.order(order, ORDERS[order])
        if found.status is OrderStatus.PENDING:
            with self.database.write() as connection:
                change_order(connection, found, OrderStatus.SHIPPED, OrderChange(now(), OrderStatus.SHIPPED))
            self.shipped.add(order)

    @rule(shopper=st.sampled_from([ADA, BEN]))
    def the_stranger_signs_in(self, shopper: str) -> None:
        try:
            self.house.chat.sign_in(self.chats[3], shopper)
            self.owners[3] = shopper
        except Conflict:
            assert self.owners[3] not in (None, shopper)

    # --- what never happens ------------------------------------------------------------------------------

    @invariant()
    def no_order_is_cancelled_without_a_yes_of_its_owner(self) -> None:
        with self.database.read() as connection:
            done = connection.execute(
                select(proposals.c.subject, conversations.c.shopper_id)
                .join(conversations, conversations.c.id == proposals.c.conversation_id)
                .where(proposals.c.state == ProposalState.DONE.value)
            ).all()
            noted = connection.execute(
                select(audit.c.actor, audit.c.data).where(audit.c.action == "cancel_order")
            ).all()
        accepted = {(row.subject, row.shopper_id) for row in done}
        assert len(accepted) == len(done) == len(noted)
        for order, owner in ORDERS.items():
            cancelled = self.house.people.order(order, owner).status is OrderStatus.CANCELLED
            assert cancelled == ((order, owner) in accepted), f"{order} without a yes"
        assert accepted <= set(ORDERS.items()), "somebody else's order"

    @invariant()
    def every_yes_was_said_after_its_card_was_shown(self) -> None:
        with self.database.read() as connection:
            rows = connection.execute(select(proposals).where(proposals.c.state == ProposalState.DONE.value)).all()
        for row in rows:
            events = self.house.conversations.events(row.conversation_id)
            shown = next(
                e.sequence for e in events if e.type is EventType.PROPOSED and e.data["proposal"]["id"] == row.id
            )
            happened = next(e.sequence for e in events if e.type is EventType.DONE and e.data["proposal"] == row.id)
            between = [
                m for m in self.house.conversations.messages(row.conversation_id) if shown < m.sequence < happened
            ]
            assert any(m.role.value == "shopper" or m.text == "pressed yes" for m in between), "a yes before its card"

    @invariant()
    def the_refund_is_what_was_paid_once_it_has_left_the_outbox(self) -> None:
        with self.database.read() as connection:
            waiting = {data["order"] for _, _, data in waiting_effects(connection)}
        for order, owner in ORDERS.items():
            found = self.house.people.order(order, owner)
            held = sum(p.amount.minor for p in found.payments)
            refunded = found.status is OrderStatus.CANCELLED and order not in waiting
            assert held == (0 if refunded else PAID), f"{order}: {held}"
        gift = self.house.people.shopper(ADA).payment_methods[1].balance
        assert gift is not None
        assert gift.minor == 1_000 + PAID - sum(p.amount.minor for p in self.house.people.order(GIFT, ADA).payments)

    @invariant()
    def what_was_shipped_stays_shipped(self) -> None:
        for order in self.shipped:
            assert self.house.people.order(order, ORDERS[order]).status is OrderStatus.SHIPPED

    @invariant()
    def the_bot_never_speaks_where_people_are(self) -> None:
        for chat in self.chats:
            speaks = True
            for event in self.house.conversations.events(chat):
                if event.type is EventType.HANDED_OVER or (
                    event.type is EventType.SAID and event.data["by"] == "staff"
                ):
                    speaks = False
                elif event.type is EventType.SAID and event.data["by"] == "bot":
                    back = event.data["text"] in self.back_again()
                    assert speaks or back, f"the bot spoke among people: {event.data['text']}"
                    speaks = speaks or back
            status = self.house.conversations.get(chat).status
            assert speaks == (status in (Status.BOT, Status.CLOSED))

    @invariant()
    def nobody_reads_of_another_shoppers_order_or_of_a_deed_that_was_not_done(self) -> None:
        for place, chat in enumerate(self.chats):
            typed = " ".join(m.text for m in self.house.conversations.messages(chat) if m.role.value == "shopper")
            for event in self.house.conversations.events(chat, self.seen[chat]):
                self.seen[chat] = event.sequence
                text = str(event.data)
                for order, owner in ORDERS.items():
                    if owner != self.owners[place] and order not in typed:
                        assert order not in text.replace(str(event.data.get("arguments")), ""), f"{order} in {text}"
                if event.type is EventType.SAID:
                    assert "$500" not in text
                    assert "{" not in event.data["text"]

    @invariant()
    def one_card_at_most_is_on_the_table(self) -> None:
        with self.database.read() as connection:
            rows = (
                connection.execute(select(proposals.c.conversation_id).where(proposals.c.state == "pending"))
                .scalars()
                .all()
            )
        assert len(rows) == len(set(rows))

    @invariant()
    def numbers_have_no_gap(self) -> None:
        for chat in self.chats:
            found = [m.sequence for m in self.house.conversations.messages(chat)]
            found += [e.sequence for e in self.house.conversations.events(chat)]
            assert sorted(found) == list(range(1, len(found) + 1))

    def back_again(self) -> set[str]:
        return {self.house.wording.line("handover.returned"), self.house.wording.line("handover.closed")}

    def newest_card(self, chat: str) -> str | None:
        cards = [
            e.data["proposal"]["id"] for e in self.house.conversations.events(chat) if e.type is EventType.PROPOSED
        ]
        return cards[-1] if cards else None


def plant(house: House, fault: str) -> None:
    """Take one safeguard out of a house."""
    if fault == "bot speaks":
        append = house.conversations.append
        vars(house.conversations)["append"] = lambda chat, *, version=None, turn_id=None: append(chat, turn_id=turn_id)
        get = house.conversations.get
        vars(house.conversations)["get"] = lambda chat: replace(get(chat), status=Status.BOT)
    if fault == "no card":
        propose = house.decisions.propose

        def at_once(turn: Any, who: Any, call: Any, draft: Any, ms: float) -> Any:
            proposal = propose(turn, who, call, draft, ms)
            house.decisions.decide(turn, house.conversations.get(who.id), proposal.id, accept=True)
            return proposal

        vars(house.decisions)["propose"] = at_once


def test_in_any_chat_these_things_never_happen(migrated: Path) -> None:
    machine = type("InThisShop", (AnyChat,), {"migrated": migrated})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=20,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )


@pytest.mark.parametrize("fault", ["", "no card", "bot speaks"])
def test_with_a_safeguard_taken_out_the_rules_above_notice(migrated: Path, fault: str) -> None:
    machine = type("Planted", (AnyChat,), {"migrated": migrated, "planted": fault})()
    machine.open()
    call = ("cancel_order", {"order": PENDING})
    try:
        machine.the_shopper_writes(0, f"cancel order {PENDING}", [call], "Hello.", "Hello.")
        machine.staff_move(0, "take_over", "Mia")
        machine.the_shopper_writes(0, "hello?", [], "Hello.", "Hello.")
        broken = [rule for rule in INVARIANTS if not holds(machine, rule)]
    finally:
        machine.teardown()
    expected = {
        "": [],
        "no card": ["every_yes_was_said_after_its_card_was_shown"],
        "bot speaks": ["the_bot_never_speaks_where_people_are"],
    }
    assert broken == expected[fault]


INVARIANTS = [name for name, value in vars(AnyChat).items() if hasattr(value, "hypothesis_stateful_invariant")]


def holds(machine: AnyChat, name: str) -> bool:
    try:
        getattr(machine, name)()
    except AssertionError:
        return False
    return True
