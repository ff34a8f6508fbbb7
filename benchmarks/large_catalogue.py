"""Catalogues of any size, varied from a real one, and how long a query over them takes and how much memory it needs.

    python -m benchmarks.large_catalogue --index DIR --queries FILE

measures one index in a process of its own, so that its memory is that of serving and of nothing else; it is started by
`benchmarks.search_speed`, which makes the indexes.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from retrieval.build import card_of
from retrieval.column_files import save_columns
from retrieval.columns import Columns
from retrieval.documents import Document
from retrieval.encoder import MiniLM, TextEncoder, Vectors
from retrieval.fields import lexical_text
from retrieval.index_folder import LEXICAL, TEXT_KEYS, TITLES, VECTORS, new_build, publish
from retrieval.int8_scan import encoded, save_codes
from retrieval.kept_vectors import text_keys
from retrieval.lexical import Lexical
from retrieval.query import ANY, BRAND, IN_STOCK, PRICE, Constraint, Op, Query
from retrieval.search import Search

_DRIFT = 0.25
"""How far a variation's vector lies from its original's, before both are brought to length 1: a cosine of 0.97."""
K = 10


def variations(documents: Sequence[Document], count: int) -> Iterator[Document]:
    """The documents, and variations of them up to `count`: a word of the title comes from another title, and price,
    rating and stock are drawn anew."""
    rng = np.random.default_rng(5)
    for number in range(count):
        doc = documents[number % len(documents)]
        if number >= len(documents):
            words, other = doc.title.split(), documents[int(rng.integers(len(documents)))].title.split()
            words[int(rng.integers(len(words)))] = other[int(rng.integers(len(other)))]
            doc = replace(
                doc,
                id=f"{doc.id}~{number // len(documents)}",
                title=" ".join(words),
                price=None if doc.price is None else round(doc.price * float(rng.uniform(0.5, 2)), 2),
                rating=round(float(rng.uniform(1, 5)), 1),
                rating_count=int(rng.integers(500)),
                stock=int(rng.integers(0, 5)),
            )
        yield doc


def drifted(vectors: Vectors, count: int) -> Vectors:
    """The vectors, and for each variation one near its original's: encoding a million texts would say nothing new."""
    rng = np.random.default_rng(6)
    found = np.empty((count, vectors.shape[1]), np.float32)
    found[: len(vectors)] = vectors[:count]
    for start in range(len(vectors), count, len(vectors)):
        part = vectors[: count - start]
        near = part + rng.normal(0, _DRIFT / vectors.shape[1] ** 0.5, part.shape).astype(np.float32)
        found[start : start + len(part)] = near / np.linalg.norm(near, axis=1, keepdims=True)
    return found


def make(folder: Path, documents: Sequence[Document], vectors: Vectors, encoder: TextEncoder) -> float:
    """An index without Chroma's copy of the vectors; the seconds that it took."""
    start = time.perf_counter()
    with new_build(folder) as target:
        np.save(target / VECTORS, vectors, allow_pickle=False)
        save_codes(encoded(vectors), target / "codes")
        np.save(target / TEXT_KEYS, text_keys(doc.title for doc in documents), allow_pickle=False)
        Lexical.build(map(lexical_text, documents)).save(target / LEXICAL)
        Lexical.build(doc.title for doc in documents).save(target / TITLES)
        Lexical.build(doc.title for doc in documents).save(target / "titles")
        save_columns(Columns.build(documents), target)
        publish(folder, card_of(target, encoder, f"{len(documents)} variations", len(documents)))
    return time.perf_counter() - start


def measured(
    index: Path, encoder: TextEncoder, texts: Sequence[str], brands: Sequence[str], limit: float
) -> dict[str, float]:
    """What a query takes, in milliseconds, with and without constraints and as a chat asks; and the memory, in MB."""
    start = time.perf_counter()
    search = Search.open(index, encoder)
    opening = time.perf_counter() - start
    price = Constraint(PRICE, Op.LE, limit)
    stock = Constraint(IN_STOCK, Op.EQ, True)

    def asked(i: int) -> tuple[Constraint, ...]:
        return (price, stock) if i % 2 else (price, Constraint(BRAND, Op.EQ, brands[i % len(brands)]))

    ways: dict[str, Callable[[int], object]] = {
        "plain": lambda i: search.search(Query(texts[i], k=K)),
        "constraints": lambda i: search.search(Query(texts[i], asked(i), k=K)),
        "chat": lambda i: search.search(Query(texts[i], asked(i), k=K, subject=texts[i])),
        "fresh": lambda i: search.columns.mask((Constraint(ANY, Op.MENTIONS, texts[i].split()[-1]),)),
    }
    found: dict[str, float] = {"products": len(search), "open_seconds": round(opening, 2)}
    for name, ask in ways.items():
        if name != "plain":
            search._similarity.cache_clear()
        spent = []
        for i in range(len(texts)):
            begun = time.perf_counter()
            ask(i)
            spent.append(1000 * (time.perf_counter() - begun))
        for share in (50, 95):
            found[f"{name}_p{share}"] = round(float(np.percentile(spent[3:], share)), 2)
    found["mb"] = peak_mb()
    return found


def peak_mb() -> int:
    """The most memory that this process held, in MB (Linux; what `resource` gives would be the parent's)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) // 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def series(
    documents: Sequence[Document], vectors: Vectors, sizes: Sequence[int], encoder: TextEncoder, asked: Path, out: Path
) -> list[dict[str, float]]:
    """The figures at each size; the queries are those of the file `asked`."""
    rows = []
    for size in sizes:
        folder = out / f"size-{size}"
        if not (folder / "card.json").exists():
            make(folder, list(variations(documents, size)), drifted(vectors, size), encoder)
        command = [sys.executable, "-m", "benchmarks.large_catalogue", "--index", str(folder), "--queries", str(asked)]
        rows.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
        print("  ".join(f"{name} {value}" for name, value in rows[-1].items()))
    return rows


def plot(rows: Sequence[dict[str, float]], path: Path) -> None:
    """The 95th percentiles and the memory over the number of products, as an image."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    sizes = [row["products"] for row in rows]
    for name, label in (
        ("constraints", "with constraints"),
        ("chat", "as a chat asks"),
        ("plain", "without constraints"),
    ):
        left.plot(sizes, [row[f"{name}_p95"] for row in rows], marker="o", label=label)
    left.axhline(60, color="grey", linestyle=":", linewidth=1)
    left.set(xscale="log", ylim=(0, 65), xlabel="products", ylabel="ms a query, 95th percentile")
    left.legend(frameon=False)
    right.plot(sizes, [row["mb"] / 1024 for row in rows], marker="o", color="black")
    right.set(xscale="log", xlabel="products", ylabel="GB of memory")
    figure.savefig(path, dpi=110)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.large_catalogue", description=__doc__)
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--queries", type=Path, required=True, help="JSON: texts, brands, limit")
    parsed = parser.parse_args()
    asked = json.loads(parsed.queries.read_text(encoding="utf-8"))
    print(json.dumps(measured(parsed.index, MiniLM.load(threads=1), **asked)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
