"""What each step of the ranking gives, and whether the choice of steps holds on queries that it was not made on.

    python -m benchmarks.search_ablation --catalogue NAME PRODUCTS QUERIES QRELS … --out DIR

Nothing of the ranking is fitted, but somebody chose its signs while looking at queries. So the choice is made again by
rule, over every set of signs: for each catalogue the best set of the other catalogues (leave one catalogue out), and
for each fifth of the queries the best set of the other four (k-fold). If those do as well as all signs, the choice was
no luck. Last, every query gets one typing error.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.search_quality import Gains, Remembering, Values, graded, interval
from reco_core.metrics import ndcg_at_k
from retrieval.build import build
from retrieval.denied import Asked, read_denials
from retrieval.documents import read_documents
from retrieval.encoder import MiniLM, TextEncoder
from retrieval.errors import RetrievalError
from retrieval.query import Query
from retrieval.rerank_agreement import agreement
from retrieval.search import POOL, Search, Sign, clean
from retrieval.trec import read_judgements, read_queries

SIGNS = ("words", "meaning", "title", "whole query", "brand", "denied")
FOLDS = 5
_SEED = 1
_VOWELS_AND_MORE = "aeioutnrsl"

Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """One query: its candidates, fused, with what speaks for each of them, and the gains of the products."""

    products: list[str]
    signs: dict[str, list[Sign]]
    gains: dict[str, float]

    def ndcg(self, names: Sequence[str]) -> float:
        """nDCG@10 of the order by these signs; in the fused order without any."""
        signs = [sign for name in names for sign in self.signs[name]]
        order = np.argsort(-agreement(signs), kind="stable") if signs else np.arange(len(self.products))
        return ndcg_at_k([self.products[i] for i in order], self.gains, 10)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A catalogue with its queries and judgements, opened."""

    name: str
    search: Search
    queries: dict[str, str]
    gains: Gains

    def cases(self, read: Callable[[str], Asked]) -> list[Case]:
        return [self._case(key, read(clean(text))) for key, text in self.queries.items()]

    def _case(self, key: str, asked: Asked) -> Case:
        everything = self.search.columns.mask(())
        rows = np.array([row for row, _, _ in self.search.candidates(asked, everything)[:POOL]], np.int64)
        return Case([self.search.columns.ids[r] for r in rows], self.search.signs(asked, rows), self.gains[key])

    def ours(self, queries: dict[str, str]) -> Values:
        """nDCG@10 of the search as it is served."""
        found = {q: [hit.product_id for hit in self.search.search(Query(text))] for q, text in queries.items()}
        return np.array([ndcg_at_k(products, self.gains[q], 10) for q, products in found.items()])


def opened(name: str, paths: Sequence[str], out: Path, encoder: TextEncoder) -> Catalogue:
    products, queries, qrels = map(Path, paths)
    gains = graded(read_judgements(qrels), "auto")
    asked = {q: t for q, t in read_queries(queries).items() if any(gain > 0 for gain in gains.get(q, {}).values())}
    build(read_documents(products), out / name / "index", Remembering(encoder, out / name / "vectors"))
    return Catalogue(name, Search.open(out / name / "index", encoder), asked, gains)


def steps(catalogue: Catalogue) -> dict[str, Values]:
    """nDCG@10 by query as the steps are added, and without each sign alone."""
    plain, read = catalogue.cases(Asked), catalogue.cases(read_denials)
    found = {"fusion": values(plain, ())}
    for count in range(2, len(SIGNS)):
        added = SIGNS[1] if count == 2 else SIGNS[count - 1]
        found[f"signs: words and {added}" if count == 2 else f"+ {added}"] = values(plain, SIGNS[:count])
    found["+ denied words left out of the query"] = values(read, SIGNS[:-1])
    found["+ denied"] = values(read, SIGNS)
    found["+ spelling: as served"] = catalogue.ours(catalogue.queries)
    for name in SIGNS:
        found[f"all signs but {name}"] = values(read, tuple(n for n in SIGNS if n != name))
    return found


def values(cases: Sequence[Case], names: Sequence[str]) -> Values:
    return np.array([case.ndcg(names) for case in cases])


def choices(cases: Sequence[Case]) -> dict[Names, Values]:
    """nDCG@10 by query of every set of signs."""
    sets = (names for count in range(1, len(SIGNS) + 1) for names in combinations(SIGNS, count))
    return {names: values(cases, names) for names in sets}


