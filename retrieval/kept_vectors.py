"""An encoder that keeps what it has encoded in a folder, for texts that every start would encode anew."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from retrieval.encoder import TextEncoder, Vectors
from retrieval.fingerprints import text_hash


class KeptVectors:
    """Any encoder with a memory on disk for batches; a single text goes straight through."""

    def __init__(self, encoder: TextEncoder, folder: Path) -> None:
        self._encoder = encoder
        self._folder = folder
        self.name, self.dimension, self.fingerprint = encoder.name, encoder.dimension, encoder.fingerprint

    def encode(self, texts: Sequence[str], *, progress: bool = False) -> Vectors:
        """See `TextEncoder.encode`. A kept file that cannot be read is made anew."""
        if len(texts) < 2:
            return self._encoder.encode(texts, progress=progress)
        path = self._folder / f"vectors-{text_hash([self.fingerprint, *texts])[:24]}.npy"
        if path.exists():
            try:
                kept: Vectors = np.load(path, allow_pickle=False)
            except (OSError, ValueError):
                kept = np.empty((0, 0), np.float32)
            if kept.shape == (len(texts), self.dimension):
                return kept
        vectors = self._encoder.encode(texts, progress=progress)
        self._folder.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".part.npy")
        np.save(partial, vectors, allow_pickle=False)
        partial.replace(path)
        return vectors
