"""Product search: embed, look up by words and by meaning under the hard constraints, fuse, order."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reco_core.fusion import reciprocal_rank_fusion
from retrieval.column_files import load_columns
from retrieval.columns import Columns
from retrieval.denied import Asked, read_denials, signs_of
from retrieval.documents import Document
from retrieval.encoder import TextEncoder
from retrieval.errors import IndexFolderError, QueryError
from retrieval.fields import lexical_text
from retrieval.index_folder import LEXICAL, STORE, TITLES, VECTORS, Card, check_files, read_card
from retrieval.int8_scan import load_codes
from retrieval.kinds import Kinds
from retrieval.lexical import Lexical
from retrieval.made_by import made_by
from retrieval.nearest import nearest_misses
from retrieval.parse.spelling import Speller
from retrieval.query import BRAND, Constraint, Hit, NearestMiss, Query, Sort
from retrieval.relevance import CARRIED, about, named, nearest_kin, related
from retrieval.rerank_agreement import agreement, coverage
from retrieval.spelled import spelled, speller, unknown
from retrieval.vectors import DenseIndex, VectorFile, VectorStore
from retrieval.words import words

Mask = NDArray[np.bool_]
Rows = NDArray[np.int64]
Sign = NDArray[np.float32]
Vectors = NDArray[np.float32]
Fused = tuple[int, float, dict[str, int]]

DEPTH = 200
"""How many candidates each part gives to the fusion, at the least."""
POOL = 100
"""How many of the fusion's best are looked at again."""
LONGEST_TEXT = 1000
"""Characters of a query that are read. The encoder reads some 256 word pieces; nobody means what comes after."""
MOST = 10_000
_REMEMBERED = 4  # texts whose similarity with every product is kept


