"""Vectors that are kept on disk between starts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from retrieval.encoder import Vectors
from retrieval.kept_vectors import KeptVectors
from tests.retrieval.word_encoder import WordEncoder


class Counting(WordEncoder):
    """Counts how many batches it was asked for."""

    asked = 0

    def encode(self, texts: Sequence[str], *, progress: bool = False) -> Vectors:
        self.asked += 1
        return super().encode(texts, progress=progress)


def test_a_batch_is_encoded_once_and_the_same_ever_after(tmp_path: Path) -> None:
    first, again = Counting(), Counting()
    texts = ["an oak desk", "a lamp"]
    made = KeptVectors(first, tmp_path).encode(texts)
    kept = KeptVectors(again, tmp_path).encode(texts)
    assert np.array_equal(made, kept)
    assert (first.asked, again.asked) == (1, 0)


def test_other_texts_are_other_vectors(tmp_path: Path) -> None:
    kept = KeptVectors(Counting(), tmp_path)
    assert not np.array_equal(kept.encode(["an oak desk", "a lamp"]), kept.encode(["an oak desk", "a chair"]))


def test_a_damaged_file_is_made_anew(tmp_path: Path) -> None:
    texts = ["an oak desk", "a lamp"]
    made = KeptVectors(Counting(), tmp_path).encode(texts)
    next(tmp_path.glob("*.npy")).write_bytes(b"nothing of the kind")
    assert np.array_equal(KeptVectors(Counting(), tmp_path).encode(texts), made)
