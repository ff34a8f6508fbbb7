"""Behaviour, stated preferences, and who may work at the desk."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from agent.behaviour import BehaviourEvent, BehaviourKind
from agent.store.database import Database
from agent.store.staff import StaffStore
from agent.store.tables import staff
from agent.store.tastes import StatedPreference, TasteStore

DAY = datetime(2026, 3, 3, tzinfo=UTC)


def views(shopper: str, count: int) -> list[BehaviourEvent]:
    return [
        BehaviourEvent(shopper, f"p{n}", BehaviourKind.VIEW, DAY + timedelta(hours=n), "visit") for n in range(count)
    ]


def test_behaviour_comes_back_the_oldest_first(database: Database) -> None:
    store = TasteStore(database)
    store.add([])
    store.add([*views("ada", 5)[::-1], *views("ben", 2)])
    assert store.recent("ada") == views("ada", 5)
    assert store.recent("ada", 2) == views("ada", 5)[-2:]
    assert store.recent("nobody") == []
    assert store.count() == len(store.all()) == 7
    assert [e.at for e in store.all()] == sorted(e.at for e in store.all())


def test_more_behaviour_than_one_statement_holds(database: Database) -> None:
    store = TasteStore(database)
    store.add(views("ada", 5_001))
    assert store.count() == 5_001


def test_a_later_word_on_the_same_value_replaces_the_earlier(database: Database) -> None:
    store = TasteStore(database)
    for word in (("material", "leather", True), ("color", "blue", True), ("material", "leather", False)):
        store.state("ada", StatedPreference(*word))
    store.state("ben", StatedPreference("material", "leather", True))
    assert store.stated("ada") == [
        StatedPreference("color", "blue", True),
        StatedPreference("material", "leather", False),
    ]
    assert store.stated("ben") == [StatedPreference("material", "leather", True)]


def test_a_preference_is_forgotten_by_value_or_by_facet(database: Database) -> None:
    store = TasteStore(database)
    for value in ("blue", "green", "red"):
        store.state("ada", StatedPreference("color", value, True))
    store.state("ben", StatedPreference("color", "blue", True))
    assert store.forget("ada", "color", "blue") == 1
    assert store.forget("ada", "color") == 2
    assert store.forget("ada", "color") == 0
    assert store.stated("ada") == []
    assert len(store.stated("ben")) == 1


def test_a_password_opens_the_desk_for_its_owner_only(database: Database) -> None:
    store = StaffStore(database)
    store.set("mia", "correct horse")
    store.set("tom", "battery staple")
    assert store.names() == ["mia", "tom"]
    assert store.check("mia", "correct horse")
    assert not store.check("mia", "battery staple")
    assert not store.check("mia", "")
    assert not store.check("nobody", "nobody")
    store.set("mia", "a new one")
    assert not store.check("mia", "correct horse")
    assert store.check("mia", "a new one")
    assert store.names() == ["mia", "tom"]


def test_a_password_is_kept_as_argon2id_only(database: Database) -> None:
    store = StaffStore(database)
    store.set("mia", "correct horse")
    with database.read() as connection:
        kept = connection.execute(select(staff.c.password_hash)).scalar_one()
    assert kept.startswith("$argon2id$")
    assert "correct horse" not in kept


def test_an_unknown_name_costs_as_much_time_as_a_wrong_password(sqlite: Database) -> None:
    store = StaffStore(sqlite)
    store.set("mia", "correct horse")

    def quickest(name: str) -> float:
        spans = []
        for _ in range(7):
            started = time.perf_counter()
            assert not store.check(name, "wrong")
            spans.append(time.perf_counter() - started)
        return min(spans)

    assert 0.6 < quickest("nobody") / quickest("mia") < 1.6
