"""The files of retrieval experiments: queries, judgements and runs, in TREC's forms."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path

from retrieval.errors import QueryError

Ranking = list[tuple[str, float]]


def read_queries(path: Path) -> dict[str, str]:
    """Texts by query id, from lines of ``id<TAB>text``. Raises QueryError, naming the line, for one of another form."""
    queries: dict[str, str] = {}
    for number, line in _lines(path):
        query_id, tab, text = line.partition("\t")
        if not tab or not query_id.strip() or len(query_id.split()) != 1:
            raise QueryError(f"{path.name}, line {number}: not of the form: query id, tab, text")
        if query_id.strip() in queries:
            raise QueryError(f"{path.name}, line {number}: query id {query_id.strip()!r} was used before")
        queries[query_id.strip()] = text.strip()
    return queries


def read_judgements(path: Path) -> dict[str, dict[str, float]]:
    """Grades by query and product, from lines of ``query_id 0 doc_id grade``."""
    grades: dict[str, dict[str, float]] = {}
    for number, line in _lines(path):
        columns = line.split()
        try:
            query_id, _, product_id, grade = columns
            grades.setdefault(query_id, {})[product_id] = float(grade)
        except ValueError:
            raise QueryError(f"{path.name}, line {number}: not of the form: query_id 0 doc_id grade") from None
        if not math.isfinite(grades[query_id][product_id]):
            raise QueryError(f"{path.name}, line {number}: the grade is not a finite number")
    return grades


def write_run(path: Path, answers: Iterable[tuple[str, Ranking]], tag: str) -> None:
    """Write ``query_id Q0 doc_id rank score tag`` lines, ranks from 1; the file appears when it is whole."""
    draft = path.with_name(path.name + ".part")
    path.parent.mkdir(parents=True, exist_ok=True)
    with draft.open("w", encoding="utf-8") as file:
        for query_id, ranking in answers:
            for rank, (product_id, score) in enumerate(ranking, start=1):
                file.write(f"{query_id} Q0 {product_id} {rank} {score:.6f} {tag}\n")
    draft.replace(path)


def _lines(path: Path) -> Iterable[tuple[int, str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise QueryError(f"cannot read {path}: {error}") from error
    return [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
