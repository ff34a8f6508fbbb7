"""Product search: embed, look up by words and by meaning under the hard constraints, fuse, order."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reco_core.fusion import reciprocal_rank_fusion
from retrieval.column_files import load_columns
from retrieval.columns import Columns
from retrieval.encoder import TextEncoder
from retrieval.errors import IndexFolderError, QueryError
from retrieval.index_folder import STORE, VECTORS, Card, check_files, read_card
from retrieval.lexical import Lexical
from retrieval.nearest import nearest_misses
from retrieval.query import Constraint, Hit, NearestMiss, Query, Sort
from retrieval.relevance import CARRIED, about, named, nearest_kin, related
from retrieval.vectors import DenseIndex, VectorStore
from retrieval.words import words

Mask = NDArray[np.bool_]

DEPTH = 200
"""How many candidates each part gives to the fusion, at the least."""
LONGEST_TEXT = 1000
"""Characters of a query that are read. The encoder reads some 256 word pieces; nobody means what comes after."""
MOST = 10_000


class Search:
    """An opened index. Reads only and shares nothing that changes, so threads may search at once."""

    def __init__(self, columns: Columns, lexical: Lexical, dense: DenseIndex, encoder: TextEncoder) -> None:
        self.columns = columns
        self._lexical, self._dense, self._encoder = lexical, dense, encoder

    @classmethod
    def open(cls, folder: Path, encoder: TextEncoder) -> Search:
        """The index in `folder`, each file proved by its hash.

        Raises IndexFolderError where it is missing, damaged, of another format or of another encoder.
        """
        card = read_card(folder)
        if (card.encoder_fingerprint, card.dimension) != (encoder.fingerprint, encoder.dimension):
            raise IndexFolderError(
                f"the index in {folder} was made with {card.encoder}; build it again with {encoder.name}"
            )
        build = check_files(folder, card)
        columns = load_columns(build)
        return cls(columns, Lexical.load(build / "lexical"), DenseIndex(_matrix(build, card, columns)), encoder)

    def search(self, query: Query) -> list[Hit]:
        """The best `query.k` products that keep every constraint, best first; without text, the best rated first.

        Raises QueryError for a constraint that makes no sense or a `k` below 1.
        """
        text = clean(query.text)
        if not 0 < query.k <= MOST:
            raise QueryError(f"k is {query.k}; ask for 1 to {MOST} products")
        mask = self._relevant(query.subject) & self.columns.mask(query.constraints)
        if not mask.any():
            return []
        if not words(text):
            return self._ordered(np.flatnonzero(mask), query.sort, query.k)
        vector = self._encoder.encode([text])[0]
        if query.sort is not Sort.RELEVANCE:
            kind = query.subject or text
            similarity = self._dense.similarity(vector if kind == text else self._encoder.encode([kind])[0])
            mask = nearest_kin(kind, self.columns, similarity, mask)
            return self._ordered(np.flatnonzero(mask), query.sort, query.k)
        depth = max(DEPTH, query.k)
        rankings = {
            "words": self._lexical.top(text, depth, mask).rows.tolist(),
            "meaning": self._dense.top(vector, depth, mask).rows.tolist(),
        }
        fused = reciprocal_rank_fusion(rankings)[: query.k]
        return [Hit(self.columns.ids[row], score, sources) for row, score, sources in fused]

    def nearest_misses(self, query: Query, most: int = 3) -> list[NearestMiss]:
        """The smallest changes of the constraints that would find something for `query`, the smallest first."""
        relevant = self._named(query.text) if query.subject is None else self._relevant(query.subject)
        return nearest_misses(self.columns, query.constraints, lambda kept: relevant & self.columns.mask(kept), most)

    def carries(self, subject: str) -> bool:
        """Does the shop sell such a thing? Some title or category names it, or something is near it in meaning."""
        subject = clean(subject)
        if not words(subject) or named(subject, self.columns).any():
            return True
        return float(self._dense.similarity(self._encoder.encode([subject])[0]).max()) >= CARRIED

    def matching(self, subject: str, constraints: Sequence[Constraint]) -> int:
        """How many products are about `subject` and keep every constraint."""
        return int(np.count_nonzero(self._relevant(subject) & self.columns.mask(constraints)))

    def _named(self, text: str) -> Mask:
        """The products that are what a text names; all, where it names nothing."""
        everything = np.ones(len(self.columns), bool)
        text = clean(text)
        if not words(text):
            return everything
        return about(text, self.columns, self._dense.similarity(self._encoder.encode([text])[0]), everything)

    def _relevant(self, subject: str | None) -> Mask:
        """The products that have to do with a subject; all, where there is none."""
        subject = clean(subject or "")
        if not words(subject):
            return np.ones(len(self.columns), bool)
        return related(subject, self.columns, self._dense.similarity(self._encoder.encode([subject])[0]))

    @property
    def vectors(self) -> NDArray[np.float32]:
        """float32 [n, dimension], row i of the product ``columns.ids[i]``."""
        return self._dense.matrix

    def count(self, constraints: Sequence[Constraint]) -> int:
        """How many products keep every constraint."""
        return self.columns.count(constraints)

    def contains(self, product_id: str) -> bool:
        """Whether the index holds the product."""
        return product_id in self.columns.row_of

    def __len__(self) -> int:
        return len(self.columns)

    def _ordered(self, rows: NDArray[np.int64], sort: Sort, k: int) -> list[Hit]:
        """Rows by price, or by standing; those without a price last, ties by standing and then by row."""
        standing = self.columns.standing[rows]
        price = self.columns.facts.price[rows]
        if sort is Sort.CHEAPEST:
            first = np.where(np.isnan(price), np.inf, price)
        elif sort is Sort.MOST_EXPENSIVE:
            first = np.where(np.isnan(price), np.inf, -price)
        else:
            first = -standing
        order = np.lexsort((rows, -standing, first))[:k]
        return [Hit(self.columns.ids[rows[i]], 1.0 / place, {sort.value: place}) for place, i in enumerate(order, 1)]


def clean(text: str) -> str:
    """A query's text made safe to read: cut to `LONGEST_TEXT`, control characters and broken code points blanked."""
    kept = text[:LONGEST_TEXT].encode("utf-8", "replace").decode("utf-8")
    return " ".join("".join(c if c.isprintable() else " " for c in kept).split())


def _matrix(build: Path, card: Card, columns: Columns) -> NDArray[np.float32]:
    """The vectors: from the file beside the store, or from the store itself where that file was left out."""
    path = build / VECTORS
    if path.exists():
        matrix: NDArray[np.float32] = np.load(path, allow_pickle=False)
    else:
        with VectorStore(build / STORE) as store:
            matrix = store.read(columns.ids)
    if matrix.shape != (card.products, card.dimension) or len(columns) != card.products:
        raise IndexFolderError(f"the parts of the index in {build.parent} do not fit together; build it again")
    return matrix