class Search:
    """An opened index. Reads only and shares nothing that changes, so threads may search at once."""

    def __init__(
        self, columns: Columns, lexical: Lexical, titles: Lexical, dense: DenseIndex, encoder: TextEncoder
    ) -> None:
        """`lexical` is over every field of each product, `titles` over its title alone."""
        self.columns = columns
        self._lexical, self._titles, self._dense, self._encoder = lexical, titles, dense, encoder
        self._similarity = lru_cache(maxsize=_REMEMBERED)(self._similarity_of)

    def changed(
        self, gone: Sequence[str], documents: Sequence[Document], vectors: Vectors, facts: Sequence[Document] = ()
    ) -> Search:
        """This index after a change; it stays itself as it is.

        Args:
            gone: ids of products to leave out; unknown ones are no error.
            documents: products to add, or to replace where the id is known.
            vectors: of their `embedded_text`, row by row.
            facts: products of which nothing but price, stock or rating has changed.
        """
        columns, lexical, titles, dense = self.columns, self._lexical, self._titles, self._dense
        if facts:
            columns = columns.with_facts(facts)
        left = [i for i in dict.fromkeys((*gone, *(doc.id for doc in documents))) if i in columns.row_of]
        if left or documents:
            columns = columns.changed(left, documents)
        if documents:
            lexical = lexical.joined([lexical_text(doc) for doc in documents])
            titles = titles.joined([doc.title for doc in documents])
            dense = dense.joined(vectors)
        new = Search(columns, lexical, titles, dense, self._encoder)
        if "kinds" in self.__dict__:
            new.kinds = self.kinds.over(columns, dense)
        if "_speller" in self.__dict__:
            new._speller = self._speller
        return new

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
        lexical, titles = Lexical.load(build / LEXICAL), Lexical.load(build / TITLES)
        return cls(columns, lexical, titles, _dense(build, card, columns), encoder)

    def search(self, query: Query) -> list[Hit]:
        """The best `query.k` products that keep every constraint, best first; without text, the best rated first.

        Raises QueryError for a constraint that makes no sense or a `k` below 1.
        """
        text = self._spelled(clean(query.text))
        if not 0 < query.k <= MOST:
            raise QueryError(f"k is {query.k}; ask for 1 to {MOST} products")
        mask = self._relevant(query.subject) & self.columns.mask(query.constraints)
        if not mask.any():
            return []
        if not words(text):
            return self._ordered(np.flatnonzero(mask), query.sort, query.k)
        if query.sort is not Sort.RELEVANCE:
            kind = query.subject or text
            mask = nearest_kin(kind, self.columns, self._similarity(clean(kind))[1], mask)
            return self._ordered(np.flatnonzero(mask), query.sort, query.k)
        asked = read_denials(text)
        fused = self.candidates(asked, mask, max(DEPTH, query.k))
        best = self._looked_at_again(asked, fused[:POOL]) + fused[POOL:]
        return [Hit(self.columns.ids[row], score, sources) for row, score, sources in best[: query.k]]

    def candidates(self, asked: Asked, mask: Mask, depth: int = DEPTH) -> list[Fused]:
        """The best `depth` rows by words and by meaning under the mask, fused: each with its score and its ranks."""
        rankings = {
            "words": self._lexical.top(asked.text, depth, mask).rows.tolist(),
            "meaning": self._dense.top(*self._similarity(asked.text), depth, mask).rows.tolist(),
        }
        return reciprocal_rank_fusion(rankings)

    def signs(self, asked: Asked, rows: Rows) -> dict[str, list[Sign]]:
        """What speaks for each of some rows, by name; where a query has no use for a sign, its list is empty."""
        text, columns = asked.text, self.columns
        return {
            "words": [self._lexical.scores(text)[rows]],
            "meaning": [self._similarity(text)[1][rows]],
            "title": [self._titles.scores(text)[rows]],
            "whole query": list(coverage(self._lexical.texts_with(text), len(self._lexical), rows)),
            "brand": made_by(text, columns.columns[BRAND], rows),
            "denied": [sign for thing in asked.without for sign in signs_of(thing, columns.mentions, rows)],
        }

    def _looked_at_again(self, asked: Asked, fused: list[Fused]) -> list[Fused]:
        """The best of the fusion in the order in which the signs of relevance agree on them."""
        signs = self.signs(asked, np.array([row for row, _, _ in fused], np.int64))
        scores = 1.0 + agreement([sign for named in signs.values() for sign in named])  # above the rest of the fusion
        order = np.argsort(-scores, kind="stable")
        return [(fused[i][0], float(scores[i]), fused[i][2]) for i in order]

    def nearest_misses(self, query: Query, most: int = 3) -> list[NearestMiss]:
        """The smallest changes of the constraints that would find something for `query`, the smallest first."""
        relevant = self._named(query.text) if query.subject is None else self._relevant(query.subject)
        return nearest_misses(self.columns, query.constraints, lambda kept: relevant & self.columns.mask(kept), most)

    def carries(self, subject: str) -> bool:
        """Does the shop sell such a thing? Some title or category names it, or something is near it in meaning."""
        subject = clean(subject)
        if not words(subject) or named(subject, self.columns).any():
            return True
        return float(self._similarity(subject)[1].max()) >= CARRIED

    @cached_property
    def kinds(self) -> Kinds:
        """What the catalogue calls things."""
        return Kinds(self.columns, self._dense, self._encoder)

    def matching(self, subject: str, constraints: Sequence[Constraint]) -> int:
        """How many products are about `subject` and keep every constraint."""
        return int(np.count_nonzero(self._relevant(subject) & self.columns.mask(constraints)))

    @cached_property
    def _speller(self) -> Speller:
        """Over the words that the catalogue had when it was first needed: few words come and go."""
        return speller(self.columns.mentions, self._encoder)

    def _spelled(self, text: str) -> str:
        """The text as the catalogue spells it."""
        mentions = self.columns.mentions
        return spelled(text, mentions, self._speller) if unknown(text, mentions) else text

    def _named(self, text: str) -> Mask:
        """The products that are what a text names; all, where it names nothing."""
        everything = np.ones(len(self.columns), bool)
        text = clean(text)
        if not words(text):
            return everything
        return about(text, self.columns, self._similarity(text)[1], everything)

    def _relevant(self, subject: str | None) -> Mask:
        """The products that have to do with a subject; all, where there is none."""
        subject = clean(subject or "")
        if not words(subject):
            return np.ones(len(self.columns), bool)
        return related(subject, self.columns, self._similarity(subject)[1])

    def _similarity_of(self, text: str) -> tuple[Vectors, Vectors]:
        """The vector of a text and its cosine with every product, remembered: a turn asks several times."""
        vector = self._encoder.encode([text])[0]
        similarity = self._dense.similarity(vector)
        similarity.flags.writeable = False
        return vector, similarity

    def items(self) -> tuple[list[str], Vectors]:
        """Every product's id and, row by row, its vector: float32 [n, dimension]."""
        living, matrix = self.columns.mask(()), self._dense.matrix
        if living.all():
            return list(self.columns.ids), matrix
        return [self.columns.ids[row] for row in np.flatnonzero(living)], matrix[living]

    def count(self, constraints: Sequence[Constraint]) -> int:
        """How many products keep every constraint."""
        return self.columns.count(constraints)

    def contains(self, product_id: str) -> bool:
        """Whether the index holds the product."""
        return product_id in self.columns.row_of

    def __len__(self) -> int:
        return self.columns.count(())

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


def _dense(build: Path, card: Card, columns: Columns) -> DenseIndex:
    """The vectors: from the files beside the store, or from the store itself where those were left out."""
    path, codes = build / VECTORS, None
    if path.exists():
        vectors: Vectors | VectorFile = VectorFile(path)
        codes = load_codes(build / "codes")
    else:
        with VectorStore(build / STORE) as store:
            vectors = store.read(columns.ids)
    if vectors.shape != (card.products, card.dimension) or len(columns) != card.products:
        raise IndexFolderError(f"the parts of the index in {build.parent} do not fit together; build it again")
    return DenseIndex(vectors, codes)
