"""``python -m retrieval`` does what its contract says, and an error is one line and exit status 2."""

from __future__ import annotations

import dataclasses
import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from retrieval.__main__ import main
from tests.retrieval.shop import SHOP


@pytest.fixture(scope="module")
def products(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "products.jsonl.gz"
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(dataclasses.asdict(doc)) + "\n" for doc in SHOP)
    return path


@pytest.fixture(scope="module")
def index(products: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built") / "index"
    assert main(["build", "--products", str(products), "--index", str(folder)]) == 0
    return folder


def test_a_run_is_written_in_trec_form(index: Path, tmp_path: Path) -> None:
    queries, out = tmp_path / "q.tsv", tmp_path / "new" / "out.run"
    queries.write_text("q1\tleather boots\nq2\t\nq3\tcouch\n", encoding="utf-8")
    assert main(["search", "--index", str(index), "--queries", str(queries), "--k", "3", "--run", str(out)]) == 0
    rows = [line.split(" ") for line in out.read_text().splitlines()]
    assert [row[0] for row in rows] == ["q1"] * 3 + ["q2"] * 3 + ["q3"] * 3
    assert rows[0][1:4] == ["Q0", "boots", "1"]
    assert all(len(row) == 6 and row[5] == "shopkeeper" for row in rows)
    assert [row[3] for row in rows] == ["1", "2", "3"] * 3
    scores = [float(row[4]) for row in rows]
    assert all(scores[i] >= scores[i + 1] for i in (0, 1, 3, 4, 6, 7))


def test_building_again_is_nothing_to_do(index: Path, products: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build", "--products", str(products), "--index", str(index)]) == 0
    assert "up to date" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"id": 1}\n', "line 1: has no title"),
        ('{"id": 1, "title": "a"}\n{"id": 1, "title": "b"}\n', "line 2: id '1' was used before"),
        ("{\n", "line 1"),
        ("", "no products"),
        ("[1]\n", "not a JSON object"),
    ],
)
def test_bad_products_are_one_line(content: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text(content, encoding="utf-8")
    assert main(["build", "--products", str(path), "--index", str(tmp_path / "i")]) == 2
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert said in error
    assert not (tmp_path / "i").exists()


def test_bad_queries_and_indexes_are_one_line(index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.tsv"
    bad.write_text("no tab here\n", encoding="utf-8")
    for folder, queries in ((index, bad), (index, tmp_path / "missing.tsv"), (tmp_path, bad), (tmp_path / "no", bad)):
        assert main(["search", "--index", str(folder), "--queries", str(queries), "--run", str(tmp_path / "o")]) == 2
        assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_as_a_process_it_helps_and_fails_as_contracted(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "retrieval"]
    for arguments in (["--help"], ["build", "--help"], ["search", "--help"]):
        helped = subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)
        assert (helped.returncode, helped.stderr) == (0, "")
    failed = subprocess.run(
        [*command, "build", "--products", str(tmp_path / "none"), "--index", str(tmp_path / "i")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert failed.returncode == 2
    assert len(failed.stderr.splitlines()) == 1
    assert "Traceback" not in failed.stderr
