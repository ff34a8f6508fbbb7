"""What is understood of a shopper's words, against hand-written cases.

    python -m benchmarks.query_understanding --products FILE... [--cases FILE] [--out DIR] [--show dev|test]

A case is ``{id, catalogue, before?, shown?, text, expect}``: the messages before, the prices that were shown after
them, the message, and the whole query that should hold after it. `expect` has ``words`` (what names the thing; further
properties that no other field has count here, hard condition or not), and where they apply ``price`` (inclusive),
``currency``, ``brands``, ``without_brands``, ``wants`` (``a|b``: either; ``>=16 gb``: a limit; measures by amount),
``without``, ``rating_min``, ``in_stock``, ``cheap``, ``sort``, ``relative``, ``quantity``.

A FILE's name up to the first ``_`` or ``.`` is its catalogue; ``demo`` is made here. Cases whose catalogue is not given
are left out, and said so. The cases fall into two parts by a hash of their text: tune on ``dev``, judge on ``test``.
The peer is what a quick regular expression does: a price limit, the rest of the text as the query.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.demo_shop.products import make_products
from agent.feeds import load_mapping, read_feed, to_document
from agent.shop import Product
from agent.understanding.state import ChatState, Outcome
from agent.understanding.wish import next_search
from retrieval.columns import Columns
from retrieval.parse.parser import Parsed, Parser
from retrieval.query import CATEGORY
from retrieval.resolve import Wishes, resolve
from retrieval.units import measure
from retrieval.words import SMALL_WORDS, key, words

HERE = Path(__file__).parent
CASES = HERE / "understanding_cases.jsonl"
MAPPING = HERE.parent / "docs" / "mappings" / "retail-demo-store.toml"
PARTS = ("dev", "test")
FIELDS = (
    "price", "currency", "brands", "without_brands", "wants", "without", "rating_min", "in_stock", "cheap", "sort",
    "relative", "quantity",
)  # fmt: skip
_MOST, _LEAST = r"(?:under|below|less than|max|up to|no more than)", r"(?:over|above|more than|at least|min)"
_SPAN = re.compile(r"\$?(\d+(?:\.\d+)?)\s*(?:-|to|and)\s*\$?(\d+(?:\.\d+)?)")
_UPPER, _LOWER = re.compile(rf"{_MOST}\s*\$?(\d+(?:\.\d+)?)"), re.compile(rf"{_LEAST}\s*\$?(\d+(?:\.\d+)?)")

Facts = dict[str, set[Any]]
Understands = Callable[[dict[str, Any]], tuple[Facts, set[str]]]


@dataclass(frozen=True, slots=True)
class Shop:
    """One catalogue, read for understanding."""

    columns: Columns
    parser: Parser

    @classmethod
    def of(cls, products: Sequence[Product]) -> Shop:
        columns = Columns.build(list(map(to_document, products)))
        return cls(columns, Parser(columns, _dictionary()))

    def fits(self, arguments: dict[str, Any], wants: Sequence[str]) -> int:
        """How many products named by the query's last word have these properties too (no vectors needed)."""
        wishes = Wishes.of(arguments | {"wants": [*arguments.get("wants", []), *wants]})
        mask = self.columns.mask(resolve(wishes, self.columns))
        for word in words(arguments["query"])[-1:]:
            said = self.columns.mentions.mask(word, title=True)
            said[self.columns.columns[CATEGORY].containing(word)] = True
            mask = mask & said if said.any() else mask
        return int(mask.sum())


def _dictionary() -> frozenset[str]:
    """The words that the encoder knows whole are words of the language."""
    from retrieval.encoder import MiniLM

    return MiniLM.load().vocabulary()


def part_of(case: dict[str, Any]) -> str:
    """The part that a case belongs to, by a hash of what is said in it."""
    said = "|".join([case["catalogue"], *case.get("before", ()), case["text"]])
    return PARTS[hashlib.sha256(said.encode()).digest()[0] % 2]


def ours(shop: Shop, case: dict[str, Any]) -> tuple[Facts, set[str]]:
    """What the chat understands: its own parser and its own conversation."""
    state, arguments, parsed = ChatState(), dict[str, Any](), Parsed()
    before = case.get("before", [])
    for number, message in enumerate([*before, case["text"]]):
        state.text = message
        had_price = bool(arguments.get("price_max") or arguments.get("price_min"))
        parsed = shop.parser.parse(message, had_price=had_price)
        arguments = next_search(parsed, state, shop.fits)
        prices = case.get("shown", []) if number == len(before) - 1 else []
        shown = [{"id": str(n), "title": "x", "price": f"${price:.2f}"} for n, price in enumerate(prices)]
        state.before.append(Outcome("search_products", arguments, True, {"products": shown}))
    return facts_of(arguments, parsed, case)


