"""The benchmarks count as they say, and run on any catalogue."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import search_quality, search_speed
from benchmarks.search_quality import graded, interval, measure
from tests.retrieval.shop import SHOP
from tests.retrieval.word_encoder import WordEncoder


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    (folder / "p.jsonl").write_text("\n".join(json.dumps(dataclasses.asdict(d)) for d in SHOP), encoding="utf-8")
    (folder / "q.tsv").write_text("1\tleather boots\n2\twireless mouse\n3\tnothing good\n4\tunjudged\n")
    (folder / "rels").write_text("1 0 boots 3\n1 0 tee 0\n2 0 mouse-red 3\n2 0 mouse-blue 1\n3 0 bare 0\n")
    return folder


def test_grades_become_gains() -> None:
    grades = {"q": {"a": 3.0, "b": 0.0}}
    assert graded(grades, "auto") == {"q": {"a": 7.0, "b": 0.0}}
    assert graded(grades, "linear") == grades
    assert graded({"q": {"a": 1.0, "b": 0.1}}, "auto") == {"q": {"a": 1.0, "b": 0.1}}


def test_unjudged_products_gain_nothing_except_in_the_judged_only_figure() -> None:
    figures = measure({"q": [("x", 2.0), ("a", 1.0)]}, {"q": {"a": 1.0}})
    assert figures["ndcg@10"][0] == pytest.approx(1 / np.log2(3))
    assert figures["judged only"][0] == 1.0
    assert figures["recall@100"][0] == 1.0


def test_an_interval_holds_the_mean_and_shrinks_with_more_queries() -> None:
    few, many = np.arange(10) / 10, np.tile(np.arange(10) / 10, 50)
    assert interval(few)[0] < few.mean() < interval(few)[1]
    assert interval(many)[1] - interval(many)[0] < interval(few)[1] - interval(few)[0]


def test_quality_counts_the_queries_with_a_good_product_and_writes_runs(
    data: Path, tmp_path: Path, encoder: WordEncoder, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = ["--products", str(data / "p.jsonl"), "--queries", str(data / "q.tsv"), "--qrels", str(data / "rels")]
    report = search_quality.run(search_quality.parse([*paths, "--out", str(tmp_path)]), lambda: encoder)
    assert "judged only" in capsys.readouterr().out
    assert (report["queries"], report["products"]) == (2, len(SHOP))
    assert set(report["systems"]) == {"BM25", "MiniLM", "RRF of the two", "ours"}
    assert report["best_peer"] in report["systems"]
    assert (tmp_path / "ours.run").read_text().startswith("1 Q0 boots 1 ")


def test_speed_measures_every_peer(
    data: Path, tmp_path: Path, encoder: WordEncoder, capsys: pytest.CaptureFixture[str]
) -> None:
    parsed = search_speed.parse(["--products", str(data / "p.jsonl"), "--out", str(tmp_path)])
    report = search_speed.run(parsed, lambda: encoder)
    assert all(0 < row["p50"] <= row["p95"] for row in report["ms"].values())
    assert "Chroma alone, with a price filter" in report["ms"]
    assert "p95" in capsys.readouterr().out


def test_bad_input_is_one_line(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = ["--products", str(data / "p.jsonl"), "--queries", str(data / "q.tsv"), "--qrels", str(data / "q.tsv")]
    assert search_quality.main([*paths, "--out", str(tmp_path)]) == 2
    assert "not of the form" in capsys.readouterr().err
