"""Help articles are found by the passage that answers."""

from __future__ import annotations

import pytest

from retrieval.articles import Article, ArticleIndex, passages
from retrieval.encoder import MiniLM
from retrieval.errors import DocumentError

RETURNS = Article(
    "returns",
    "Returns",
    "You may send things back.\n\n## How long you have\nWithin 30 days of delivery.\n\n## Who pays\nPostage is free.",
)
SHIPPING = Article(
    "shipping", "Shipping", "## Times\nParcels arrive in 3 days.\n## Cost\nFree above $50.\n##\n# Not # done"
)


def test_an_article_is_parted_at_its_headings() -> None:
    assert [(p.heading, p.text) for p in passages(RETURNS)] == [
        ("", "You may send things back."),
        ("How long you have", "Within 30 days of delivery."),
        ("Who pays", "Postage is free."),
    ]


def test_a_long_part_is_parted_between_paragraphs_and_nothing_is_lost() -> None:
    text = "\n\n".join(f"Paragraph {i}. " + "word " * 60 for i in range(10))
    found = list(passages(Article("a", "A", f"# Long\n{text}")))
    assert len(found) > 2
    assert all(len(p.text) <= 900 and p.heading == "Long" for p in found)
    assert "\n\n".join(p.text for p in found) == text.strip()


def test_the_passage_that_answers_comes_first(minilm: MiniLM) -> None:
    index = ArticleIndex([RETURNS, SHIPPING], minilm)
    first = index.search("how many days do I have to return something?", 2)[0]
    assert (first.article_id, first.heading) == ("returns", "How long you have")
    assert index.search("when will my package get here")[0].heading == "Times"
    scores = [p.score for p in index.search("delivery", 5)]
    assert scores == sorted(scores, reverse=True)
    assert index.search("return", 1)[0].similarity > index.search("quantum physics", 1)[0].similarity


def test_a_text_without_words_finds_nothing(minilm: MiniLM) -> None:
    index = ArticleIndex([RETURNS], minilm)
    assert index.search("?!") == []
    assert index.search("returns", 0) == []


def test_no_articles_are_refused(minilm: MiniLM) -> None:
    with pytest.raises(DocumentError, match="no help articles"):
        ArticleIndex([], minilm)
