"""Vectors are kept in Chroma, by one process, and searched exactly."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.errors import IndexFolderError
from retrieval.top import best_rows
from retrieval.vectors import DenseIndex, VectorStore

RANDOM = np.random.default_rng(0)
MATRIX = RANDOM.normal(size=(40, 8)).astype(np.float32)
MATRIX /= np.linalg.norm(MATRIX, axis=1, keepdims=True)
OPEN_IT = (
    "import sys; from pathlib import Path; from retrieval.vectors import VectorStore; VectorStore(Path(sys.argv[1]))"
)


@given(st.lists(st.booleans(), min_size=40, max_size=40), st.integers(0, 50), st.integers(0, 39))
def test_the_nearest_under_a_mask_are_those_of_a_full_sort(allowed: list[bool], count: int, row: int) -> None:
    query, mask = MATRIX[row], np.array(allowed)
    similarity = MATRIX @ query
    expected = sorted(np.flatnonzero(mask), key=lambda i: -similarity[i])[:count]
    found = DenseIndex(MATRIX).top(query, similarity, count, mask)
    assert found.rows.tolist() == expected
    np.testing.assert_allclose(found.scores, similarity[expected], atol=1e-6)


@pytest.mark.parametrize("added", [0, 1, 700])
@pytest.mark.parametrize("allowed", [5, 3000, 6000])
def test_in_a_large_catalogue_the_nearest_are_found_by_rounded_numbers_and_ranked_by_exact_ones(
    allowed: int, added: int
) -> None:
    many = RANDOM.normal(size=(6000, 64)).astype(np.float32)
    many /= np.linalg.norm(many, axis=1, keepdims=True)
    index = DenseIndex(many[: len(many) - added])
    for row in range(len(many) - added, len(many)):
        index = index.joined(many[row : row + 1])
    assert len(index) == len(many)
    mask = RANDOM.permutation(len(many)) < allowed
    for query in many[:5]:
        exact = many @ query
        assert np.abs(index.similarity(query) - exact).max() < 0.01
        expected = sorted(np.flatnonzero(mask), key=lambda i: -exact[i])[:100]
        assert index.top(query, index.similarity(query), 100, mask).rows.tolist() == expected


@given(st.lists(st.integers(0, 4), max_size=30), st.integers(0, 12))
def test_ties_go_to_the_smaller_row(scores: list[int], count: int) -> None:
    expected = sorted(range(len(scores)), key=lambda i: (-scores[i], i))[:count]
    assert best_rows(np.array(scores, np.float32), count).rows.tolist() == expected


@pytest.mark.parametrize("levels", [2, 100, 10**6])
@pytest.mark.parametrize("share", [0.001, 0.5, 1.0])
def test_of_very_many_scores_the_best_are_those_of_a_full_sort(levels: int, share: float) -> None:
    scores = RANDOM.integers(0, levels, 60_000).astype(np.float32)
    mask = RANDOM.random(len(scores)) < share
    expected = [row for row in np.lexsort((np.arange(len(scores)), -scores)).tolist() if mask[row]]
    for count in (1, 200, 5000):
        assert best_rows(scores, count, mask).rows.tolist() == expected[:count]


def test_a_store_keeps_replaces_and_removes(tmp_path: Path) -> None:
    ids = [f"p{i}" for i in range(40)]
    with VectorStore(tmp_path) as store:
        store.put(ids, MATRIX, ids)
    with VectorStore(tmp_path) as store:
        np.testing.assert_allclose(store.read(ids[::-1]), MATRIX[::-1], atol=1e-6)
        store.put(["p3"], MATRIX[:1], ["changed"])
        np.testing.assert_allclose(store.read(["p3"]), MATRIX[:1], atol=1e-6)
        store.remove(["p5", "unknown"])
        assert len(store) == 39
        with pytest.raises(IndexFolderError, match="p5"):
            store.read(["p4", "p5"])


def test_a_store_is_brought_to_hold_exactly_some_products_with_the_fewest_writes(tmp_path: Path) -> None:
    with VectorStore(tmp_path) as store:
        assert store.hold(["a", "b", "c"], MATRIX[:3], ["one", "two", "three"]) == 3
        assert store.hold(["d", "c", "b"], MATRIX[3:6], ["four", "three", "changed"]) == 2
        assert len(store) == 3
        np.testing.assert_allclose(store.read(["b", "c", "d"]), MATRIX[[5, 2, 3]], atol=1e-6)


def test_a_second_process_is_refused_with_one_line_until_the_first_lets_go(tmp_path: Path) -> None:
    command = [sys.executable, "-W", "ignore", "-c", OPEN_IT, str(tmp_path)]
    with VectorStore(tmp_path):
        refused = subprocess.run(command, capture_output=True, text=True, check=False)
        assert "another process has the vector store" in refused.stderr.strip().splitlines()[-1]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_a_store_that_is_no_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "chroma.sqlite3").write_bytes(b"not a database, not at all, really" * 100)
    with pytest.raises(IndexFolderError, match="build the index again"):
        VectorStore(tmp_path)
