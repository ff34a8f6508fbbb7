"""How long a turn takes through the HTTP API, split by step, and how long the shop takes to open.

    python -m benchmarks.turn_speed [--home DIR] [--turns N] [--out DIR]

Starts `app.py` in a process of its own twice (the first start fills the demo shop when DIR is new), then chats with it
over HTTP as the widget does: posts a message and reads server-sent events until the reply. Search, order and help turns
take turns. The time of a turn is from the post to the last of its events; `tools` is what its tools took, `model` the
dialog model's decisions, the rest is storage, events and HTTP.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

SEARCHES = (
    "i'm looking for a desk lamp", "under $80", "in black", "a warm winter jacket for women", "cheaper",
    "running shoes", "wireless headphones under 150", "not in black",
    "a backpack for hiking, 30 litres", "best rated kettle",
)  # fmt: skip
ORDERS = ("where is my latest order?", "show my orders", "what's the status of my last order")
HELP = ("how long do i have to return something?", "how much is express delivery", "how do gift cards work")


def start(home: Path, port: int) -> tuple[subprocess.Popen[bytes], float]:
    """Start the shop; the process and the seconds until it was ready."""
    environment = {**os.environ, "SHOPKEEPER_HOME": str(home), "SHOPKEEPER_PORT": str(port), "SHOPKEEPER_DEMO": "true"}
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "app.py"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while process.poll() is None:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=1).status_code == 200:
                return process, time.perf_counter() - started
        except httpx.HTTPError:
            time.sleep(0.05)
    raise SystemExit("the shop did not start; run `python app.py` to see why")


def memory_mb(pid: int) -> float:
    """The resident memory of a process (Linux)."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return float("nan")


def events(http: httpx.Client, chat: str, key: dict[str, str], after: int) -> Iterator[dict[str, Any]]:
    """The events of a chat as they come, from a number on."""
    with http.stream("GET", f"/api/conversations/{chat}/events", params={"after": after}, headers=key) as stream:
        for line in stream.iter_lines():
            if line.startswith("data:"):
                yield json.loads(line[5:])


def turn(http: httpx.Client, chat: str, key: dict[str, str], text: str, number: int) -> dict[str, float]:
    """Play one turn; its total and what its parts took, in milliseconds."""
    started = time.perf_counter()
    posted = http.post(
        f"/api/conversations/{chat}/messages", json={"client_id": f"m{number}", "text": text}, headers=key
    )
    posted.raise_for_status()
    tools = 0.0
    for event in events(http, chat, key, posted.json()["sequence"]):
        if event["type"] == "called":
            tools += event["ms"]
        if event["type"] == "said":
            break
    return {"total": (time.perf_counter() - started) * 1000, "tools": tools}


def figures(samples: list[dict[str, float]]) -> dict[str, float]:
    totals = sorted(s["total"] for s in samples)
    return {
        "p50": round(statistics.median(totals), 1),
        "p95": round(totals[max(int(len(totals) * 0.95) - 1, 0)], 1),
        "tools_p50": round(statistics.median(s["tools"] for s in samples), 1),
        "turns": len(samples),
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.turn_speed", description=__doc__)
    parser.add_argument("--home", type=Path, help="the home to use; by default a new one")
    parser.add_argument("--turns", type=int, default=60, help="how many of each kind")
    parser.add_argument("--out", type=Path, help="where to write the figures as JSON")
    args = parser.parse_args()
    home = args.home or Path(tempfile.mkdtemp()) / "home"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process, first = start(home, port)
    process.terminate()
    process.wait()
    process, second = start(home, port)
    try:
        result: dict[str, Any] = {"first_start_s": round(first, 1), "second_start_s": round(second, 1)}
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as http:
            token = http.post("/api/demo/sign-in", json={"shopper": "shopper-0001"}).json()["shopper_token"]
            for kind, texts in (("search", SEARCHES), ("order", ORDERS), ("help", HELP)):
                chat = http.post("/api/conversations", json={"shopper_token": token}).json()
                key = {"Authorization": f"Bearer {chat['token']}"}
                samples = []
                for number in range(args.turns):
                    samples.append(turn(http, chat["id"], key, texts[number % len(texts)], number))
                    time.sleep(0.55)  # the API takes twenty messages in ten seconds
                result[kind] = figures(samples)
        result["memory_mb"] = round(memory_mb(process.pid))
    finally:
        process.terminate()
        process.wait()
    for name, value in result.items():
        print(f"{name:16} {value}")
    print(json.dumps(result))
    if args.out:
        args.out.mkdir(parents=True, exist_ok=True)
        (args.out / "turn_speed.json").write_text(json.dumps(result, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
