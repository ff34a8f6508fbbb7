"""`python -m agent chat`: a chat in the terminal."""

from __future__ import annotations

import json
import secrets
import sys
from typing import Any

from agent.cli.playing import play
from agent.cli.progress import Progress
from agent.messages import Event, EventType
from agent.services import open_shop
from agent.settings import load_settings


def run_chat(shopper: str | None, *, steps: bool) -> int:
    """Chat until the input ends; the exit status."""
    progress = Progress()
    services = open_shop(load_settings(), tell=progress)
    services.warm()
    progress.close()
    services.start()
    try:
        started = services.chat.start(shopper)
        _print(f"bot> {started.greeting}")
        while (text := _read()) is not None:
            for event in play(services, started.id, secrets.token_hex(8), text):
                _show(event, steps=steps)
    finally:
        services.close()
    return 0


def _read() -> str | None:
    try:
        return input("you> ")
    except EOFError:
        return None


def _show(event: Event, *, steps: bool) -> None:
    data = event.data
    if event.type is EventType.SAID:
        who = data.get("author") or data["by"]
        _print(f"{who}> {data['text']}")
    elif event.type is EventType.SHOWED:
        _cards(dict(data))
    elif event.type is EventType.PROPOSED:
        card = data["proposal"]
        _print(f"  ┌ {card['title']}")
        for change in card["changes"]:
            _print(f"  │ {change['what']}: {change['before']} → {change['after']}")
        if card["money_text"]:
            _print(f"  │ {card['money_text']} ({card['method']})")
        for warning in card["warnings"]:
            _print(f"  │ {warning}")
        _print("  └ yes or no?")
    elif steps and event.type in (EventType.CALLED, EventType.REFUSED):
        _print(f"  · {event.type}: {json.dumps(dict(data), ensure_ascii=False)[:400]}")


def _cards(shown: dict[str, Any]) -> None:
    for number, product in enumerate(shown.get("products", []), start=1):
        _print(f"  {number}. {product['title']} – {product['price_text']}, {product['stock_text']}")
        for reason in product.get("reasons", []):
            _print(f"     ({reason})")
    for row in shown.get("comparison", {}).get("rows", []):
        _print(f"  {row['name']}: " + " | ".join(row["values"]))
    for order in [*shown.get("orders", []), *([shown["order"]] if "order" in shown else [])]:
        lines = "; ".join(f"{line['quantity']} × {line['title']}" for line in order["lines"])
        _print(f"  {order['id']} {order['status']}, {order['placed']}: {lines} – {order['total_text']}")


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
