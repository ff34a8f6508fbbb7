"""The threads that answer: several chats at once, one chat in order, and they outlive whatever goes wrong."""

from __future__ import annotations

import gc
import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from agent.messages import Status
from agent.store.database import Database
from agent.store.rows import now
from agent.store.tables import turns as rows
from agent.store.turns import TurnStore
from agent.workers import Workers
from tests.postgres import Postgres
from tests.turn.house import House, said


def wait(until: Any, seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def answered(house: House, chat: str) -> bool:
    return not house.turns.unfinished(chat)


def test_messages_are_answered_as_they_come(house: House) -> None:
    house.steps(*["Hello."] * 6)
    house.workers.start(house.runner)
    try:
        chats = [house.chat.start().id for _ in range(3)]
        for _ in range(2):
            for chat in chats:
                house.post(chat, "hi")
        wait(lambda: all(answered(house, chat) for chat in chats))
    finally:
        house.workers.stop()
    assert [said(house.conversations.events(chat)) for chat in chats] == [["Hello.", "Hello."]] * 3


def test_one_slow_chat_does_not_hold_up_another(house: House) -> None:
    go_on = threading.Event()

    def think(messages: Any) -> str:
        if messages[-1].text == "slow":
            assert go_on.wait(20)
        return "Hello."

    house.steps(*[think] * 2)
    slow, quick = house.chat.start().id, house.chat.start().id
    house.workers.start(house.runner)
    try:
        house.post(slow, "slow")
        house.post(quick, "quick")
        wait(lambda: answered(house, quick))
        assert not answered(house, slow)
        go_on.set()
        wait(lambda: answered(house, slow))
    finally:
        go_on.set()
        house.workers.stop()


def test_what_an_earlier_process_left_behind_is_taken_up(house: House) -> None:
    chat = house.chat.start().id
    house.steps("Hello.")
    house.post(chat, "hi")
    assert house.turns.claim("a process that is gone") is not None
    house.turns.release()  # as at the start of the only process
    house.workers.start(house.runner)
    try:
        wait(lambda: answered(house, chat))
    finally:
        house.workers.stop()
    assert said(house.conversations.events(chat)) == ["Hello."]


def test_a_stopped_shop_has_no_threads_left(house: House) -> None:
    house.workers.start(house.runner)
    house.workers.stop()
    assert not [t for t in threading.enumerate() if t.name.startswith("worker-")]


class Breaking:
    """A runner that fails a few times."""

    def __init__(self, runner: Any, times: int) -> None:
        self.runner, self.left = runner, times

    def run(self, turn: Any) -> None:
        if self.left:
            self.left -= 1
            raise RuntimeError("the ceiling came down")
        self.runner.run(turn)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_error_in_a_turn_ends_neither_the_thread_nor_the_turn(house: House) -> None:
    chat = house.chat.start().id
    house.steps("Hello.")
    workers = Workers(house.turns, 1)
    workers.start(Breaking(house.runner, 2))
    try:
        house.post(chat, "hi")
        wait(lambda: answered(house, chat))
    finally:
        workers.stop()
    assert said(house.conversations.events(chat)) == ["Hello."]


def test_a_turn_that_never_succeeds_ends_with_a_person(house: House) -> None:
    """A decision too: one that fails for ever must not hold its chat up for ever."""
    from tests.turn.house import ADA

    chat = house.chat.start(ADA).id
    proposal = house.propose(chat)
    house.chat.decide(chat, proposal, accept=True)
    vars(house.decisions)["decide"] = lambda *_, **__: 1 / 0
    workers = Workers(house.turns, 1)
    workers._runner = house.runner
    for number in range(5):
        workers._run_one(f"w{number}")
    assert answered(house, chat)
    assert house.conversations.get(chat).status is Status.WAITING


def test_a_worker_slower_than_its_lease_says_nothing_beside_the_one_that_took_over(house: House) -> None:
    chat = house.chat.start().id
    thinking, go_on = threading.Event(), threading.Event()

    def think_long(_: Any) -> str:
        thinking.set()
        assert go_on.wait(20)
        return "From the slow one."

    house.steps(think_long, "From the quick one.")
    house.post(chat, "hi")
    slow = threading.Thread(target=house.work, args=("slow",))
    slow.start()
    assert thinking.wait(20)
    with house.database.write() as connection:
        connection.execute(update(rows).values(lease_until=now() - timedelta(seconds=1)))
    assert house.work("quick") == 1
    go_on.set()
    slow.join(20)
    assert said(house.conversations.events(chat)) == ["From the quick one."]


def test_a_lease_outlasts_the_slowest_step_of_a_model() -> None:
    from agent.settings import Settings
    from agent.store.turns import LEASE

    assert LEASE.total_seconds() > Settings().model_timeout


def test_two_processes_on_one_postgresql_answer_each_message_once(postgres: Postgres) -> None:
    url = postgres.new_database()
    first, second = Database(url), Database(url)
    one, two = House(first), House(second, fill=False)
    for house in (one, two):
        house.steps(*["Hello."] * 20)
        house.workers.start(house.runner)
    try:
        chats = [one.chat.start().id for _ in range(4)]
        for n in range(3):
            for chat in chats:
                (one, two)[n % 2].chat.post(chat, f"m{n}", "hi")
        wait(lambda: all(answered(one, chat) for chat in chats))
    finally:
        for house in (one, two):
            house.workers.stop()
    for chat in chats:
        assert said(one.conversations.events(chat)) == ["Hello."] * 3
    assert one.script._next + two.script._next == 12
    first.close()
    second.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # psycopg's, of the lost connections
def test_the_threads_live_through_an_absence_of_the_database(tmp_path: Any) -> None:
    """PostgreSQL goes away and comes back: the bot answers again, without a restart."""
    from tests.postgres import private_postgres

    with private_postgres() as server:
        if server is None:
            pytest.fail("PostgreSQL is not installed; install it as .ci/run does")
        database = Database(server.new_database())
        house = House(database)
        house.steps("Hello.", "Hello again.")
        house.workers.start(house.runner)
        try:
            chat = house.chat.start().id
            house.post(chat, "hi")
            wait(lambda: answered(house, chat))
            server.stop()
            house.workers.wake()
            time.sleep(1.5)
            server.start()
            house.post(chat, "still there?")
            wait(lambda: answered(house, chat))
            events = house.conversations.events(chat)
        finally:
            house.workers.stop()
            database.close()
        gc.collect()
    assert len(said(events)) == 2


def test_claiming_from_an_empty_queue_is_nothing(sqlite: Database) -> None:
    assert TurnStore(sqlite).claim("w") is None
