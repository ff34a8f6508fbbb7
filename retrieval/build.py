"""Making an index from documents."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from retrieval.column_files import save_columns
from retrieval.columns import Columns
from retrieval.documents import Document
from retrieval.encoder import TextEncoder
from retrieval.errors import DocumentError, IndexFolderError
from retrieval.fields import embedded_text, lexical_text
from retrieval.fingerprints import text_hash
from retrieval.index_folder import FORMAT, STORE, VECTORS, Card, check_files, hashes, new_build, publish, read_card
from retrieval.lexical import Lexical
from retrieval.vectors import Vectors, VectorStore

_CHUNK = 512

Progress = Callable[[str, int, int], None]
"""Told after each step: what is being done, how many products are through, of how many."""


@dataclass(frozen=True, slots=True)
class Built:
    """What a build did: `reused` where the folder held an index of the very same data."""

    products: int
    reused: bool


def build(documents: Iterable[Document], folder: Path, encoder: TextEncoder, progress: Progress | None = None) -> Built:
    """Make `folder` an index of `documents`. Until it is whole, the index that was there before stays.

    Data and encoder unchanged, nothing is done.

    Raises:
        DocumentError: there are no documents, or a row cannot be read.
        IndexFolderError: the folder cannot be written.
    """
    docs = list(documents)
    if not docs:
        raise DocumentError("there are no products to build an index from; give a file with at least one")
    data = data_fingerprint(docs)
    if _is_current(folder, data, encoder):
        return Built(len(docs), reused=True)
    tell = progress or (lambda _step, _done, _of: None)
    with new_build(folder) as target:
        texts = [embedded_text(doc) for doc in docs]
        vectors = _encode(texts, encoder, tell)
        tell("storing", 0, len(docs))
        np.save(target / VECTORS, vectors, allow_pickle=False)
        with VectorStore(target / STORE) as store:
            store.put([doc.id for doc in docs], vectors, texts)
        tell("words", 0, len(docs))
        Lexical.build(map(lexical_text, docs)).save(target / "lexical")
        tell("columns", 0, len(docs))
        save_columns(Columns.build(docs), target)
        tell("columns", len(docs), len(docs))
        publish(
            folder,
            Card(
                format=FORMAT,
                made_by="shopkeeper retrieval.build",
                build=target.name,
                encoder=encoder.name,
                encoder_fingerprint=encoder.fingerprint,
                dimension=encoder.dimension,
                data_fingerprint=data,
                products=len(docs),
                files=hashes(target),
            ),
        )
    return Built(len(docs), reused=False)


def data_fingerprint(documents: Sequence[Document]) -> str:
    """Changes whenever a document, or their order, does."""
    return text_hash(json.dumps(dataclasses.asdict(d), ensure_ascii=False, sort_keys=True) for d in documents)


def _is_current(folder: Path, data: str, encoder: TextEncoder) -> bool:
    try:
        card = read_card(folder)
        check_files(folder, card)
    except IndexFolderError:
        return False  # none, or a broken one: the build replaces it
    return card.data_fingerprint == data and card.encoder_fingerprint == encoder.fingerprint


def _encode(texts: Sequence[str], encoder: TextEncoder, tell: Progress) -> Vectors:
    """All vectors, the texts taken by length over the whole catalogue, so that batches pad little."""
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    vectors = np.zeros((len(texts), encoder.dimension), np.float32)
    for start in range(0, len(order), _CHUNK):
        rows = order[start : start + _CHUNK]
        vectors[rows] = encoder.encode([texts[i] for i in rows])
        tell("embedding", min(start + _CHUNK, len(order)), len(order))
    return vectors
