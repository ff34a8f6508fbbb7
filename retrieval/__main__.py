"""``python -m retrieval``: build an index from product JSONL, and search it with a file of queries."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.errors import RetrievalError

if TYPE_CHECKING:
    from collections.abc import Iterator


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit status: 0, or 2 with one line on stderr for an error, or 130 where it was stopped."""
    parsed = _parser().parse_args(arguments)
    try:
        parsed.run(parsed)
    except (RetrievalError, OSError) as error:
        print(f"retrieval: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("retrieval: stopped; an index that was there before is untouched", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m retrieval", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    build = commands.add_parser("build", help="build an index", description="Build an index from product JSONL.")
    build.add_argument("--products", type=Path, required=True, metavar="FILE", help="product JSONL; .gz too")
    build.add_argument("--index", type=Path, required=True, metavar="DIR", help="where the index is written")
    build.set_defaults(run=_build)
    search = commands.add_parser("search", help="search an index", description="Search with each line of a file.")
    search.add_argument("--index", type=Path, required=True, metavar="DIR")
    search.add_argument("--queries", type=Path, required=True, metavar="FILE", help="lines of: query id, tab, text")
    search.add_argument("--k", type=_positive, default=100, help="products a query (default: 100)")
    search.add_argument("--run", type=Path, required=True, metavar="FILE", dest="out", help="the TREC run to write")
    search.add_argument("--tag", default="shopkeeper", help="the run's name in its last column")
    search.set_defaults(run=_search)
    return parser


def _build(arguments: argparse.Namespace) -> None:
    from tqdm import tqdm

    from retrieval.build import build
    from retrieval.documents import read_documents
    from retrieval.encoder import MiniLM

    documents = list(read_documents(arguments.products))
    with tqdm(total=len(documents), unit="product", disable=None) as bar:

        def show(step: str, done: int, _of: int) -> None:
            bar.set_description(step)
            bar.update(done - bar.n if step == "embedding" else 0)

        built = build(documents, arguments.index, MiniLM.load(), show)
    state = "is up to date" if built.reused else "is built"
    print(f"the index of {built.products} products in {arguments.index} {state}")


def _search(arguments: argparse.Namespace) -> None:
    from tqdm import tqdm

    from retrieval.encoder import MiniLM
    from retrieval.index_folder import read_card
    from retrieval.live import LiveIndex
    from retrieval.query import Query
    from retrieval.trec import read_queries, write_run

    queries = read_queries(arguments.queries)
    read_card(arguments.index)  # before the encoder is loaded, which takes seconds
    search = LiveIndex(arguments.index, MiniLM.load()).search

    def answers() -> Iterator[tuple[str, list[tuple[str, float]]]]:
        for query_id, text in tqdm(queries.items(), unit="query", disable=None):
            hits = search.search(Query(text, k=arguments.k))
            yield query_id, [(hit.product_id, hit.score) for hit in hits]

    write_run(arguments.out, answers(), arguments.tag)
    print(f"{len(queries)} queries answered; the run is in {arguments.out}")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


if __name__ == "__main__":
    sys.exit(main())