def left_out(tables: dict[str, dict[Names, Values]]) -> dict[str, tuple[Names, Values]]:
    """For each catalogue: the set of signs that is best on the others, and its values here."""
    found = {}
    for name, table in tables.items():
        others = [t for other, t in tables.items() if other != name]
        best = max(table, key=lambda names: sum(float(t[names].mean()) for t in others))
        found[name] = best, table[best]
    return found


def folded(table: dict[Names, Values]) -> Values:
    """For each query: the value of the set of signs that is best on the queries of the other folds."""
    count = len(next(iter(table.values())))
    fold: NDArray[np.int64] = np.random.default_rng(_SEED).permutation(count) % FOLDS
    found = np.zeros(count)
    for one in range(min(FOLDS, count)):
        rest = fold != one
        best = max(table, key=lambda names: float(table[names][rest].mean()) if rest.any() else 0.0)
        found[~rest] = table[best][~rest]
    return found


def with_typo(text: str, draw: random.Random) -> str | None:
    """The text with one letter of one of its longer words lost, swapped, doubled or replaced; None without such."""
    spoken = text.lower().split()
    long = [i for i, word in enumerate(spoken) if word.isalpha() and len(word) >= 5]
    if not long:
        return None
    at = draw.choice(long)
    word = spoken[at]
    i = draw.randrange(1, len(word) - 1)
    spoken[at] = draw.choice(
        (
            word[:i] + word[i + 1 :],
            word[:i] + word[i + 1] + word[i] + word[i + 2 :],
            word[:i] + word[i] + word[i:],
            word[:i] + draw.choice(_VOWELS_AND_MORE) + word[i + 1 :],
        )
    )
    return " ".join(spoken)


def typos(catalogue: Catalogue) -> dict[str, Values]:
    """nDCG@10 of queries as they are and with a typing error, with and without spelling put right."""
    draw = random.Random(_SEED)
    wrong = {q: w for q, t in catalogue.queries.items() if (w := with_typo(t, draw)) is not None}
    mistyped = Catalogue(catalogue.name, catalogue.search, wrong, catalogue.gains)
    cases = mistyped.cases(read_denials)
    return {
        "as it was": catalogue.ours({q: catalogue.queries[q] for q in wrong}),
        "mistyped, plain fusion": values(mistyped.cases(Asked), ()),
        "mistyped, not put right": values(cases, SIGNS),
        "mistyped, as served": catalogue.ours(wrong),
    }


def run(parsed: argparse.Namespace, load_encoder: Callable[[], TextEncoder]) -> dict[str, Any]:
    encoder = load_encoder()
    catalogues = [opened(name, paths, parsed.out, encoder) for name, *paths in parsed.catalogue]
    tables = {c.name: choices(c.cases(read_denials)) for c in catalogues}
    elsewhere = left_out(tables) if len(tables) > 1 else {}
    report: dict[str, Any] = {"benchmark": "search_ablation"}
    for catalogue in catalogues:
        table = tables[catalogue.name]
        found = steps(catalogue)
        served, whole, fusion = found["+ spelling: as served"], table[SIGNS], found["fusion"]
        print(
            f"\n{catalogue.name}: nDCG@10, {len(served)} queries; the difference to all of it, 95% of the bootstrap\n"
        )
        _print(found, served)
        chosen = {f"chosen by {FOLDS}-fold": folded(table)}
        if catalogue.name in elsewhere:
            names, value = elsewhere[catalogue.name]
            chosen[f"chosen on the others: {', '.join(names)}"] = value
        _print({**chosen, "all signs": whole}, fusion)
        mistyped = typos(catalogue)
        _print(mistyped, mistyped["as it was"])
        report[catalogue.name] = {n: round(float(v.mean()), 4) for n, v in {**found, **chosen, **mistyped}.items()}
    return report


def _print(rows: dict[str, Values], against: Values) -> None:
    for name, row in rows.items():
        low, high = interval(row - against)
        print(f"{name:64.64}{row.mean():8.3f}   {low:+.3f} … {high:+.3f}")
    print()


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search_ablation", description=__doc__)
    parser.add_argument(
        "--catalogue", nargs=4, action="append", required=True, metavar=("NAME", "PRODUCTS", "QUERIES", "QRELS")
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="for the indexes")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    parsed = parse(arguments)
    try:
        report = run(parsed, MiniLM.load)
    except (RetrievalError, OSError) as error:
        print(f"search_ablation: {error}", file=sys.stderr)
        return 2
    print(json.dumps(report))
    return 0


if __name__ == "__main__":
    sys.exit(main())
