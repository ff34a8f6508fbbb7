"""BM25 over words, stems, measures and model numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from retrieval.lexical import Lexical, terms

TEXTS = ["running shoes", "shoe rack", "WH-1000XM4 headphones", "32GB memory card", "64 GB memory card", ""]


def test_words_stems_measures_and_model_numbers_are_terms() -> None:
    assert terms("Runners' running shoes") == ["runner", "run", "shoe"]
    assert "32gb" in terms("32 GB stick")
    assert "wh1000xm4" in terms("Sony WH-1000XM4")


def test_it_finds_by_words_under_a_mask() -> None:
    lexical = Lexical.build(TEXTS)
    assert lexical.top("run", 5).rows.tolist() == [0]
    assert lexical.top("shoe", 5).rows.tolist() == [0, 1]
    assert lexical.top("shoe", 1).rows.tolist() == [0]
    assert lexical.top("shoe", 5, np.arange(6) == 1).rows.tolist() == [1]
    assert lexical.top("wh1000xm4", 5).rows.tolist() == [2]
    assert lexical.top("32gb card", 1).rows.tolist() == [3]
    assert lexical.top("unheard of", 5).rows.tolist() == []
    assert lexical.top("", 5).rows.tolist() == []


def test_scores_are_those_of_the_library() -> None:
    import bm25s

    plain = bm25s.BM25(k1=1.2, b=0.75, method="lucene")
    plain.index([terms(text) for text in TEXTS], show_progress=False)
    expected = plain.get_scores(terms("memory shoes"))
    np.testing.assert_allclose(Lexical.build(TEXTS).scores("memory shoes"), expected, rtol=1e-6)


@pytest.mark.parametrize("first", range(1, len(TEXTS)))
def test_texts_that_were_added_later_are_found_as_if_they_had_been_there(first: int) -> None:
    mean = np.mean([len(terms(text)) for text in TEXTS])
    lexical = Lexical.build(TEXTS[:first], float(mean))
    for text in TEXTS[first:]:
        lexical = lexical.joined([text])
    for query in ("memory shoes", "card", "unheard of"):
        np.testing.assert_allclose(lexical.scores(query), Lexical.build(TEXTS).scores(query), rtol=1e-6)


def test_it_is_kept_without_pickle(tmp_path: Path) -> None:
    Lexical.build(TEXTS).save(tmp_path)
    assert {path.suffix for path in tmp_path.iterdir()} == {".npy", ".json"}
    back = Lexical.load(tmp_path)
    np.testing.assert_array_equal(back.scores("shoe"), Lexical.build(TEXTS).scores("shoe"))


@pytest.mark.parametrize("texts", [[""], ["", "!!"]])
def test_texts_without_words_make_an_index_that_finds_nothing(texts: list[str]) -> None:
    assert Lexical.build(texts).top("shoe", 3).rows.tolist() == []
