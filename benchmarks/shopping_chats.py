"""Scripted shopping chats, played through the whole bot and checked turn by turn.

    python -m benchmarks.shopping_chats --chats CHATS.json --catalogue electronics=FILE.jsonl.gz --out DIR

A chat is ``{id, catalogue, skill, turns: [{say, expect}]}``. `expect` names the kind of turn (show, compare, detail,
nearest, talk, clarify_or_show), the hard constraints that every product shown must keep (price_max, price_min, brand,
must_not_match), `match`, which at least half of them must match, and for superlatives the price of the first one. A
catalogue is imported once into DIR. A transcript of each chat is written there.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import secrets
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.cli.playing import play
from agent.feeds import read_feed
from agent.importer import install
from agent.messages import EventType
from agent.services import Services, open_shop
from agent.settings import Settings
from agent.shop import Product
from agent.store.catalogue import CatalogueStore
from agent.store.database import Database
from retrieval.encoder import MiniLM

SHOWING = ("show", "clarify_or_show")


@dataclass
class Played:
    """One turn: what was said, what was shown, and what of the expectation was kept."""

    say: str
    expect: dict[str, Any]
    reply: str = ""
    calls: list[dict[str, Any]] = field(default_factory=list)
    shown: list[dict[str, Any]] = field(default_factory=list)
    compared: list[dict[str, Any]] = field(default_factory=list)
    ms: float = 0.0
    checks: dict[str, bool] = field(default_factory=dict)


def text_of(row: dict[str, Any]) -> str:
    """The text that `match` is read against: title, description, category and attributes."""
    attributes = "; ".join(f"{k}: {v}" for k, v in (row.get("attributes") or {}).items())
    category = " > ".join(row.get("category") or [])
    return "\n".join((row["title"], row.get("description") or "", category, attributes))


def check(turn: Played, rows: dict[str, dict[str, Any]], cheaper_than: float | None) -> dict[str, bool]:
    """Which rules of the expectation the turn keeps; rules that do not apply are left out."""
    expect, kind = turn.expect, turn.expect["kind"]
    products = [rows[p["id"]] for p in turn.shown]
    if kind == "talk":
        return {"silent": not products and not turn.compared}
    if kind == "nearest":
        near = [row for row in products if re.search(expect.get("nearest_match", ""), text_of(row), re.I)]
        return {"nearest": len(near) == len(products)}
    if kind == "compare":
        return {"compared": len(turn.compared) > 1}
    if kind == "detail":
        return {"detail": len(products) == 1}
    if not products:
        return {"kept": False, "half": False} if kind == "show" else {"clarified": bool(turn.reply)}
    fits = sum(bool(re.search(expect["match"], text_of(row), re.I)) for row in products)
    result = {"kept": all(keeps(row, expect) for row in products), "half": 2 * fits >= len(products)}
    for name in ("cheapest", "most_expensive"):
        if expect.get(name):
            result["superlative"] = products[0]["price"] == expect[f"{name}_price"]
    if expect.get("relative") == "cheaper" and cheaper_than is not None:
        result["cheaper"] = all((row["price"] or 0) < cheaper_than for row in products)
    return result


def keeps(row: dict[str, Any], expect: dict[str, Any]) -> bool:
    """Does a product keep every hard constraint?"""
    price = row.get("price")
    if "price_max" in expect and (price is None or price > expect["price_max"]):
        return False
    if "price_min" in expect and (price is None or price < expect["price_min"]):
        return False
    if "brand" in expect and row.get("brand") not in expect["brand"]:
        return False
    unwanted = expect.get("must_not_match")
    return not (unwanted and re.search(unwanted, text_of(row), re.I))


def open_catalogue(name: str, file: Path, out: Path) -> Services:
    """A shop of this catalogue under `out`, imported the first time."""
    settings = Settings(home=out / name, demo=False, desk_password="benchmark", workers=1)
    settings.home.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database_url)
    database.migrate()
    products = [entry for entry in read_feed(file) if isinstance(entry, Product)]
    install(products, file.name, CatalogueStore(database), settings.home, MiniLM.load())
    database.close()
    services = open_shop(settings)
    services.start()
    return services


def play_chat(services: Services, chat: dict[str, Any], rows: dict[str, dict[str, Any]]) -> list[Played]:
    """Play one chat from its first turn to its last."""
    conversation = services.chat.start().id
    played: list[Played] = []
    for turn in chat["turns"]:
        one = Played(turn["say"], turn["expect"])
        started = time.perf_counter()
        for event in play(services, conversation, secrets.token_hex(6), turn["say"]):
            if event.type is EventType.SAID:
                one.reply += event.data["text"]
            elif event.type is EventType.CALLED:
                one.calls.append({"name": event.data["name"], "arguments": event.data["arguments"]})
            elif event.type is EventType.SHOWED:
                one.shown += event.data.get("products", [])
                one.compared += event.data.get("comparison", {}).get("products", [])
        one.ms = (time.perf_counter() - started) * 1000
        before = [p["price"] for t in played[-1:] for p in t.shown if p["price"] is not None]
        one.checks = check(one, rows, max(before, default=None))
        played.append(one)
    return played


def transcript(chat: dict[str, Any], played: list[Played]) -> str:
    """A chat for reading."""
    lines = [f"# {chat['id']} ({chat['catalogue']}, {chat['skill']})", ""]
    for turn in played:
        marks = " ".join(f"{name}{'✓' if good else '✗'}" for name, good in turn.checks.items())
        lines += [f"shopper: {turn.say}", f"  [{turn.expect['kind']}] {marks}"]
        lines += [f"  call {c['name']} {json.dumps(c['arguments'], ensure_ascii=False)}" for c in turn.calls]
        lines += [f"bot: {turn.reply}"]
        lines += [f"  {n}. {p['title']} – {p['price_text']}" for n, p in enumerate(turn.shown, start=1)]
        lines += [f"  | {p['title']} – {p['price_text']}" for p in turn.compared]
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.shopping_chats", description=__doc__)
    parser.add_argument("--chats", type=Path, required=True)
    parser.add_argument("--catalogue", action="append", required=True, metavar="NAME=FILE")
    parser.add_argument("--out", type=Path, default=Path("runs/shopping_chats"))
    args = parser.parse_args()
    chats = json.loads(args.chats.read_text(encoding="utf-8"))
    args.out.mkdir(parents=True, exist_ok=True)
    outcomes: dict[str, list[bool]] = defaultdict(list)
    times: list[float] = []
    for entry in args.catalogue:
        name, _, file = entry.partition("=")
        with gzip.open(file, "rt", encoding="utf-8") as source:
            rows = {row["id"]: row for row in map(json.loads, source)}
        services = open_catalogue(name, Path(file), args.out / "shops")
        for chat in (c for c in chats if c["catalogue"] == name):
            played = play_chat(services, chat, rows)
            (args.out / f"{chat['id']}.txt").write_text(transcript(chat, played), encoding="utf-8")
            for turn in played:
                times.append(turn.ms)
                for check_name, kept in turn.checks.items():
                    outcomes[check_name].append(kept)
            good, all_checks = sum(sum(t.checks.values()) for t in played), sum(len(t.checks) for t in played)
            print(f"{chat['id']:8} {chat['skill']:12} {good}/{all_checks}")
        services.close()
    figures = {name: round(sum(marks) / len(marks), 3) for name, marks in sorted(outcomes.items())}
    for name, share in figures.items():
        print(f"{name:12} {share:.3f}  ({sum(outcomes[name])}/{len(outcomes[name])})")
    times.sort()
    figures |= {"turn_ms_p50": round(times[len(times) // 2], 1), "turn_ms_p95": round(times[int(len(times) * 0.95)], 1)}
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
