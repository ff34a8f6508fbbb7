"""Vectors that are kept on disk: nothing is encoded twice, and no crash makes a wrong one of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from retrieval.kept_vectors import Kept, KeptVectors, text_keys
from tests.retrieval.word_encoder import WordEncoder

TEXTS = ["an oak desk", "a lamp", "a chair", "a lamp"]


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    path = tmp_path / "there" / "kept.vectors"
    KeptVectors(WordEncoder(), path).encode(TEXTS)
    return path


def encoded_anew(journal: Path, encoder: WordEncoder, texts: list[str] = TEXTS) -> int:
    """How many texts are encoded where the journal is as it is; whatever is kept, the vectors are right."""
    assert np.array_equal(KeptVectors(encoder, journal).encode(texts), WordEncoder(encoder.dimension).encode(texts))
    return encoder.encoded


def test_a_text_is_encoded_once_and_the_same_ever_after(journal: Path) -> None:
    assert encoded_anew(journal, WordEncoder()) == 0
    assert encoded_anew(journal, WordEncoder(), ["a lamp", "a shelf"]) == 1
    assert encoded_anew(journal, WordEncoder(), ["a shelf", "an oak desk"]) == 0


def test_twice_the_same_text_in_one_call_is_encoded_once(tmp_path: Path) -> None:
    encoder = WordEncoder()
    KeptVectors(encoder, tmp_path / "kept").encode(TEXTS)
    assert encoder.encoded == 3


def test_cut_anywhere_it_keeps_what_is_whole(journal: Path) -> None:
    whole = journal.read_bytes()
    for length in range(0, len(whole), 97):
        journal.write_bytes(whole[:length])
        assert encoded_anew(journal, WordEncoder()) == 3 - max(length - 40, 0) // (16 + 4 * 256 + 4)
        assert encoded_anew(journal, WordEncoder()) == 0


def test_damaged_anywhere_it_gives_no_wrong_vector(journal: Path) -> None:
    whole = journal.read_bytes()
    for place in range(0, len(whole), 211):
        journal.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        assert encoded_anew(journal, WordEncoder()) > 0


def test_another_encoders_vectors_are_not_taken(journal: Path) -> None:
    assert encoded_anew(journal, WordEncoder(fingerprint="words-2")) == 3
    assert encoded_anew(journal, WordEncoder(dimension=16)) == 3


def test_what_an_earlier_index_holds_is_not_encoded_again(tmp_path: Path) -> None:
    earlier = Kept(text_keys(TEXTS[:2]), WordEncoder().encode(TEXTS[:2]))
    encoder = WordEncoder()
    KeptVectors(encoder, tmp_path / "kept", earlier).encode(TEXTS)
    assert encoder.encoded == 1
