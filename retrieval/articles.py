"""Help articles, found by passage: what stands under one heading, by meaning."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from retrieval.encoder import TextEncoder
from retrieval.errors import DocumentError
from retrieval.search import clean
from retrieval.words import words

_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$")
_LONGEST = 900  # characters of a passage: about what the encoder reads


@dataclass(frozen=True, slots=True)
class Article:
    """A help article; `text` is Markdown, its headings part it. `questions`: how people ask for it."""

    id: str
    title: str
    text: str
    questions: tuple[str, ...] = ()


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
    """An index over the passages of some articles, in memory: a shop has tens of them.

    An article is as good as its best passage plus the mean of its example questions. Asked by each example question
    that was left out in turn, that finds the right one more often than words, single questions or passages alone
    (docs/search.md).
    """

    def __init__(self, articles: Sequence[Article], encoder: TextEncoder) -> None:
        """Raises DocumentError where there is nothing to index."""
        owned = [(number, p) for number, article in enumerate(articles) for p in passages(article)]
        if not owned:
            raise DocumentError("there are no help articles; add one, or do not search them")
        self._passages = [passage for _, passage in owned]
        self._owner = np.array([number for number, _ in owned])
        self._encoder = encoder
        self._texts = encoder.encode([f"{p.title}. {p.heading}\n{p.text}" for p in self._passages])
        asked = encoder.encode([question for article in articles for question in article.questions])
        starts = np.cumsum([0, *(len(article.questions) for article in articles)])
        self._asked = np.stack([_centre(asked[a:b]) for a, b in pairwise(starts)])

    def search(self, text: str, k: int = 3) -> list[Passage]:
        """The best passage of each of the `k` articles that answer a question best; none for a text without words."""
        text = clean(text)
        if not words(text) or k < 1:
            return []
        vector = self._encoder.encode([text])[0]
        similarity, asked = self._texts @ vector, self._asked @ vector
        total = similarity + asked[self._owner]
        found: list[Passage] = []
        seen: set[int] = set()
        for row in np.argsort(-total, kind="stable"):
            owner = int(self._owner[row])
            if owner not in seen:
                seen.add(owner)
                near = max(float(similarity[row]), float(asked[owner]))
                found.append(replace(self._passages[row], score=float(total[row]), similarity=near))
            if len(found) == k:
                break
        return found

    def __len__(self) -> int:
        return len(self._passages)


def _centre(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """The direction of the mean of some vectors; zeros where there is none."""
    if not len(vectors):
        return np.zeros(vectors.shape[1], np.float32)
    mean = vectors.mean(axis=0)
    unit: NDArray[np.float32] = mean / max(float(np.linalg.norm(mean)), 1e-9)
    return unit


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
