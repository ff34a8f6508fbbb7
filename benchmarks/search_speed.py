"""How long a query takes, step by step, beside Chroma alone and plain numpy and bm25s in the same run.

    OMP_NUM_THREADS=1 python -m benchmarks.search_speed --products FILE --out DIR [--encoder] [--sizes N ...]

One thread. Queries are pieces of the catalogue's own titles, half of them with a price limit at the catalogue's median.
Then a product is changed in the live index. ``--encoder`` adds the encoder beside PyTorch; ``--sizes`` a series of
catalogues varied from this one (see `benchmarks.large_catalogue`), with a plot in DIR.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.encoder_speed import compare
from benchmarks.large_catalogue import plot, series
from retrieval.build import build
from retrieval.documents import Document, read_documents
from retrieval.encoder import MiniLM, TextEncoder, Vectors
from retrieval.errors import RetrievalError
from retrieval.fields import embedded_text, lexical_text
from retrieval.lexical import terms
from retrieval.live import JOURNAL, Change, LiveIndex
from retrieval.query import PRICE, Constraint, Op, Query
from retrieval.search import Search

QUERIES = 200
K = 100
Figures = dict[str, dict[str, float]]


def main(arguments: list[str] | None = None) -> int:
    parsed = parse(arguments)
    try:
        report = run(parsed, MiniLM.load)
    except (RetrievalError, OSError) as error:
        print(f"search_speed: {error}", file=sys.stderr)
        return 2
    print(json.dumps(report))
    return 0


def run(parsed: argparse.Namespace, load_encoder: Callable[[], TextEncoder]) -> dict[str, Any]:
    """Every way to search, timed over the same queries; prints the table, returns the figures."""
    documents = list(read_documents(parsed.products))
    encoder = load_encoder()
    start = time.perf_counter()
    built = build(documents, parsed.out / "index", encoder, _progress)
    building = time.perf_counter() - start
    start = time.perf_counter()
    search = Search.open(parsed.out / "index", encoder)
    opening = time.perf_counter() - start
    texts = _queries(documents)
    limit = (Constraint(PRICE, Op.LE, _median_price(documents)),)
    vectors = encoder.encode(texts)
    matrix = encoder_matrix(parsed.out / "index")
    figures: Figures = {
        "ours, whole query": _timed(lambda i: search.search(Query(texts[i], k=K))),
        "ours, with a price limit": _timed(lambda i: search.search(Query(texts[i], limit, k=K))),
        "ours, as a chat asks": _timed(lambda i: search.search(Query(texts[i], limit, k=10, subject=texts[i]))),
        "  of it: embedding": _timed(lambda i: encoder.encode([texts[i]])),
        "  of it: the mask of three new constraints": _timed(lambda i: search.columns.mask(_fresh(documents, i))),
    }
    live = _changes(parsed.out / "index", documents, encoder)
    figures |= live
    figures |= _plain_numpy(matrix, vectors)
    figures |= _plain_bm25(documents, texts)
    figures |= _plain_chroma(documents, matrix, vectors, limit, parsed.out / "chroma")
    _print_table(figures, len(documents))
    speed = None if built.reused else round(len(documents) / building, 1)
    print(f"\nbuild: {'up to date' if speed is None else f'{speed} products/s'}; open: {opening:.2f} s")
    report: dict[str, Any] = {
        "benchmark": "search_speed",
        "products": len(documents),
        "ms": figures,
        "build_products_per_second": speed,
        "open_seconds": round(opening, 3),
    }
    if parsed.encoder:
        report["encoder"] = compare(list(map(embedded_text, documents)), texts)
        print("\nencoder: " + "  ".join(f"{name} {value}" for name, value in report["encoder"].items()))
    if parsed.sizes:
        brands = [doc.brand for doc in documents if doc.brand][::97]
        asked = parsed.out / "queries.json"
        asked.write_text(json.dumps({"texts": texts, "brands": brands, "limit": limit[0].value}), encoding="utf-8")
        print()
        report["series"] = series(documents, matrix, parsed.sizes, encoder, asked, parsed.out)
        plot(report["series"], parsed.out / "sizes.png")
    return report


def encoder_matrix(index: Path) -> Vectors:
    """The catalogue's vectors as the build left them."""
    (path,) = index.glob("build-*/vectors.npy")
    matrix: Vectors = np.load(path, allow_pickle=False)
    return matrix


