"""Shoppers and orders: what was put in comes out, an order changes from its newest version only, money moves once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from agent.errors import Conflict, NotFound
from agent.shop import Address, Money, Order, OrderChange, OrderStatus, Payment, PaymentKind, PaymentMethod, Shopper
from agent.store.database import Database
from agent.store.people import PeopleStore, add_payment, change_order, read_order
from tests.store.racing import race
from tests.store.values import orders, shoppers

HOME = Address("Ada", "1 Elm Street", "", "Springfield", "IL", "62701", "United States")
CARD = PaymentMethod("card", PaymentKind.CARD, "Visa ending 1111")
GIFT = PaymentMethod("gift", PaymentKind.GIFT_CARD, "Gift card", Money(5_000))
ADA = Shopper("ada", "Ada Moreau", "ada@example.com", HOME, (CARD, GIFT), simulated=True)
BEN = Shopper("ben", "Ben Okafor", "ben@example.com", HOME, (replace(GIFT, balance=Money(700)),))
DAY = datetime(2026, 3, 3, 12, tzinfo=UTC)
ORDER = Order(
    "JF-1",
    "ada",
    OrderStatus.PENDING,
    DAY,
    (),
    Money(1_000),
    HOME,
    "gift",
    history=(OrderChange(DAY, OrderStatus.PENDING),),
)
CANCELLED = OrderChange(DAY, OrderStatus.CANCELLED, "no longer needed")
_numbers = count()


@pytest.fixture
def people(database: Database) -> PeopleStore:
    store = PeopleStore(database)
    store.add([ADA, BEN], [ORDER])
    return store


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_everybody_and_everything_comes_back_as_it_was_put_in(database: Database, data: st.DataObject) -> None:
    store, number = PeopleStore(database), next(_numbers)
    somebody = data.draw(shoppers(f"s{number}"))
    theirs = [data.draw(orders(f"o{number}-{n}", somebody.id)) for n in range(data.draw(st.integers(0, 3)))]
    store.add([somebody], theirs)
    assert store.shopper(somebody.id) == somebody
    assert [store.order(o.id, somebody.id) for o in theirs] == theirs
    assert store.orders_of(somebody.id) == sorted(theirs, key=lambda o: (o.placed_at, o.id), reverse=True)


def test_people_come_in_all_or_none(people: PeopleStore) -> None:
    cleo = replace(ADA, id="cleo")
    with pytest.raises(IntegrityError):
        people.add([cleo], [replace(ORDER, shopper_id="cleo")])  # the order's number is taken
    assert people.count() == 2
    with pytest.raises(NotFound):
        people.shopper("cleo")


def test_only_the_people_of_the_demo_may_be_impersonated(people: PeopleStore) -> None:
    assert people.simulated() == [ADA]


def test_another_shoppers_order_looks_like_one_that_does_not_exist(people: PeopleStore) -> None:
    with pytest.raises(NotFound) as strangers:
        people.order("JF-1", "ben")
    with pytest.raises(NotFound) as nobodys:
        people.order("JF-2", "ben")
    assert str(strangers.value).replace("JF-1", "#") == str(nobodys.value).replace("JF-2", "#")
    assert people.find_order("JF-1", "ben") is people.find_order("JF-2", "ben") is None


def test_the_newest_orders_come_first_and_no_more_than_asked_for(people: PeopleStore) -> None:
    people.add([], [replace(ORDER, id=f"JF-{n}", placed_at=DAY + timedelta(days=n)) for n in range(2, 9)])
    assert [o.id for o in people.orders_of("ada", 3)] == ["JF-8", "JF-7", "JF-6"]


def test_a_change_moves_the_state_writes_the_history_and_the_version(people: PeopleStore, database: Database) -> None:
    with database.write() as connection:
        change_order(connection, ORDER, OrderStatus.CANCELLED, CANCELLED)
    after = people.order("JF-1", "ada")
    assert (after.status, after.version) == (OrderStatus.CANCELLED, 1)
    assert after.history == (*ORDER.history, CANCELLED)


def test_a_change_from_an_old_reading_is_refused_and_leaves_nothing(people: PeopleStore, database: Database) -> None:
    with database.write() as connection:
        change_order(connection, ORDER, OrderStatus.PROCESSING, OrderChange(DAY, OrderStatus.PROCESSING))
    before = people.order("JF-1", "ada")
    with pytest.raises(Conflict), database.write() as connection:
        change_order(connection, ORDER, OrderStatus.CANCELLED, CANCELLED)
    assert people.order("JF-1", "ada") == before


def test_of_several_changes_at_once_exactly_one_is_made(people: PeopleStore, database: Database) -> None:
    def change(_: int) -> str:
        with database.write() as connection:
            order = read_order(connection, "JF-1", "ada") or ORDER
            change_order(connection, replace(order, version=0), OrderStatus.CANCELLED, CANCELLED)
        return "changed"

    results = race(6, change)
    assert results.count("changed") == 1
    assert all(isinstance(r, Conflict) for r in results if r != "changed")
    assert people.order("JF-1", "ada").version == 1


def test_a_refund_goes_back_onto_the_gift_card_of_its_owner_only(people: PeopleStore, database: Database) -> None:
    with database.write() as connection:
        add_payment(connection, "JF-1", Payment(DAY, Money(-1_250), "gift", "refund:1"))
    assert people.shopper("ada").payment_methods == (CARD, replace(GIFT, balance=Money(6_250)))
    assert people.shopper("ben") == BEN
    assert people.order("JF-1", "ada").payments == (Payment(DAY, Money(-1_250), "gift", "refund:1"),)


def test_a_refund_to_a_card_moves_no_balance(people: PeopleStore, database: Database) -> None:
    with database.write() as connection:
        add_payment(connection, "JF-1", Payment(DAY, Money(-1_250), "card", "refund:1"))
    assert people.shopper("ada") == ADA


def test_money_moves_once_under_one_key_however_often_it_is_tried(people: PeopleStore, database: Database) -> None:
    def pay(_: int) -> None:
        with database.write() as connection:
            add_payment(connection, "JF-1", Payment(DAY, Money(-1_000), "gift", "refund:1"))

    results = race(6, pay)
    assert results.count(None) == 1
    assert all(isinstance(r, IntegrityError) for r in results if r is not None)
    assert people.shopper("ada").payment_methods[1].balance == Money(6_000)
    assert len(people.order("JF-1", "ada").payments) == 1


def test_without_one_key_it_would_move_more_than_once(people: PeopleStore, database: Database) -> None:
    """The twin of the test above, with the fault planted: each try has a key of its own."""

    def pay(number: int) -> None:
        with database.write() as connection:
            add_payment(connection, "JF-1", Payment(DAY, Money(-1_000), "gift", f"refund:{number}"))

    race(6, pay)
    assert people.shopper("ada").payment_methods[1].balance == Money(11_000)


def test_payments_of_one_moment_come_in_the_same_order_each_time(people: PeopleStore) -> None:
    paid = tuple(Payment(DAY, Money(n), "card", f"key-{n}") for n in range(5))
    people.add([], [replace(ORDER, id="JF-9", payments=paid[::-1])])
    assert people.order("JF-9", "ada").payments == paid
