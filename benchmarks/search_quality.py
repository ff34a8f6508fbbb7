"""Search quality against the simple systems, all in one run on the same products, queries and judgements.

    python -m benchmarks.search_quality --products FILE --queries TSV --qrels FILE --out DIR

Full retrieval: every system ranks the whole catalogue; an unjudged product gains nothing. Averaged over the queries
that have at least one product with a gain above 0. The simple systems use plain bm25s and numpy, none of our index.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reco_core.fusion import reciprocal_rank_fusion
from reco_core.metrics import ndcg_at_k, recall_at_k
from retrieval.documents import Document, read_documents
from retrieval.encoder import MiniLM, TextEncoder, Vectors
from retrieval.errors import QueryError, RetrievalError
from retrieval.fields import embedded_text
from retrieval.spelled import KnowsWords
from retrieval.trec import read_judgements, read_queries, write_run

DEPTH = 100
FUSED = 1000  # how deep the plain fusion looks into its two lists
RESAMPLES = 10_000
FOLDS = 5
_SAME = 1e-6
OURS, BM25, DENSE, FUSION = "ours", "BM25", "MiniLM", "RRF of the two"

Ranking = list[tuple[str, float]]
Values = NDArray[np.float64]
Gains = dict[str, dict[str, float]]
System = Callable[[str], Ranking]


class Remembering:
    """An encoder that keeps what it encoded in a folder, so that a text is paid for once, also over runs."""

    def __init__(self, encoder: TextEncoder, folder: Path) -> None:
        self.name, self.dimension, self.fingerprint = encoder.name, encoder.dimension, encoder.fingerprint
        self._encoder, self._known = encoder, dict[str, Vectors]()
        self._texts, self._vectors = folder / f"{self.fingerprint[:16]}.json", folder / f"{self.fingerprint[:16]}.npy"
        folder.mkdir(parents=True, exist_ok=True)
        if self._texts.exists() and self._vectors.exists():
            texts = json.loads(self._texts.read_text(encoding="utf-8"))
            self._known = dict(zip(texts, np.load(self._vectors, allow_pickle=False), strict=True))

    def vocabulary(self) -> frozenset[str]:
        return self._encoder.vocabulary() if isinstance(self._encoder, KnowsWords) else frozenset()

    def encode(self, texts: Sequence[str], *, progress: bool = False) -> Vectors:
        if len(texts) == 1:
            return self._encoder.encode(texts)  # a query: timed, so never remembered
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known.update(zip(new, self._encoder.encode([*new, ""], progress=progress), strict=False))
            self._texts.write_text(json.dumps(list(self._known)), encoding="utf-8")
            np.save(self._vectors, np.array(list(self._known.values())), allow_pickle=False)
        return np.array([self._known[text] for text in texts], np.float32)


def plain_bm25(documents: Sequence[Document]) -> System:
    """bm25s as its manual shows it: default constants, English stop words, a stemmer, all fields as one text."""
    import bm25s
    import Stemmer

    stemmer = Stemmer.Stemmer("english")
    tokens = bm25s.tokenize(list(map(_all_fields, documents)), stopwords="en", stemmer=stemmer, show_progress=False)
    index = bm25s.BM25()
    index.index(tokens, show_progress=False)
    ids = [doc.id for doc in documents]

    def rank(text: str) -> Ranking:
        found = bm25s.tokenize([text], stopwords="en", stemmer=stemmer, show_progress=False, return_ids=False)[0]
        known = [word for word in found if word in index.vocab_dict]
        return _best(ids, index.get_scores(known)) if known else []

    return rank


def plain_dense(documents: Sequence[Document], encoder: TextEncoder) -> System:
    """Exact cosine over one vector a product: title and the start of the description, the very text that we embed."""
    ids = [doc.id for doc in documents]
    matrix = encoder.encode(list(map(embedded_text, documents)), progress=True)
    return lambda text: _best(ids, matrix @ encoder.encode([text])[0])


def plain_fusion(first: System, second: System) -> System:
    """Reciprocal rank fusion of two systems with its usual constant."""

    def rank(text: str) -> Ranking:
        lists = [[product for product, _ in system(text)] for system in (first, second)]
        number = {product: i for i, product in enumerate(dict.fromkeys(lists[0] + lists[1]))}
        names = list(number)
        fused = reciprocal_rank_fusion({str(i): [number[p] for p in ranked] for i, ranked in enumerate(lists)})
        return [(names[i], score) for i, score, _ in fused]

    return rank


def ours(documents: Sequence[Document], encoder: TextEncoder, folder: Path) -> System:
    """This project's search, through its index on disk."""
    from retrieval.build import build
    from retrieval.query import Query
    from retrieval.search import Search

    build(documents, folder, encoder)
    search = Search.open(folder, encoder)
    return lambda text: [(hit.product_id, hit.score) for hit in search.search(Query(text, k=DEPTH))]


