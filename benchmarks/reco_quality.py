"""How well the recommendation core ranks what shoppers take next, beside the peers that are hard to beat.

    python -m benchmarks.reco_quality LOG [--format online-retail] [--items FILE] [--vectors FILE] [--out DIR]

The log is cut once by time, for all shoppers alike. Everybody learns from what came before; judged is what each
returning shopper took afterwards that was new to them, by NDCG@10 and recall@20 over the full ranking, the history left
out. Each peer chooses its settings on the last tenth of what came before the cut.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import itertools
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from reco_core.errors import RecoError
from reco_core.examples import Shopper, shoppers_at
from reco_core.interactions import KINDS, Kind, Log
from reco_core.items import Items
from reco_core.items_file import aligned, read_items, read_vectors
from reco_core.log_file import read_log
from reco_core.metrics import ndcg_at_k, recall_at_k
from reco_core.neighbours import shopper_items
from reco_core.train import train

Scores = npt.NDArray[np.float64]
Ranker = Callable[[Shopper], list[str]]
"""The first 20 items for a shopper, none of their history."""
MAX_EASE = 12_000


@dataclass(frozen=True)
class Peer:
    """A method with the settings to choose from; `fit` gives the scores of all items for a history, [n]."""

    name: str
    settings: Sequence[tuple[float, ...]]
    fit: Callable[[Log, float, tuple[float, ...]], Callable[[Shopper], Scores]]


def popularity(log: Log, span: float, setting: tuple[float, ...]) -> Callable[[Shopper], Scores]:
    counts = np.asarray(shopper_items(log, setting[0] * span).sum(axis=0), float).ravel()

    def scores(shopper: Shopper) -> Scores:
        del shopper
        return counts

    return scores


def item_knn(log: Log, span: float, setting: tuple[float, ...]) -> Callable[[Shopper], Scores]:
    """Cosines between items' columns of decayed interactions, damped by `shrink`; the history decays by position."""
    half_life, shrink = setting
    taste = shopper_items(log, half_life * span).tocsc()
    length = np.sqrt(np.asarray(taste.multiply(taste).sum(axis=0)).ravel()) + 1e-12
    overlap = (taste.T @ taste).tocsr()
    overlap = overlap.multiply(1.0 / (length[:, None] * length[None, :] + shrink)).tolil()
    overlap.setdiag(0.0)
    return history_times(overlap.tocsr(), log)


def ease(log: Log, span: float, setting: tuple[float, ...]) -> Callable[[Shopper], Scores]:
    """EASE (Steck, WWW 2019) on decayed interactions, whole; the history decays by position."""
    half_life, ridge = setting
    taste = shopper_items(log, half_life * span)
    gram = (taste.T @ taste).toarray()
    at = np.arange(len(gram))
    gram[at, at] += ridge
    inverse = np.linalg.inv(gram)
    weights = inverse / -np.diag(inverse)
    weights[at, at] = 0.0
    return history_times(weights, log)


def history_times(weights: Any, log: Log) -> Callable[[Shopper], Scores]:
    """Scores as the rows of an item's weights, summed over a history in which an item counts half 200 items on."""
    place = {item: at for at, item in enumerate(log.items)}

    def scores(shopper: Shopper) -> Scores:
        latest = list(dict.fromkeys(reversed([event.item for event in shopper.profile.recent])))
        rows = [place[item] for item in latest]
        recency = 0.5 ** (np.arange(len(rows)) / 200.0)
        return np.asarray(recency @ weights[rows]).ravel()

    return scores


PEERS = (
    Peer("popularity, decayed", [(0.02,), (0.04,), (0.08,), (0.3,), (1.0,)], popularity),
    Peer("item-kNN, decayed", list(itertools.product((0.08, 0.25, 1.0), (0.0, 10.0))), item_knn),
    Peer("EASE, decayed", list(itertools.product((0.08, 0.25, 1.0), (10.0, 50.0, 100.0, 300.0))), ease),
)


def ranker(scores: Callable[[Shopper], Scores], log: Log) -> Ranker:
    place = {item: at for at, item in enumerate(log.items)}

    def rank(shopper: Shopper) -> list[str]:
        column = scores(shopper).astype(float).copy()
        column[[place[item] for item in shopper.history]] = -np.inf
        return [log.items[at] for at in np.argsort(-column, kind="stable")[:20]]

    return rank


def judged(rank: Ranker, shoppers: list[Shopper]) -> npt.NDArray[np.float64]:
    """NDCG@10 and recall@20 of each shopper, [shoppers, 2]."""
    rows = []
    for shopper in shoppers:
        new = shopper.taken.difference(shopper.history)
        ranking = rank(shopper)
        rows.append((ndcg_at_k(ranking, dict.fromkeys(new, 1.0), 10), recall_at_k(ranking, new, 20)))
    return np.asarray(rows)


def with_something_new(shoppers: list[Shopper]) -> list[Shopper]:
    return [shopper for shopper in shoppers if shopper.taken.difference(shopper.history)]


