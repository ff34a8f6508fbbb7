"""A process that runs the turns of a shop and dies by SIGKILL at a commit of one's choice; run as a program.

It reads one JSON object a line, {"url", "runs", "at", "when", "fault"}, does each in a fork of its own, and
answers with {"killed": true | false}. The forks share what was imported, so that a death costs little.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage, ToolMessage
from sqlalchemy import Connection

import agent.effects
import agent.turn
from agent.effects import send_refunds
from agent.shop import Payment
from agent.store.database import Database
from agent.store.people import add_payment
from agent.tools import Answer, reads
from tests.turn.house import PENDING, House, Shelf, articles


class DyingDatabase(Database):
    """Dies at the n-th commit from its opening on: just ``before`` it, or right ``after``."""

    def __init__(self, url: str, at: int, when: str) -> None:
        super().__init__(url)
        self._left, self._when = at, when

    @contextmanager
    def write(self) -> Iterator[Connection]:
        with super().write() as connection:
            yield connection
            self._left -= 1
            if self._left == 0 and self._when == "before":
                os.kill(os.getpid(), signal.SIGKILL)
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


class CountedShelf(Shelf):
    """Notes each time that it is really searched, in a file that outlives the process."""

    def __init__(self, runs: Path) -> None:
        super().__init__()
        self._runs = runs

    @reads
    def search_products(self, query: str, price_max: float | None = None) -> Answer:
        """Find products."""
        with self._runs.open("a") as file:
            file.write(query + "\n")
        return super().search_products(query, price_max)


def think(messages: list[BaseMessage]) -> Any:
    """A model without a memory, as after a restart: what it does next depends on the chat alone."""
    asked = max(n for n, m in enumerate(messages) if isinstance(m, HumanMessage))
    done = sum(isinstance(m, ToolMessage) for m in messages[asked:])
    if "cancel" in messages[asked].text:
        return ("cancel_order", {"order": PENDING})
    if done == 0:
        return [("search_products", {"query": "lamp"}), ("get_order", {"order": PENDING})]
    return (
        ("search_products", {"query": "mug"})
        if done == 2
        else "{1.title} costs {1.price}; the order is {order.status}."
    )


def run(request: dict[str, Any]) -> None:
    """What a shop does at its start, and then the turns that wait."""
    database = DyingDatabase(request["url"], request["at"], request["when"])
    plant(request["fault"])
    house = House(database, fill=False)
    house.shelf = CountedShelf(Path(request["runs"]))
    house.steps(*[think] * 50)
    house.turns.release()
    send_refunds(database)
    house.work()
    database.close()


def plant(fault: str) -> None:
    """Take one of the safeguards out."""
    if fault == "outbox":  # nothing is ticked off, and no two payments have the same key
        numbers = count()

        def pay(connection: Connection, order_id: str, payment: Payment) -> None:
            add_payment(connection, order_id, replace(payment, key=f"{os.getpid()}-{next(numbers)}"))

        vars(agent.effects).update(mark_sent=lambda *_: True, add_payment=pay)
    if fault == "log":  # what is in the log already does not count as done
        vars(agent.turn).update(
            _unanswered=lambda messages, turn: [c for m in messages if m.turn_id == turn for c in m.calls]
        )


def main() -> None:
    articles()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                run(json.loads(line))
            except BaseException:
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        outcome = {"killed": os.WIFSIGNALED(status), "failed": os.WIFEXITED(status) and os.WEXITSTATUS(status) != 0}
        print(json.dumps(outcome), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