def _changes(index: Path, documents: Sequence[Document], encoder: TextEncoder) -> Figures:
    """One product at a time in a live index, each change on disk and seen."""
    live = LiveIndex(index, encoder)

    def changed(i: int, change: Change) -> None:
        with live.change(change, f"{i}"):
            pass

    def doc(i: int) -> Document:
        return documents[i * 7 % len(documents)]

    figures = {
        "a new product in the live index": _timed(lambda i: changed(i, Change(put=(replace(doc(i), id=f"new {i}"),)))),
        "  a new title": _timed(lambda i: changed(i, Change(put=(replace(doc(i), title=f"{doc(i).title} {i}"),)))),
        "  a new price": _timed(lambda i: changed(i, Change(facts=(replace(doc(i), price=float(i)),)))),
        "  one removed": _timed(lambda i: changed(i, Change(gone=(f"new {i}",)))),
    }
    (journal,) = index.glob(f"build-*/{JOURNAL}")
    journal.unlink()
    return figures


def _plain_numpy(matrix: Vectors, vectors: Vectors) -> Figures:
    def rank(i: int) -> object:
        scores = matrix @ vectors[i]
        best = np.argpartition(-scores, min(K, len(scores) - 1))[:K]
        return best[np.argsort(-scores[best])]

    return {"numpy alone (vectors given)": _timed(rank)}


def _plain_bm25(documents: Sequence[Document], texts: Sequence[str]) -> Figures:
    import bm25s

    index = bm25s.BM25()
    index.index([terms(lexical_text(doc)) for doc in documents], show_progress=False)
    k = min(K, len(documents))
    return {"bm25s alone": _timed(lambda i: index.retrieve([terms(texts[i])], k=k, show_progress=False))}


def _plain_chroma(
    documents: Sequence[Document], matrix: Vectors, vectors: Vectors, limit: Sequence[Constraint], folder: Path
) -> Figures:
    """Chroma by itself, prices as metadata, in a collection of its own."""
    import chromadb
    from chromadb.config import Settings

    client = chromadb.PersistentClient(folder, settings=Settings(anonymized_telemetry=False))
    collection: Any = client.get_or_create_collection("speed", embedding_function=None)
    if collection.count() != len(documents):
        for first in range(0, len(documents), 2000):
            part = documents[first : first + 2000]
            collection.upsert(
                ids=[doc.id for doc in part],
                embeddings=matrix[first : first + 2000],
                documents=[embedded_text(doc) for doc in part],
                metadatas=[{"price": -1.0 if doc.price is None else doc.price} for doc in part],
            )
    k = min(K, len(documents))
    where = {"price": {"$lte": limit[0].value}}

    def ask(i: int, **more: Any) -> object:
        return collection.query(query_embeddings=vectors[i : i + 1], n_results=k, include=["distances"], **more)

    figures = {"Chroma alone (vectors given)": _timed(ask)}
    figures["Chroma alone, with a price filter"] = _timed(lambda i: ask(i, where=where))
    client.close()
    return figures


def _timed(call: Callable[[int], object]) -> dict[str, float]:
    """The median and the 95th percentile over all queries, in milliseconds, after a short warming up."""
    for i in range(5):
        call(i)
    spent = []
    for i in range(QUERIES):
        start = time.perf_counter()
        call(i)
        spent.append(1000 * (time.perf_counter() - start))
    return {"p50": round(float(np.percentile(spent, 50)), 3), "p95": round(float(np.percentile(spent, 95)), 3)}


def _queries(documents: Sequence[Document]) -> list[str]:
    random = np.random.default_rng(7)
    found = []
    for row in random.integers(0, len(documents), QUERIES):
        words = documents[row].title.split()
        count = int(random.integers(1, 5))
        first = int(random.integers(0, max(len(words) - count, 0) + 1))
        found.append(" ".join(words[first : first + count]))
    return found


def _fresh(documents: Sequence[Document], i: int) -> tuple[Constraint, ...]:
    """Constraints that no mask was kept for."""
    doc = documents[i % len(documents)]
    return (
        Constraint(PRICE, Op.LE, 100.0 + i),
        Constraint("brand", Op.EQ, doc.brand or doc.title),
        Constraint("*", Op.MENTIONS, doc.title.split()[-1]),
    )


def _median_price(documents: Sequence[Document]) -> float:
    prices = [doc.price for doc in documents if doc.price is not None]
    return float(np.median(prices)) if prices else 0.0


def _progress(step: str, done: int, of: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{step} {done}/{of}   ", end="", file=sys.stderr)


def _print_table(figures: Figures, count: int) -> None:
    print(f"{count} products, {QUERIES} queries, best {K}, one thread; milliseconds\n")
    print(f"{'':44}{'p50':>9}{'p95':>9}")
    for name, row in figures.items():
        print(f"{name:44}{row['p50']:9.2f}{row['p95']:9.2f}")


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search_speed", description=__doc__)
    parser.add_argument("--products", type=Path, required=True, metavar="FILE", help="product JSONL; .gz too")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="for the index and Chroma's own")
    parser.add_argument("--encoder", action="store_true", help="the encoder beside PyTorch too")
    parser.add_argument("--sizes", type=int, nargs="*", default=[], metavar="N", help="sizes of varied catalogues")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
