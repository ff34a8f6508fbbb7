"""Vectors of the catalogue: kept durably in Chroma, searched exactly in memory.

Chroma holds catalogue text and vectors only, never personal data. It is opened by one process at a time (two writers
corrupt it), and its HTTP server is never run. A query does not go through it: with a filter it scans for tens of
milliseconds, where one matrix product over the same vectors under a mask takes a few.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import IndexFolderError
from retrieval.top import Ranked, best_rows

Vectors = NDArray[np.float32]

_COLLECTION = "products"
_BATCH = 2000
_SPARSE = 0.25  # below this share of rows, gathering them first beats multiplying all


class DenseIndex:
    """All vectors as one matrix, row by row as the catalogue; exact search by inner product."""

    def __init__(self, matrix: Vectors) -> None:
        self.matrix = matrix

    def similarity(self, query: Vectors) -> Vectors:
        """The cosine of every row with a query vector of length 1."""
        product: Vectors = self.matrix @ query
        return product

    def top(self, query: Vectors, count: int, mask: NDArray[np.bool_] | None = None) -> Ranked:
        """The `count` nearest rows under `mask`."""
        if mask is not None and (allowed := np.flatnonzero(mask)).size < _SPARSE * len(self.matrix):
            nearest = best_rows(self.matrix[allowed] @ query, count)
            return Ranked(allowed[nearest.rows], nearest.scores)
        return best_rows(self.similarity(query), count, mask)


class VectorStore:
    """A Chroma collection in a folder of its own, held by this process until it is closed."""

    def __init__(self, folder: Path) -> None:
        """Opens the store, making it where there is none.

        Raises IndexFolderError where another process has it open, or where it cannot be read.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = _lock(folder)
        try:
            self._client, self._collection = _open_chroma(folder)
        except BaseException:
            self._lock.close()
            raise

    def __enter__(self) -> VectorStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the folder."""
        self._client.close()
        self._lock.close()

    def __len__(self) -> int:
        return int(self._collection.count())

    def put(self, ids: Sequence[str], vectors: Vectors, texts: Sequence[str]) -> None:
        """Add products, or replace those that are there."""
        for start in range(0, len(ids), _BATCH):
            part = slice(start, start + _BATCH)
            self._collection.upsert(ids=list(ids[part]), embeddings=vectors[part], documents=list(texts[part]))

    def remove(self, ids: Sequence[str]) -> None:
        """Remove products; an unknown id is no error."""
        for start in range(0, len(ids), _BATCH):
            self._collection.delete(ids=list(ids[start : start + _BATCH]))

    def read(self, ids: Sequence[str]) -> Vectors:
        """The vectors of `ids`, in their order. Raises IndexFolderError where one is missing."""
        rows: dict[str, Any] = {}
        for start in range(0, len(self), _BATCH):
            page = self._collection.get(include=["embeddings"], limit=_BATCH, offset=start)
            rows.update(zip(page["ids"], page["embeddings"], strict=True))
        missing = next((i for i in ids if i not in rows), None)
        if missing is not None:
            raise IndexFolderError(f"the vector store lacks product {missing!r}; build the index again")
        return np.ascontiguousarray([rows[i] for i in ids], dtype=np.float32)


def _open_chroma(folder: Path) -> tuple[Any, Any]:
    import chromadb
    from chromadb.config import Settings
    from chromadb.errors import ChromaError

    try:
        client = chromadb.PersistentClient(folder, settings=Settings(anonymized_telemetry=False))
        settings = {"hnsw": {"space": "cosine"}}
        return client, client.get_or_create_collection(
            _COLLECTION,
            embedding_function=None,
            configuration=settings,
        )
    except (ChromaError, OSError, ValueError) as error:
        raise IndexFolderError(f"cannot open the vector store in {folder}: {error}; build the index again") from error


def _lock(folder: Path) -> IO[bytes]:
    """An exclusive lock on the folder that the operating system drops when this process ends, however it ends."""
    file = (folder / "lock").open("ab")
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise IndexFolderError(
            f"another process has the vector store in {folder} open; stop it first, or use another folder"
        ) from error
    return file