def facts_of(arguments: dict[str, Any], parsed: Parsed, case: dict[str, Any]) -> tuple[Facts, set[str]]:
    """A search's arguments as comparable facts, and the words that name the thing."""
    low, high = arguments.get("price_min"), arguments.get("price_max")
    shown, relative = case.get("shown"), ""
    if shown and high is not None and min(shown) < high < max(shown) and parsed.cheaper:
        relative, high = "cheaper", None
    if shown and low is not None and min(shown) < low < max(shown) and parsed.dearer:
        relative, low = "dearer", None
    facts: Facts = {
        "price": {(low, high)} if low is not None or high is not None else set(),
        "currency": {parsed.price.currency} - {None},
        "brands": {key(b) for b in arguments.get("brands", [])},
        "without_brands": {key(b) for b in arguments.get("without_brands", [])},
        "wants": {wish_key(w) for w in arguments.get("wants", [])},
        "without": {key(w) for w in arguments.get("without", [])},
        "rating_min": {arguments.get("rating_min")} - {None},
        "in_stock": {True} if arguments.get("in_stock") else set(),
        "cheap": {True} if arguments.get("cheap") else set(),
        "sort": {arguments.get("sort")} - {None},
        "relative": {relative} - {""},
        "quantity": {parsed.quantity} - {None},
    }
    named = set(words(arguments["query"])) - SMALL_WORDS
    return facts, named


def expected(case: dict[str, Any]) -> tuple[Facts, set[str]]:
    """A case's expectation in the same form."""
    expect = case["expect"]
    facts: Facts = {name: set() for name in FIELDS}
    for name in FIELDS:
        if name not in expect:
            continue
        value = expect[name]
        if name == "price":
            facts[name] = {tuple(value)}
        elif name == "wants":
            facts[name] = {wish_key(w.replace("|", " or ")) for w in value}
        elif isinstance(value, list):
            facts[name] = {key(v) for v in value}
        else:
            facts[name] = {value}
    return facts, set(words(expect["words"])) - SMALL_WORDS


def wish_key(want: str) -> frozenset[Any]:
    """A wanted property for comparing: its alternatives, each a measure by amount or a text."""
    return frozenset(_one_wish(part) for part in want.split(" or "))


def _one_wish(text: str) -> Any:
    text = re.sub(r"^size (?=small|medium|large|queen|king|twin|full|xs|xl)", "", text.strip())
    limit = re.search(r"(>=|<=|at least|at most)", text)
    sign = {"at least": ">=", "at most": "<="}.get(limit[1], limit[1]) if limit else "="
    plain = text.replace(limit[1], "") if limit else text
    dimension = re.search(r"\b(width|height|depth|length|wide|tall|high|deep|long)\b", plain)
    named = {"wide": "width", "tall": "height", "high": "height", "deep": "depth", "long": "length"}
    if dimension and limit:
        plain = plain.replace(dimension[1], "")
    number = measure(plain)
    if number is None:
        return key(text)
    amount = number.amount if number.kind else number.number
    axis = named.get(dimension[1], dimension[1]) if dimension and limit else ""
    return (axis, sign, number.kind or key(plain).split()[-1], round(amount, 9))


def price_only(case: dict[str, Any]) -> tuple[Facts, set[str]]:
    """The peer: a limit by a plain regular expression, the rest of the last message as words."""
    text = case["text"].lower()
    facts: Facts = {name: set() for name in FIELDS}
    if found := _SPAN.search(text):
        facts["price"] = {(float(found[1]), float(found[2]))}
    else:
        upper, lower = _UPPER.search(text), _LOWER.search(text)
        found = upper or lower
        if found:
            facts["price"] = {(float(lower[1]) if lower else None, float(upper[1]) if upper else None)}
    rest = text.replace(found.group(), " ") if found else text
    return facts, set(words(rest)) - SMALL_WORDS


@dataclass(slots=True)
class Marks:
    """How a system did on a part of the cases."""

    cases: int = 0
    whole: int = 0
    constraints: int = 0
    words: int = 0
    right: dict[str, int] | None = None
    said: dict[str, int] | None = None
    asked: dict[str, int] | None = None

    def add(self, got: tuple[Facts, set[str]], want: tuple[Facts, set[str]]) -> tuple[bool, bool]:
        """Mark one case; gives whether its constraints and its words are right."""
        self.right, self.said, self.asked = self.right or {}, self.said or {}, self.asked or {}
        facts, named = settled(got, want[0])
        for name in FIELDS:
            self.right[name] = self.right.get(name, 0) + len(facts[name] & want[0][name])
            self.said[name] = self.said.get(name, 0) + len(facts[name])
            self.asked[name] = self.asked.get(name, 0) + len(want[0][name])
        same, same_words = facts == want[0], named == want[1]
        self.cases += 1
        self.constraints += same
        self.words += same_words
        self.whole += same and same_words
        return same, same_words

    def share(self, count: int) -> float:
        return round(count / max(self.cases, 1), 3)


