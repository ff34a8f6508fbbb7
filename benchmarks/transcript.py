"""A chat from a file of messages, written down for reading.

    python -m benchmarks.transcript --messages FILE.txt --out FILE.md [--shopper ID]

Plays the messages (one a line; `/yes` and `/no` press the card's button, `/sign-in ID` signs in) with the shop of
SHOPKEEPER_HOME and writes what the shopper saw, with the calls that the bot made.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agent.cli.playing import play, until_done
from agent.cli.progress import Progress
from agent.messages import Event, EventType
from agent.services import Services, open_shop
from agent.settings import load_settings


def step(services: Services, chat: str, line: str, number: int) -> Iterator[Event]:
    """What follows one line of the file."""
    if line.startswith("/sign-in "):
        services.chat.sign_in(chat, line.split()[1])
        return
    if line in ("/yes", "/no"):
        pending = services.conversations.get(chat).pending
        if pending is not None:
            seen = max(e.sequence for e in services.chat.events(chat))
            services.chat.decide(chat, pending.id, accept=line == "/yes")
            yield from until_done(services, chat, seen)
        return
    yield from play(services, chat, f"line-{number}", line)


def lines_of(event: Event) -> Iterator[str]:
    """An event in Markdown; nothing for one that shoppers do not see."""
    data: dict[str, Any] = dict(event.data)
    if event.type is EventType.CALLED:
        yield f"<sub>{data['name']} {json.dumps(data['arguments'], ensure_ascii=False)} · {data['ms']:.0f} ms</sub>  "
    elif event.type is EventType.SAID:
        yield f"**bot:** {data['text']}  "
    elif event.type is EventType.SHOWED:
        for number, card in enumerate(data.get("products", []), start=1):
            reasons = f" — {'; '.join(card['reasons'])}" if card.get("reasons") else ""
            yield f"{number}. {card['title']} · {card['price_text']} · {card['stock_text']}{reasons}"
        for row in data.get("comparison", {}).get("rows", [])[:8]:
            yield f"- {row['name']}: {' / '.join(row['values'])}"
        for order in [*data.get("orders", []), *([data["order"]] if "order" in data else [])]:
            goods = ", ".join(f"{line['quantity']} × {line['title']}" for line in order["lines"])
            yield f"- {order['id']} · {order['status']} · {order['total_text']} · {goods}"
    elif event.type is EventType.PROPOSED:
        card = data["proposal"]
        changes = "; ".join(f"{c['what']}: {c['before']} → {c['after']}" for c in card["changes"])
        money = f"{card['money_text']} to {card['method']}"
        yield f"> **{card['title']}** — {changes}; {money}. {' '.join(card['warnings'])}"
    elif event.type is EventType.HANDED_OVER:
        yield f"_(handed over: {data['reason']})_"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.transcript", description=__doc__)
    parser.add_argument("--messages", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--shopper")
    args = parser.parse_args()
    progress = Progress()
    services = open_shop(load_settings(), tell=progress)
    services.warm()
    progress.close()
    services.start()
    started = services.chat.start(args.shopper)
    written = [f"# {args.messages.stem}", "", f"**bot:** {started.greeting}", ""]
    for number, line in enumerate(args.messages.read_text(encoding="utf-8").splitlines()):
        if line.strip():
            written += [f"**shopper:** {line}", ""]
            written += [text for event in step(services, started.id, line.strip(), number) for text in lines_of(event)]
            written.append("")
    services.close()
    args.out.write_text("\n".join(written) + "\n", encoding="utf-8")
    print(json.dumps({"turns": sum(line.startswith("**shopper:**") for line in written), "out": str(args.out)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
