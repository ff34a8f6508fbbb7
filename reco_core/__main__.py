"""Command lines of the recommendation core: learn from a log, and rank items for histories."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from reco_core.core import RecoCore
from reco_core.errors import RecoError
from reco_core.histories import read_histories, write_run


def main(arguments: list[str] | None = None) -> int:
    """Run one command; an error is one line on stderr and exit status 2."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "train":
            _train(options)
        else:
            _recommend(options)
    except RecoError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"error: {error.filename or 'a file'}: {error.strerror or error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m reco_core", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="learn a model from a behaviour log")
    train.add_argument("--log", type=Path, required=True, help="CSV user,item,kind,time (.gz too); kind may be missing")
    train.add_argument("--items", type=Path, help="product JSONL (.gz too): id, brand, category[], price, attributes{}")
    train.add_argument("--vectors", type=Path, help="npz with ids [n] and vectors [n, d]")
    train.add_argument("--out", type=Path, required=True, help="the folder that the model is written to")
    train.add_argument("--seed", type=int, default=0)
    recommend = commands.add_parser("recommend", help="rank items for histories, as a TREC run")
    recommend.add_argument("--model", type=Path, required=True, help="a folder that train wrote")
    recommend.add_argument("--histories", type=Path, required=True, help='JSONL {"user", "items": [...]}, oldest first')
    recommend.add_argument("--k", type=_positive, default=100, help="items for each history (default 100)")
    recommend.add_argument("--run", type=Path, required=True, help="the run to write")
    recommend.add_argument("--repeats", action="store_true", help="items of the history may be returned")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _train(options: argparse.Namespace) -> None:
    from tqdm import tqdm

    from reco_core.items import Items
    from reco_core.items_file import aligned, read_items, read_vectors
    from reco_core.log_file import read_log
    from reco_core.train import train

    log = read_log(options.log)
    vectors = read_vectors(options.vectors) if options.vectors else None
    items = (
        read_items(options.items) if options.items else Items.of(sorted({*log.items, *(vectors[0] if vectors else ())}))
    )
    items = aligned(items, vectors) if vectors else items
    unknown = sum(item not in items.place for item in log.items)
    if unknown:
        print(f"note: {unknown} of the log's {len(log.items)} items are not in the catalogue", file=sys.stderr)
    with tqdm(total=100, unit="%", disable=None, bar_format="{desc:10}{percentage:3.0f}%|{bar}| {elapsed}") as bar:

        def progress(stage: str, done: float) -> None:
            bar.set_description_str(stage, refresh=False)
            bar.n = round(100 * done)
            bar.refresh()

        core = train(log, items, seed=options.seed, progress=progress)
    core.save(options.out)
    print(json.dumps({"model": str(options.out), **core.card}))


def _recommend(options: argparse.Namespace) -> None:
    from tqdm import tqdm

    core = RecoCore.load(options.model)
    histories = list(read_histories(options.histories))
    with options.run.open("w", encoding="utf-8") as stream:
        written = write_run(core, histories, options.k, stream, repeats=options.repeats)
        for _ in tqdm(written, total=len(histories), unit=" histories", disable=None):
            pass


if __name__ == "__main__":
    sys.exit(main())