def settled(got: tuple[Facts, set[str]], expected_facts: Facts) -> tuple[Facts, set[str]]:
    """What was got, with hard properties that the case counts among the words put there."""
    facts, named = got
    free = {w for w in facts["wants"] - expected_facts["wants"] if all(isinstance(part, str) for part in w)}
    moved = {word for wish in free for part in wish for word in part.split()} - SMALL_WORDS
    odd = facts["wants"] - expected_facts["wants"] - free
    return {**facts, "wants": (facts["wants"] & expected_facts["wants"]) | odd}, named | moved


def open_shops(files: Sequence[Path]) -> dict[str, Shop]:
    """The catalogues by name; the demo shop is always there."""
    shops = {"demo": Shop.of(make_products())}
    for file in files:
        plain = file.name.endswith((".yaml", ".yml"))
        mapping = load_mapping(MAPPING) if plain else None
        products = [entry for entry in read_feed(file, mapping=mapping) if isinstance(entry, Product)]
        shops["store" if plain else re.split(r"[_.]", file.name)[0]] = Shop.of(products)
    return shops


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.query_understanding", description=__doc__)
    parser.add_argument("--products", type=Path, nargs="*", default=[])
    parser.add_argument("--cases", type=Path, default=CASES)
    parser.add_argument("--out", type=Path, default=Path("runs/query_understanding"))
    parser.add_argument("--show", choices=PARTS, help="print the misses of this part; do not look at test to tune")
    args = parser.parse_args()
    shops = open_shops(args.products)
    cases = [json.loads(line) for line in args.cases.read_text(encoding="utf-8").splitlines() if line.strip()]
    left_out = [case["id"] for case in cases if case["catalogue"] not in shops]
    systems = {"ours": lambda case: ours(shops[case["catalogue"]], case), "price only": price_only}
    marks = {(name, part): Marks() for name in systems for part in PARTS}
    times: list[float] = []
    misses = []
    for case in (c for c in cases if c["catalogue"] in shops):
        part, want = part_of(case), expected(case)
        for name, understand in systems.items():
            started = time.perf_counter()
            got = understand(case)
            if name == "ours":
                times.append((time.perf_counter() - started) * 1000 / (1 + len(case.get("before", ()))))
            good = marks[name, part].add(got, want)
            if name == "ours" and not all(good):
                misses.append((part, case, got, want, good))
    args.out.mkdir(parents=True, exist_ok=True)
    told = [miss_text(*miss) for miss in misses if miss[0] == args.show]
    (args.out / "misses.txt").write_text("\n".join(told) + "\n", encoding="utf-8")
    print("\n".join(told))
    figures = report(marks)
    times.sort()
    p50, p95 = (round(times[int(len(times) * share)], 2) for share in (0.5, 0.95))
    figures |= {"left_out": len(left_out), "ms_p50": p50, "ms_p95": p95}
    print(json.dumps(figures))
    return 0


def miss_text(part: str, case: dict[str, Any], got: Any, want: Any, good: tuple[bool, bool]) -> str:
    """One miss for reading."""
    facts, named = settled(got, want[0])
    lines = [f"{case['id']} [{part}] {' // '.join([*case.get('before', []), case['text']])}"]
    lines += [
        f"    {name}: got {_plain(facts[name])}, expected {_plain(want[0][name])}"
        for name in FIELDS
        if facts[name] != want[0][name]
    ]
    if not good[1]:
        lines.append(f"    words: got {sorted(named)}, expected {sorted(want[1])}")
    return "\n".join(lines)


def _plain(values: set[Any]) -> list[Any]:
    return sorted((sorted(map(str, v)) if isinstance(v, frozenset) else v for v in values), key=str)


def report(marks: dict[tuple[str, str], Marks]) -> dict[str, Any]:
    """The table, and its figures."""
    figures: dict[str, Any] = {}
    print(f"{'system':12} {'part':5} {'cases':>5} {'whole':>7} {'constraints':>12} {'words':>7}")
    for (name, part), mark in marks.items():
        shares = [mark.share(n) for n in (mark.whole, mark.constraints, mark.words)]
        print(f"{name:12} {part:5} {mark.cases:5} {shares[0]:7.3f} {shares[1]:12.3f} {shares[2]:7.3f}")
        shares_by_name = dict(zip(("whole", "constraints", "words"), shares, strict=True))
        figures[f"{name} {part}"] = {"cases": mark.cases, **shares_by_name}
    print(f"\n{'constraint':15} " + " ".join(f"{f'{n} {p}':>24}" for n, p in marks))
    for name in FIELDS:
        cells = []
        for mark in marks.values():
            right, said, asked = ((counts or {}).get(name, 0) for counts in (mark.right, mark.said, mark.asked))
            cells.append(f"P {right / said if said else 1:.2f} R {right / asked if asked else 1:.2f} ({asked})")
        print(f"{name:15} " + " ".join(f"{cell:>24}" for cell in cells))
    return figures


if __name__ == "__main__":
    sys.exit(main())
