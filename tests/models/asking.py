"""Asking a shop one thing, and looking at what came of it."""

from __future__ import annotations

from typing import Any

from agent.messages import Event, EventType
from agent.services import Services
from tests.small_shop import ADA, answer_to


def the_said(events: list[Event]) -> Event:
    """The one thing that was said, with its data."""
    spoken = [e for e in events if e.type is EventType.SAID]
    assert len(spoken) == 1, events
    assert str(spoken[0].data["text"]).strip()
    return spoken[0]


def results(events: list[Event]) -> list[Any]:
    return [e.data["result"] for e in events if e.type is EventType.CALLED]


def ask(shop: Services, text: str = "a desk lamp please", shopper: str | None = ADA) -> list[Event]:
    """One message in a new chat."""
    return answer_to(shop, shop.chat.start(shopper).id, text)
