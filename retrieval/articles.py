"""Help articles, found by passage: what stands under one heading, by words and by meaning."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from reco_core.fusion import reciprocal_rank_fusion
from retrieval.encoder import TextEncoder
from retrieval.errors import DocumentError
from retrieval.lexical import Lexical
from retrieval.search import clean
from retrieval.vectors import DenseIndex
from retrieval.words import words

_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$")
_LONGEST = 900  # characters of a passage: about what the encoder reads


@dataclass(frozen=True, slots=True)
class Article:
    """A help article; `text` is Markdown, its headings part it."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Passage:
    """What an article says under one heading ("" before the first).

    `score` falls along a result. `similarity` is the cosine with the question, comparable between questions: near 0
    where the passage has nothing to do with it.
    """

    article_id: str
    title: str
    heading: str
    text: str
    score: float = 0.0
    similarity: float = 0.0


class ArticleIndex:
    """An index over the passages of some articles, in memory: a shop has tens of them."""

    def __init__(self, articles: Sequence[Article], encoder: TextEncoder) -> None:
        """Raises DocumentError where there is nothing to index."""
        self._passages = [passage for article in articles for passage in passages(article)]
        if not self._passages:
            raise DocumentError("there are no help articles; add one, or do not search them")
        texts = [f"{p.title}. {p.heading}\n{p.text}" for p in self._passages]
        self._encoder = encoder
        self._lexical = Lexical.build(texts)
        self._dense = DenseIndex(encoder.encode(texts))

    def search(self, text: str, k: int = 3) -> list[Passage]:
        """The `k` passages that answer a question best, best first; none for a text without words."""
        text = clean(text)
        if not words(text) or k < 1:
            return []
        similarity = self._dense.similarity(self._encoder.encode([text])[0])
        rankings = {
            "words": self._lexical.top(text, 10 * k).rows.tolist(),
            "meaning": np.argsort(-similarity, kind="stable")[: 10 * k].tolist(),
        }
        return [
            Passage(p.article_id, p.title, p.heading, p.text, score, float(similarity[row]))
            for row, score, _ in reciprocal_rank_fusion(rankings)[:k]
            if (p := self._passages[row])
        ]

    def __len__(self) -> int:
        return len(self._passages)


def passages(article: Article) -> Iterator[Passage]:
    """The passages of an article, in order; a long one is parted between paragraphs."""
    heading, lines = "", list[str]()
    for line in [*article.text.splitlines(), "# "]:
        found = _HEADING.match(line) if line != "# " else None
        if found is None and line != "# ":
            lines.append(line)
            continue
        for text in _parts("\n".join(lines).strip()):
            yield Passage(article.id, article.title, heading, text)
        heading, lines = found[2] if found else "", []


def _parts(text: str) -> Iterator[str]:
    part = ""
    for paragraph in text.split("\n\n"):
        if part and len(part) + len(paragraph) > _LONGEST:
            yield part
            part = ""
        part = f"{part}\n\n{paragraph}" if part else paragraph
    if part:
        yield part
