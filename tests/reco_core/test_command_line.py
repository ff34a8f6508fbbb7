"""The command lines, used as somebody would who has nothing but files."""

from __future__ import annotations

import csv
import gzip
import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from reco_core.__main__ import main
from reco_core.interactions import KINDS
from tests.reco_core.small_shop import small_items, small_log


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a log, items, vectors and histories, and a model learnt from them."""
    folder = tmp_path_factory.mktemp("shop")
    log, items = small_log(), small_items(vectors=True)
    with gzip.open(folder / "log.csv.gz", "wt", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["user", "item", "kind", "time"])
        for u, i, k, t in zip(log.user, log.item, log.kind, log.time, strict=True):
            writer.writerow([log.users[u], log.items[i], KINDS[k].value, t])
    with (folder / "items.jsonl").open("w", encoding="utf-8") as stream:
        for item in [*items.ids, "never sold"]:
            stream.write(json.dumps({"id": item, "title": item, "category": ["Home", item[0]], "price": 10}) + "\n")
    assert items.vectors is not None
    np.savez(folder / "vectors.npz", ids=np.asarray(items.ids), vectors=items.vectors)
    histories = [{"user": "u 1", "items": ["A1", "C2", "A1"]}, {"user": 2, "items": []}, {"user": "x", "items": ["?"]}]
    (folder / "histories.jsonl").write_text("".join(json.dumps(h) + "\n" for h in histories))
    arguments = ["train", "--log", str(folder / "log.csv.gz"), "--out", str(folder / "model")]
    assert main([*arguments, "--items", str(folder / "items.jsonl"), "--vectors", str(folder / "vectors.npz")]) == 0
    return folder


def recommended(files: Path, *more: str) -> dict[str, list[list[str]]]:
    run = files / "out.run"
    arguments = ["recommend", "--model", str(files / "model"), "--histories", str(files / "histories.jsonl")]
    assert main([*arguments, "--run", str(run), *more]) == 0
    found = defaultdict(list)
    for line in run.read_text().splitlines():
        assert len(line.split(" ")) == 6
        found[line.split()[0]].append(line.split())
    return found


def test_a_run_names_the_user_and_ranks_each_item_once_by_falling_score(files: Path) -> None:
    found = recommended(files, "--k", "15")
    assert list(found) == ["u%201", "2", "x"]
    for rows in found.values():
        assert [int(row[3]) for row in rows] == list(range(1, 16))
        assert len({row[2] for row in rows}) == 15
        scores = [float(row[4]) for row in rows]
        assert scores == sorted(scores, reverse=True)
        assert {row[1] for row in rows} == {"Q0"}


def test_nothing_of_a_history_comes_back_unless_asked_for(files: Path) -> None:
    plain, repeats = recommended(files, "--k", "200"), recommended(files, "--k", "200", "--repeats")
    assert not {"A1", "C2"} & {row[2] for row in plain["u%201"]}
    assert {"A1", "C2"} <= {row[2] for row in repeats["u%201"]}
    assert "never%20sold" in {row[2] for row in plain["2"]}


def test_a_log_alone_is_enough(files: Path, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("user,item,time\n" + "".join(f"{n % 9},{n % 13},{n}\n" for n in range(300)))
    assert main(["train", "--log", str(tmp_path / "log.csv"), "--out", str(tmp_path / "model")]) == 0
    assert main(["train", "--log", str(tmp_path / "log.csv"), "--out", str(tmp_path / "model")]) == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["train", "--log", "none.csv", "--out", "m"],
        ["train", "--log", "log.csv.gz", "--items", "none.jsonl", "--out", "m"],
        ["train", "--log", "log.csv.gz", "--vectors", "items.jsonl", "--out", "m"],
        ["recommend", "--model", "none", "--histories", "histories.jsonl", "--run", "r"],
        ["recommend", "--model", "model", "--histories", "none.jsonl", "--run", "r"],
        ["recommend", "--model", "model", "--histories", "log.csv.gz", "--run", "r"],
        ["recommend", "--model", "model", "--histories", "bad.jsonl", "--run", "r"],
        ["recommend", "--model", "model", "--histories", "twice.jsonl", "--run", "r"],
        ["recommend", "--model", "model", "--histories", "histories.jsonl", "--run", "no/such/folder/r"],
    ],
)
def test_an_error_is_one_line_and_status_2(
    files: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    monkeypatch.chdir(files)
    (files / "bad.jsonl").write_text('{"user": "a", "items": ["x"]}\n{"user": "b", "items": "x"}\n')
    (files / "twice.jsonl").write_text('{"user": "a", "items": ["x"]}\n' * 2)
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert error.count("\n") == 1


def test_it_runs_as_a_module_and_serving_imports_nothing_heavy() -> None:
    script = (
        "import sys, reco_core.core, reco_core.histories, reco_core.artifact\n"
        "print([m for m in ('torch', 'sklearn', 'scipy', 'pandas') if m in sys.modules])"
    )
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"
    helped = subprocess.run([sys.executable, "-m", "reco_core", "--help"], capture_output=True, text=True, check=True)
    assert "recommend" in helped.stdout
