"""Killed at any commit of a turn, the shop goes on at its next start: nothing is lost, no finished tool runs
again, and money moves exactly once."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agent.messages import EventType, ProposalState, Role, Status
from agent.shop import OrderStatus
from agent.store.database import Database
from agent.store.proposals import get_proposal, waiting_effects
from tests.turn.house import ADA, PENDING, House, kinds, said

_ROOT = Path(__file__).parents[2]


@dataclass
class Shopkeeper:
    """The process that dies."""

    process: subprocess.Popen[str]

    def run(self, home: Path, at: int = 0, when: str = "after", fault: str = "") -> bool:
        """Start the shop, which dies at this commit (0: never). True where it died."""
        request = {"url": url(home), "runs": str(home / "runs"), "at": at, "when": when, "fault": fault}
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        assert not answer["failed"]
        return bool(answer["killed"])


@pytest.fixture(scope="module")
def shopkeeper() -> Iterator[Shopkeeper]:
    command = [sys.executable, "-m", "tests.turn.crashing"]
    with subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Shopkeeper(process)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(10) == 0


def url(home: Path) -> str:
    return f"sqlite:///{home / 'shop.db'}"


class Scene:
    """A shop in a folder of its own, in which something waits to be done."""

    def __init__(self, home: Path, migrated: Path, waits: str) -> None:
        home.mkdir()
        shutil.copy(migrated, home / "shop.db")
        self.home = home
        with Opened(home, fill=True) as house:
            self.chat = house.chat.start(ADA).id
            self.proposal = house.propose(self.chat) if waits.startswith("yes") else ""
            if waits == "yes, pressed":
                house.chat.decide(self.chat, self.proposal, accept=True)
            else:
                text = {"question": "a lamp, and how is JF-1001?", "yes, typed": "yes", "write": f"cancel {PENDING}"}[
                    waits
                ]
                house.post(self.chat, text)
            self.last = house.last(self.chat)

    def copy(self, number: int) -> Scene:
        again = object.__new__(Scene)
        again.__dict__.update(self.__dict__)
        again.home = self.home.with_name(f"{self.home.name}-{number}")
        shutil.copytree(self.home, again.home)
        return again

    def outcome(self) -> dict[str, Any]:
        """What the shop looks like now, in a few figures."""
        with Opened(self.home) as house:
            events = house.conversations.events(self.chat, self.last)
            messages = house.conversations.messages(self.chat)
            with house.database.read() as connection:
                proposal = get_proposal(connection, self.chat, self.proposal)
                waiting = waiting_effects(connection)
            results = Counter(m.result.call_id for m in messages if m.result is not None and m.role is Role.TOOL)
            return {
                "unfinished": house.turns.unfinished(self.chat),
                "said": said(events),
                "kinds": Counter(kinds(events)),
                "twice answered": [call for call, times in results.items() if times > 1],
                "unanswered": [c.id for m in messages for c in m.calls if c.id not in results],
                "runs": Counter((self.home / "runs").read_text().split())
                if (self.home / "runs").exists()
                else Counter(),
                "order": house.order().status,
                "held": house.balance(),
                "payments": len(house.order().payments),
                "proposal": None if proposal is None else proposal.state,
                "waiting": waiting,
                "pending": house.conversations.get(self.chat).pending,
                "status": house.conversations.get(self.chat).status,
            }


class Opened:
    def __init__(self, home: Path, *, fill: bool = False) -> None:
        self.database = Database(url(home))
        self.fill = fill

    def __enter__(self) -> House:
        return House(self.database, fill=self.fill)

    def __exit__(self, *_: object) -> None:
        self.database.close()


def every_death(shopkeeper: Shopkeeper, scene: Scene, when: str, fault: str = "") -> Iterator[dict[str, Any]]:
    """What came of it, for a death at each commit there is, followed by a start without one."""
    for at in range(1, 100):
        copy = scene.copy(at)
        died = shopkeeper.run(copy.home, at, when, fault)
        if not died:
            assert at > 3, "it never came to a commit"
            return
        assert not shopkeeper.run(copy.home, fault=fault)
        yield copy.outcome()


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_question_is_answered_whatever_moment_the_shop_dies_at(
    shopkeeper: Shopkeeper, tmp_path: Path, migrated: Path, when: str
) -> None:
    scene, deaths = Scene(tmp_path / "shop", migrated, "question"), 0
    for outcome in every_death(shopkeeper, scene, when):
        deaths += 1
        assert not outcome["unfinished"]
        assert outcome["said"] == ["Nordlys lamp costs $39.99; the order is pending."]
        assert outcome["kinds"] == {"called": 3, "said": 1, "showed": 1}
        assert outcome["twice answered"] == outcome["unanswered"] == []
        if when == "after":  # what was finished was committed, and does not run again
            assert outcome["runs"] == {"lamp": 1, "mug": 1}
        else:  # what had run but was not noted yet may run again: it only reads
            assert sum(outcome["runs"].values()) <= 3
    assert deaths >= 8


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_card_is_put_on_the_table_once(shopkeeper: Shopkeeper, tmp_path: Path, migrated: Path, when: str) -> None:
    for outcome in every_death(shopkeeper, Scene(tmp_path / "shop", migrated, "write"), when):
        assert outcome["kinds"] == {"called": 1, "said": 1, "proposed": 1}
        assert outcome["pending"] is not None
        assert (outcome["order"], outcome["held"]) == (OrderStatus.PENDING, 4_494)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("waits", ["yes, typed", "yes, pressed"])
def test_a_yes_cancels_and_refunds_exactly_once(
    shopkeeper: Shopkeeper, tmp_path: Path, migrated: Path, waits: str, when: str
) -> None:
    deaths = 0
    for outcome in every_death(shopkeeper, Scene(tmp_path / "shop", migrated, waits), when):
        deaths += 1
        assert not outcome["unfinished"]
        assert (outcome["order"], outcome["held"], outcome["payments"]) == (OrderStatus.CANCELLED, 0, 2)
        assert outcome["proposal"] is ProposalState.DONE
        assert outcome["kinds"] == {"done": 1, "said": 1}
        assert outcome["waiting"] == []
    assert deaths >= 4


def test_a_turn_that_dies_again_and_again_ends_with_a_person(
    shopkeeper: Shopkeeper, tmp_path: Path, migrated: Path
) -> None:
    scene = Scene(tmp_path / "shop", migrated, "question")
    deaths = 0
    while (
        shopkeeper.run(scene.home, 3, "after") and deaths < 20
    ):  # it frees the turn, takes it up, and dies at the next step
        deaths += 1
    outcome = scene.outcome()
    assert 3 <= deaths < 20
    assert not outcome["unfinished"]
    assert outcome["status"] in (Status.WAITING, Status.BOT)
    assert outcome["kinds"][EventType.SAID.value] == 1


def test_the_harness_sees_money_that_moves_twice(shopkeeper: Shopkeeper, tmp_path: Path, migrated: Path) -> None:
    """The fault planted: an outbox that ticks nothing off, and payments without one key."""
    outcomes = every_death(shopkeeper, Scene(tmp_path / "shop", migrated, "yes, pressed"), "after", "outbox")
    assert any(outcome["held"] < 0 for outcome in outcomes)


def test_the_harness_sees_a_finished_tool_that_runs_again(
    shopkeeper: Shopkeeper, tmp_path: Path, migrated: Path
) -> None:
    """The fault planted: a turn that does not look at what its log says is done."""
    outcomes = every_death(shopkeeper, Scene(tmp_path / "shop", migrated, "question"), "after", "log")
    assert any(max(outcome["runs"].values()) > 1 for outcome in outcomes)