def measure(rankings: dict[str, Ranking], gains: Gains) -> dict[str, Values]:
    """Each measure by query: nDCG@10, the same over judged products only, and recall@100."""
    figures: dict[str, list[float]] = {"ndcg@10": [], "judged only": [], "recall@100": []}
    for query, ranking in rankings.items():
        products = [product for product, _ in ranking]
        judged = [product for product in products if product in gains[query]]
        good = [product for product, gain in gains[query].items() if gain > 0]
        figures["ndcg@10"].append(ndcg_at_k(products, gains[query], 10))
        figures["judged only"].append(ndcg_at_k(judged, gains[query], 10))
        figures["recall@100"].append(recall_at_k(products, good, 100))
    return {name: np.array(values) for name, values in figures.items()}


def interval(values: Values) -> tuple[float, float]:
    """The 95% bootstrap interval of a mean over queries."""
    draws = np.random.default_rng(0).integers(0, len(values), (RESAMPLES, len(values)))
    low, high = np.percentile(values[draws].mean(axis=1), [2.5, 97.5])
    return float(low), float(high)


def relative(ours: Values, peer: Values) -> tuple[float, float, float]:
    """By what share our mean is above the peer's, and the 95% bootstrap interval of that, paired over queries."""
    draws = np.random.default_rng(0).integers(0, len(ours), (RESAMPLES, len(ours)))
    low, high = np.percentile(ours[draws].mean(axis=1) / np.maximum(peer[draws].mean(axis=1), 1e-9) - 1, [2.5, 97.5])
    return float(ours.mean() / max(peer.mean(), 1e-9) - 1), float(low), float(high)


def by_fold(ours: Values, peer: Values) -> list[float]:
    """The difference of the means in each fifth of the queries: does a few queries' luck make it?"""
    fold = np.random.default_rng(0).permutation(len(ours)) % FOLDS
    return [round(float((ours - peer)[fold == one].mean()), 4) for one in range(min(FOLDS, len(ours)))]


def graded(judgements: Gains, kind: str) -> Gains:
    """Gains from grades: as they are, or 2^grade − 1; `auto` takes the latter where a grade is above 1."""
    highest = max((g for grades in judgements.values() for g in grades.values()), default=0.0)
    if kind == "linear" or (kind == "auto" and highest <= 1):
        return judgements
    return {query: {p: 2.0**g - 1.0 for p, g in grades.items()} for query, grades in judgements.items()}


def main(arguments: list[str] | None = None) -> int:
    parsed = parse(arguments)
    try:
        report = run(parsed, MiniLM.load)
    except (RetrievalError, OSError) as error:
        print(f"search_quality: {error}", file=sys.stderr)
        return 2
    print(json.dumps(report))
    return 0


