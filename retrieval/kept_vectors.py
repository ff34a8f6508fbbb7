"""Vectors that were encoded before: nothing is encoded twice, and a build that was killed goes on where it was."""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrieval.encoder import TextEncoder, Vectors

Keys = NDArray[Any]
"""One key a row, 16 bytes of a hash (numpy's void type)."""

_KEY = "V16"
_MARK = b"vectors1"


class Kept(NamedTuple):
    """Vectors with the keys of their texts, row by row."""

    keys: Keys
    vectors: Vectors


def text_keys(texts: Iterable[str]) -> Keys:
    """The keys of texts: what tells whether two texts are the same."""
    digests = (hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16] for text in texts)
    return np.frombuffer(b"".join(digests), _KEY)


class VectorJournal:
    """A file that only grows: each record is a text's key, its vector and a checksum, forced to disk chunk by chunk.

    A record that a crash tore, and what lies behind it, is dropped; so is the journal of another encoder.
    """

    def __init__(self, path: Path, encoder: TextEncoder) -> None:
        self._path = path
        self._record = np.dtype([("key", _KEY), ("vector", np.float32, (encoder.dimension,)), ("check", np.uint32)])
        self._head = _MARK + hashlib.sha256(encoder.fingerprint.encode()).digest()

    def read(self) -> Kept:
        """What it holds; the file is cut to that."""
        records = np.zeros(0, self._record)
        if self._path.exists() and self._path.stat().st_size >= len(self._head):
            with self._path.open("rb") as file:
                if file.read(len(self._head)) == self._head:
                    raw = file.read()
                    records = np.frombuffer(raw[: len(raw) - len(raw) % self._record.itemsize], self._record)
        torn = (i for i, row in enumerate(records) if zlib.crc32(row.tobytes()[:-4]) != row["check"])
        records = records[: next(torn, len(records))]
        if self._path.exists():
            os.truncate(self._path, len(self._head) + records.nbytes if len(records) else 0)
        return Kept(records["key"], records["vector"])

    def append(self, kept: Kept) -> None:
        """Keep more, durably."""
        records = np.zeros(len(kept.keys), self._record)
        records["key"], records["vector"] = kept
        records["check"] = [zlib.crc32(row.tobytes()[:-4]) for row in records]
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("ab") as file:
            file.write((b"" if file.tell() else self._head) + records.tobytes())
            file.flush()
            os.fsync(file.fileno())


class KeptVectors:
    """Any encoder with a memory: a journal on disk, and what an earlier index holds."""

    def __init__(self, encoder: TextEncoder, journal: Path, earlier: Kept | None = None) -> None:
        """`journal` is made where it is missing; `earlier` are vectors of the same encoder."""
        self._encoder = encoder
        self.name, self.dimension, self.fingerprint = encoder.name, encoder.dimension, encoder.fingerprint
        self._journal = VectorJournal(journal, encoder)
        self._known: dict[bytes, Vectors] = {}
        for kept in (earlier, self._journal.read()):
            if kept is not None:
                self._known.update(zip(map(bytes, kept.keys), kept.vectors, strict=True))

    def encode(self, texts: Sequence[str], *, progress: bool = False) -> Vectors:
        """See `TextEncoder.encode`. Only texts that are not known are encoded; they are kept."""
        keys = text_keys(texts)
        new = {key: text for key, text in zip(map(bytes, keys), texts, strict=True) if key not in self._known}
        if new:
            vectors = self._encoder.encode(list(new.values()), progress=progress)
            self._journal.append(Kept(np.frombuffer(b"".join(new), _KEY), vectors))
            self._known.update(zip(new, vectors, strict=True))
        return np.array([self._known[bytes(key)] for key in keys], np.float32).reshape(len(texts), self.dimension)
