"""The tools for everything that is not a product or an order: help articles, and a person."""

from __future__ import annotations

import re

from agent.tools import Answer, Session, reads
from retrieval.articles import ArticleIndex

RELATED = 0.45
"""The cosine from which a passage may have to do with a question: most questions about other things stay below."""
HANDED_OVER = "handed_over"
"""The key of a result that asks for a person; the turn loop hands the chat over on it."""


class HelpTools:
    """Help articles by meaning, and the way to a person."""

    def __init__(self, session: Session, articles: ArticleIndex) -> None:
        self._session = session
        self._articles = articles

    @reads
    def search_help(self, question: str) -> Answer:
        """Look up the shop's help articles: policies, shipping, returns, payment, account, privacy.

        question: the shopper's question in their own words.
        """
        passages = [p for p in self._articles.search(question, 3) if p.similarity >= RELATED]
        return Answer(
            {
                "passages": [
                    {"article": p.title, "heading": p.heading, "text": plain(p.text), "id": p.article_id}
                    for p in passages
                ]
            }
        )

    @reads
    def hand_over(self, reason: str) -> Answer:
        """Bring in a person of the support team.

        Call it when the shopper asks for a person, is upset, or wants something that no other tool can do.
        reason: why, in a few words, for the colleague who takes over.
        """
        return Answer({HANDED_OVER: reason})


def plain(markdown: str) -> str:
    """Markdown as a chat shows it: without emphasis and links, lists with a bullet."""
    text = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", markdown)
    text = re.sub(r"(\*\*|__|`)(.+?)\1", r"\2", text)
    return re.sub(r"(?m)^\s*[-*]\s+", "• ", text)
