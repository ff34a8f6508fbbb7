"""Making an index from documents."""

from __future__ import annotations

import dataclasses
import json
import shutil
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
from retrieval.index_folder import (
    FORMAT,
    LEXICAL,
    STORE,
    TEXT_KEYS,
    TITLES,
    VECTORS,
    Card,
    check_files,
    hashes,
    new_build,
    publish,
    read_card,
)
from retrieval.int8_scan import encoded, save_codes
from retrieval.kept_vectors import Kept, KeptVectors, text_keys
from retrieval.lexical import Lexical
from retrieval.vectors import Vectors, VectorStore

_CHUNK = 256
_JOURNAL = "encoding.vectors"

Progress = Callable[[str, int, int], None]
"""Told after each step: what is being done, how many products are through, of how many."""


@dataclass(frozen=True, slots=True)
class Built:
    """What a build did: `reused` where the folder held an index of the very same data."""

    products: int
    reused: bool


def build(
    documents: Iterable[Document],
    folder: Path,
    encoder: TextEncoder,
    progress: Progress | None = None,
    *,
    earlier: Path | None = None,
    journal: Path | None = None,
) -> Built:
    """Make `folder` an index of `documents`. Until it is whole, the index that was there before stays.

    Data and encoder unchanged, nothing is done. Texts that an earlier index holds are not encoded again, nor those
    that a build encoded before it was killed.

    Args:
        documents: the catalogue.
        folder: where the index lies, or will.
        encoder: what turns texts into vectors.
        progress: told of each step.
        earlier: an index to take vectors over from; by default the one in `folder`.
        journal: where vectors are kept until the index is whole; by default in `folder`.

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
    journal = journal or folder / _JOURNAL
    with new_build(folder) as target:
        texts = [embedded_text(doc) for doc in docs]
        before = _whole(earlier or folder, encoder)
        vectors = _encode(texts, KeptVectors(encoder, journal, _kept(before)), tell)
        tell("storing", 0, len(docs))
        np.save(target / VECTORS, vectors, allow_pickle=False)
        save_codes(encoded(vectors), target / "codes")
        np.save(target / TEXT_KEYS, text_keys(texts), allow_pickle=False)
        with _store(target / STORE, before) as store:
            store.hold([doc.id for doc in docs], vectors, texts)
        tell("words", 0, len(docs))
        Lexical.build(map(lexical_text, docs)).save(target / LEXICAL)
        Lexical.build(doc.title for doc in docs).save(target / TITLES)
        tell("columns", 0, len(docs))
        save_columns(Columns.build(docs), target)
        tell("columns", len(docs), len(docs))
        publish(folder, card_of(target, encoder, data, len(docs)))
    journal.unlink(missing_ok=True)
    return Built(len(docs), reused=False)


def card_of(target: Path, encoder: TextEncoder, data: str, products: int) -> Card:
    """The card of a build whose files are all written."""
    return Card(
        format=FORMAT,
        made_by="shopkeeper retrieval.build",
        build=target.name,
        encoder=encoder.name,
        encoder_fingerprint=encoder.fingerprint,
        dimension=encoder.dimension,
        data_fingerprint=data,
        products=products,
        files=hashes(target),
    )


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
    vectors = np.zeros((len(texts), encoder.dimension), np.float32)
    for start in range(0, len(texts), _CHUNK):
        vectors[start : start + _CHUNK] = encoder.encode(texts[start : start + _CHUNK])
        tell("embedding", min(start + _CHUNK, len(texts)), len(texts))
    return vectors


def _store(folder: Path, before: Path | None) -> VectorStore:
    """A copy of an earlier build's store, most of which is still right; a new one where that cannot be read."""
    if before is not None and (before / STORE).exists():
        tried = folder.with_name(f"{STORE}-before")  # Chroma remembers a folder that it could not open
        shutil.copytree(before / STORE, tried)
        try:
            VectorStore(tried).close()
            tried.rename(folder)
        except IndexFolderError:
            shutil.rmtree(tried)
    return VectorStore(folder)


def _whole(folder: Path, encoder: TextEncoder) -> Path | None:
    """The build of a whole index of this encoder; none where there is none."""
    try:
        card = read_card(folder)
        return check_files(folder, card) if card.encoder_fingerprint == encoder.fingerprint else None
    except IndexFolderError:
        return None


def _kept(build: Path | None) -> Kept | None:
    """The vectors of a build; none where its copy of them was left out."""
    if build is None or not (build / VECTORS).exists():
        return None
    return Kept(*(np.load(build / name, mmap_mode="r", allow_pickle=False) for name in (TEXT_KEYS, VECTORS)))
