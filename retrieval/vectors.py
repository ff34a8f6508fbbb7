"""Vectors of the catalogue: kept durably in Chroma, searched exactly in memory.

Chroma holds catalogue text and vectors only, never personal data. It is opened by one process at a time (two writers
corrupt it), and its HTTP server is never run. A query does not go through it: with a filter it scans for tens of
milliseconds, where one product over the same vectors in 8-bit integers takes less than one (docs/search_speed.md).
"""

from __future__ import annotations

import os
import sys
import weakref
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import IndexFolderError
from retrieval.int8_scan import Codes, encoded, similarities
from retrieval.top import Ranked, best_rows

Vectors = NDArray[np.float32]

_COLLECTION = "products"
_BATCH = 2000
_ROUNDED = 50  # how many rows more than asked for are compared exactly: what rounding may have put behind


class VectorFile:
    """Vectors in an ``.npy`` file, float32 ``[n, dimension]``, of which few are read at a time.

    Mapped into memory, a million of them would soon count as 1.5 GB of this process.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        mapped = np.load(path, "r", allow_pickle=False)
        self.shape: tuple[int, ...] = mapped.shape
        self._start, self._size = int(mapped.offset), int(mapped.shape[1]) * 4
        self._file = os.open(path, os.O_RDONLY)
        weakref.finalize(self, os.close, self._file)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: NDArray[np.int64]) -> Vectors:
        """Some rows, read one by one."""
        places = (self._start + row * self._size for row in rows.tolist())
        read = b"".join(os.pread(self._file, self._size, place) for place in places)
        return np.frombuffer(read, np.float32).reshape(-1, self.shape[1])

    def all(self) -> Vectors:
        """Every row, left on disk until it is read."""
        matrix: Vectors = np.asarray(np.load(self._path, "r", allow_pickle=False))
        return matrix


class DenseIndex:
    """All vectors, row by row as the catalogue: scanned in 8-bit integers, the best of them compared exactly.

    Vectors that were added later are a second, small part, so that adding one does not copy the many.
    """

    def __init__(
        self, vectors: Vectors | VectorFile, codes: Codes | None = None, added: tuple[Vectors, Codes] | None = None
    ) -> None:
        """`vectors`: float32 ``[n, dimension]``, rows of length 1. `codes`: of them, where they are known."""
        if codes is None:
            codes = encoded(vectors.all() if isinstance(vectors, VectorFile) else vectors)
        self._vectors, self._codes, self._added = vectors, codes, added

    def __len__(self) -> int:
        return len(self._vectors) + (len(self._added[0]) if self._added else 0)

    @property
    def matrix(self) -> Vectors:
        """float32 ``[n, dimension]``."""
        first = self._vectors.all() if isinstance(self._vectors, VectorFile) else self._vectors
        return np.concatenate((first, self._added[0])) if self._added else first

    def joined(self, vectors: Vectors) -> DenseIndex:
        """This with more vectors behind it."""
        more = vectors, encoded(vectors)
        if self._added:
            more = np.concatenate((self._added[0], vectors)), self._added[1].joined(more[1])
        return DenseIndex(self._vectors, self._codes, more)

    def similarity(self, query: Vectors) -> Vectors:
        """The cosine of every row with a query vector of length 1, to about 0.001."""
        found = similarities(self._codes, query)
        return np.concatenate((found, similarities(self._added[1], query))) if self._added else found

    def exactly(self, query: Vectors, rows: NDArray[np.int64]) -> Vectors:
        """The cosine of some rows with a query vector of length 1."""
        first = len(self._vectors)
        if not self._added or not (late := rows >= first).any():
            return self._vectors[rows] @ query
        found = np.zeros(len(rows), np.float32)
        found[~late] = self._vectors[rows[~late]] @ query
        found[late] = self._added[0][rows[late] - first] @ query
        return found

    def top(self, query: Vectors, similarity: Vectors, count: int, mask: NDArray[np.bool_] | None = None) -> Ranked:
        """The `count` nearest rows under `mask`. `similarity`: what the method of this name gave for `query`."""
        if (len(self) if mask is None else np.count_nonzero(mask)) > count + _ROUNDED:
            rows = np.sort(best_rows(similarity, count + _ROUNDED, mask).rows)
        else:
            rows = np.arange(len(self)) if mask is None else np.flatnonzero(mask)
        nearest = best_rows(self.exactly(query, rows), count)
        return Ranked(rows[nearest.rows], nearest.scores)


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

    def hold(self, ids: Sequence[str], vectors: Vectors, texts: Sequence[str]) -> int:
        """Hold exactly these products; how many were put. Those that are there with the same text stay as they are."""
        there: dict[str, str] = {}
        for start in range(0, len(self), _BATCH):
            page = self._collection.get(include=["documents"], limit=_BATCH, offset=start)
            there.update(zip(page["ids"], page["documents"], strict=True))
        self.remove(list(there.keys() - set(ids)))
        new = [row for row, (i, text) in enumerate(zip(ids, texts, strict=True)) if there.get(i) != text]
        self.put([ids[row] for row in new], vectors[new], [texts[row] for row in new])
        return len(new)

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