def run(parsed: argparse.Namespace, load_encoder: Callable[[], TextEncoder]) -> dict[str, Any]:
    """Every system over the same queries; prints the table, returns the figures."""
    documents = list(read_documents(parsed.products))
    gains = graded(read_judgements(parsed.qrels), parsed.gain)
    queries = {
        query: text
        for query, text in read_queries(parsed.queries).items()
        if any(gain > 0 for gain in gains.get(query, {}).values())
    }
    if not queries:
        raise QueryError(f"no query of {parsed.queries} has a good product in {parsed.qrels}; check that they belong")
    encoder = Remembering(load_encoder(), parsed.out / "vectors")
    words = plain_bm25(documents)
    meaning = plain_dense(documents, encoder)
    systems = {BM25: words, DENSE: meaning, FUSION: plain_fusion(words, meaning)}
    systems[OURS] = ours(documents, encoder, parsed.out / "index")
    figures = {name: _evaluate(name, system, queries, gains, parsed.out) for name, system in systems.items()}
    best = max((BM25, DENSE, FUSION), key=lambda name: figures[name]["ndcg@10"].mean())
    mine, peer = figures[OURS]["ndcg@10"], figures[best]["ndcg@10"]
    low, high = interval(mine - peer)
    gain = relative(mine, peer)
    report = {name: _summary(figures[name]) for name in systems}
    _print_table(report, len(queries), len(documents))
    won, lost = int((mine - peer > _SAME).sum()), int((peer - mine > _SAME).sum())
    print(f"\nours − {best}, paired over queries: 95% of the bootstrap in [{low:+.3f}, {high:+.3f}]")
    print(f"relative: {gain[0]:+.1%}, 95% in [{gain[1]:+.1%}, {gain[2]:+.1%}]; {won} queries won, {lost} lost")
    print(f"the difference in each of {FOLDS} folds of the queries: {by_fold(mine, peer)}")
    return {
        "benchmark": "search_quality",
        "products": len(documents),
        "queries": len(queries),
        "systems": report,
        "best_peer": best,
        "difference_95": [round(low, 4), round(high, 4)],
        "relative": [round(value, 4) for value in gain],
        "folds": by_fold(mine, peer),
        "won_lost": [won, lost],
    }


def _evaluate(name: str, system: System, queries: dict[str, str], gains: Gains, out: Path) -> dict[str, Values]:
    system(next(iter(queries.values())))  # what is read only once is no part of a query
    start = time.perf_counter()
    rankings = {query: system(text)[:DEPTH] for query, text in queries.items()}
    milliseconds = 1000 * (time.perf_counter() - start) / len(queries)
    tag = name.replace(" ", "-")
    write_run(out / f"{tag}.run", rankings.items(), tag)
    return {**measure(rankings, gains), "ms": np.array([milliseconds])}


def _summary(figures: dict[str, Values]) -> dict[str, float]:
    low, high = interval(figures["ndcg@10"])
    means = {name: round(float(values.mean()), 4) for name, values in figures.items()}
    return {**means, "low": round(low, 4), "high": round(high, 4)}


def _print_table(report: dict[str, dict[str, float]], queries: int, documents: int) -> None:
    print(f"{queries} queries, {documents} products; unjudged = 0; averaged over queries with a good product\n")
    print(f"{'':16}{'nDCG@10':>9}{'95% interval':>18}{'judged only':>13}{'recall@100':>12}{'ms/query':>10}")
    for name, row in report.items():
        between = f"[{row['low']:.3f}, {row['high']:.3f}]"
        print(
            f"{name:16}{row['ndcg@10']:9.3f}{between:>18}{row['judged only']:13.3f}"
            f"{row['recall@100']:12.3f}{row['ms']:10.1f}"
        )


def _all_fields(doc: Document) -> str:
    values = (f"{name} {v:g}" if isinstance(v, float) else f"{name} {v}" for name, v in doc.attributes.items())
    return " ".join((doc.title, doc.brand or "", *doc.category, *values, doc.description))


def _best(ids: Sequence[str], scores: Vectors) -> Ranking:
    order = np.argsort(-scores, kind="stable")[:FUSED]
    return [(ids[i], float(scores[i])) for i in order if scores[i] > 0]


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search_quality", description=__doc__)
    parser.add_argument("--products", type=Path, required=True, metavar="FILE", help="product JSONL; .gz too")
    parser.add_argument("--queries", type=Path, required=True, metavar="TSV", help="lines of: query id, tab, text")
    parser.add_argument("--qrels", type=Path, required=True, metavar="FILE", help="query_id 0 doc_id grade")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="for the runs and the index")
    parser.add_argument("--gain", choices=("auto", "linear", "exponential"), default="auto")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
