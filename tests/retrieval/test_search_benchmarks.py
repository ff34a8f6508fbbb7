"""The benchmarks count as they say, and run on any catalogue."""

from __future__ import annotations

import dataclasses
import json
import random
from pathlib import Path

import numpy as np
import pytest

from benchmarks import large_catalogue, search_ablation, search_quality, search_speed
from benchmarks.search_quality import Values, by_fold, graded, interval, measure, relative
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


def test_a_relative_gain_is_paired_and_folds_hold_every_query_once() -> None:
    ours, peer = np.array([0.2, 0.4, 0.6, 0.8, 1.0, 0.0]), np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.0])
    assert relative(ours, peer) == pytest.approx((1.0, 1.0, 1.0))
    assert relative(ours, np.zeros(6))[0] > 0
    assert len(by_fold(ours, peer)) == 5
    assert by_fold(ours[:1], peer[:1]) == [pytest.approx(0.1)]


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


def test_an_ablation_chooses_signs_on_other_queries_and_other_catalogues(
    data: Path, tmp_path: Path, encoder: WordEncoder, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [str(data / name) for name in ("p.jsonl", "q.tsv", "rels")]
    parsed = search_ablation.parse(["--catalogue", "one", *paths, "--catalogue", "two", *paths, "--out", str(tmp_path)])
    report = search_ablation.run(parsed, lambda: encoder)
    assert report["one"] == report["two"]
    assert report["one"]["as it was"] == report["one"]["mistyped, as served"]
    assert any(name.startswith("chosen on the others") for name in report["one"])
    assert "5-fold" in capsys.readouterr().out


def test_a_choice_is_made_without_the_queries_that_it_is_measured_on() -> None:
    lucky: dict[tuple[str, ...], Values] = {
        ("a",): np.array([1.0, 0.0, 0.0, 0.0, 0.0]),
        ("b",): np.array([0.0, 0.1, 0.1, 0.1, 0.1]),
    }
    assert search_ablation.folded(lucky).sum() < 0.5
    even = {names: np.full(5, 0.5) for names in lucky}
    names, value = search_ablation.left_out({"x": lucky, "y": even})["y"]
    assert names == ("a",)
    assert value.mean() == 0.5


def test_a_typing_error_is_in_one_of_the_longer_words() -> None:
    draw = random.Random(0)
    found = [str(search_ablation.with_typo("red leather", draw)).split() for _ in range(50)]
    assert {first for first, _ in found} == {"red"}
    assert len({second for _, second in found} - {"leather"}) > 5
    assert search_ablation.with_typo("red mug", draw) is None


def test_speed_measures_every_peer(
    data: Path, tmp_path: Path, encoder: WordEncoder, capsys: pytest.CaptureFixture[str]
) -> None:
    parsed = search_speed.parse(["--products", str(data / "p.jsonl"), "--out", str(tmp_path)])
    report = search_speed.run(parsed, lambda: encoder)
    assert all(0 < row["p50"] <= row["p95"] for row in report["ms"].values())
    assert {"Chroma alone, with a price filter", "a new product in the live index"} <= set(report["ms"])
    assert "p95" in capsys.readouterr().out


def test_a_catalogue_of_any_size_is_varied_from_a_real_one_and_measured(tmp_path: Path, encoder: WordEncoder) -> None:
    documents = list(large_catalogue.variations(SHOP, 35))
    assert documents[: len(SHOP)] == list(SHOP)
    assert len({doc.id for doc in documents}) == 35
    vectors = large_catalogue.drifted(encoder.encode([doc.title for doc in SHOP]), 35)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert (vectors[10:20] * vectors[:10]).sum(axis=1).min() > 0.95
    large_catalogue.make(tmp_path / "index", documents, vectors, encoder)
    row = large_catalogue.measured(
        tmp_path / "index", encoder, ["mouse", "boots", "red tee", "jug", "gift"], ["Sole"], 50
    )
    assert row["products"] == 35
    assert 0 < row["constraints_p50"] <= row["constraints_p95"]
    assert 10 < row["mb"] < 10_000
    large_catalogue.plot([row], tmp_path / "sizes.png")
    assert (tmp_path / "sizes.png").stat().st_size > 1000


def test_bad_input_is_one_line(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = ["--products", str(data / "p.jsonl"), "--queries", str(data / "q.tsv"), "--qrels", str(data / "q.tsv")]
    assert search_quality.main([*paths, "--out", str(tmp_path)]) == 2
    assert "not of the form" in capsys.readouterr().err
