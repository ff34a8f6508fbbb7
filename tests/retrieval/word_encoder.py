"""An encoder small enough to reason about: a text is the sum of a fixed random direction for each of its words."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from retrieval.encoder import Vectors
from retrieval.words import words


class WordEncoder:
    """Texts that share words are similar; nothing else is."""

    def __init__(self, dimension: int = 256, fingerprint: str = "words-1") -> None:
        self.name, self.dimension, self.fingerprint = "words", dimension, fingerprint
        self.encoded = 0
        self._directions: dict[str, Vectors] = {}

    def encode(self, texts: Sequence[str], *, progress: bool = False) -> Vectors:
        self.encoded += len(texts)
        rows = [np.sum([self._direction(w) for w in words(t) or ("",)], axis=0) for t in texts]
        matrix = np.array(rows, np.float32).reshape(len(texts), self.dimension)
        matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
        return matrix

    def _direction(self, word: str) -> Vectors:
        if word not in self._directions:
            seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")
            self._directions[word] = np.random.default_rng(seed).normal(size=self.dimension).astype(np.float32)
        return self._directions[word]