def best_setting(peer: Peer, known: Log, span: float, rng: np.random.Generator) -> tuple[float, ...]:
    before, after = known.split(known.time_at(0.9))
    shoppers = with_something_new(shoppers_at(before, after, 500, rng))
    if not shoppers:
        return peer.settings[0]
    return max(
        peer.settings,
        key=lambda setting: judged(ranker(peer.fit(before, span, setting), before), shoppers)[:, 0].mean(),
    )


def online_retail(path: Path) -> Log:
    """The log of UCI's Online Retail: without cancellations, returned goods and sales without a customer."""
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as raw:
        stream = io.TextIOWrapper(raw, encoding="utf-8", errors="replace", newline="")
        rows = [
            (row["CustomerID"], row["StockCode"], row["InvoiceDate"])
            for row in csv.DictReader(stream)
            if row["CustomerID"] and not row["InvoiceNo"].startswith("C") and float(row["Quantity"]) > 0
        ]
    times = [datetime.fromisoformat(when).replace(tzinfo=UTC).timestamp() for _, _, when in rows]
    purchase = KINDS.index(Kind.PURCHASE)
    return Log.from_columns([u for u, _, _ in rows], [i for _, i, _ in rows], [purchase] * len(rows), times)


def interval(ours: Scores, theirs: Scores, rng: np.random.Generator) -> tuple[float, float]:
    """The 95% interval of the mean difference over shoppers, by 2,000 paired bootstrap samples."""
    difference = ours - theirs
    means = difference[rng.integers(0, len(difference), (2000, len(difference)))].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


def measure(log: Log, items: Items | None, share: float, seed: int) -> Iterator[dict[str, Any]]:
    """A row of figures for each method, ours last."""
    rng = np.random.default_rng(seed)
    known, late = log.split(float(log.time[-1] - share * (log.time[-1] - log.time[0])))
    span = float(known.time[-1] - known.time[0])
    shoppers = with_something_new(shoppers_at(known, late, 1_000_000, rng))
    if not shoppers:
        raise RecoError("nobody took anything new after the cut; give a longer log or a larger --share")
    results: dict[str, Scores] = {}
    for peer in PEERS:
        if peer.fit is ease and len(known.items) > MAX_EASE:
            continue
        started = time.perf_counter()
        setting = best_setting(peer, known, span, rng)
        results[peer.name] = judged(ranker(peer.fit(known, span, setting), known), shoppers)
        yield row_of(peer.name, results[peer.name], time.perf_counter() - started, len(shoppers), setting=setting)
    started = time.perf_counter()
    core = train(known, items or Items.of(known.items), seed=seed)

    def ours(shopper: Shopper) -> list[str]:
        return [item for item, _ in core.rank(shopper.profile, 20, exclude=shopper.history)]

    found = judged(ours, shoppers)
    against = {name: interval(found[:, 0], theirs[:, 0], rng) for name, theirs in results.items()}
    yield row_of(
        "reco_core", found, time.perf_counter() - started, len(shoppers), ndcg_ahead_95=against, card=core.card
    )


def row_of(name: str, found: Scores, seconds: float, shoppers: int, **more: object) -> dict[str, Any]:
    ndcg, recall = found.mean(axis=0)
    return {
        "method": name,
        "ndcg_at_10": ndcg,
        "recall_at_20": recall,
        "seconds": seconds,
        "shoppers": shoppers,
        **more,
    }


def main() -> int:
    """Measure and print a table; the last line is one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reco_quality", description=__doc__.splitlines()[0])
    parser.add_argument("log", type=Path, help="CSV user,item,kind,time (.gz too)")
    parser.add_argument("--format", choices=["log", "online-retail"], default="log")
    parser.add_argument("--items", type=Path, help="product JSONL")
    parser.add_argument("--vectors", type=Path, help="npz with ids and vectors")
    parser.add_argument(
        "--share", type=float, default=0.09, help="share of the log's span that is judged (default 0.09)"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="a folder for the figures as JSON")
    options = parser.parse_args()
    try:
        log = online_retail(options.log) if options.format == "online-retail" else read_log(options.log)
        items = read_items(options.items) if options.items else None
        if options.vectors:
            items = aligned(items or Items.of(log.items), read_vectors(options.vectors))
        rows = []
        print(f"{'method':24}{'NDCG@10':>9}{'recall@20':>11}{'seconds':>9}")
        for row in measure(log, items, options.share, options.seed):
            rows.append(row)
            print(
                f"{row['method']:24}{row['ndcg_at_10']:9.4f}{row['recall_at_20']:11.4f}{row['seconds']:9.1f}",
                flush=True,
            )
    except (RecoError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    result = json.dumps({"benchmark": "reco_quality", "log": options.log.name, "interactions": len(log), "rows": rows})
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "reco_quality.json").write_text(result + "\n")
    print(result)
    return 0


if __name__ == "__main__":
    sys.exit(main())
