"""Misspelt words of a query, put right by the catalogue's own words before anything is looked up.

A word that the catalogue says, or that the encoder knows as a word of the language, stays as it is: a shop without
tunics must not hear "tonic". What is left is a typing error, or a name that nobody here knows.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from retrieval.encoder import TextEncoder
from retrieval.mentions import Mentions
from retrieval.parse.lexicon import LANGUAGE
from retrieval.parse.spelling import Speller
from retrieval.words import words


@runtime_checkable
class KnowsWords(Protocol):
    """An encoder with a vocabulary of whole words."""

    def vocabulary(self) -> frozenset[str]: ...


def speller(mentions: Mentions, encoder: TextEncoder) -> Speller:
    """Corrects towards the words that are said in the catalogue."""
    known = encoder.vocabulary() if isinstance(encoder, KnowsWords) else frozenset()
    return Speller(mentions.frequencies(), (), known | LANGUAGE)


def unknown(text: str, mentions: Mentions) -> bool:
    """Is there a word in it that no product says?"""
    return not all(map(mentions.knows, words(text)))


def spelled(text: str, mentions: Mentions, known: Speller) -> str:
    """The text with each word that no product says put right, where it is sure which word was meant."""
    return " ".join(known.correct(w.casefold()) if unknown(w, mentions) else w for w in text.split())
