"""How the shop reads a shopper's words: against the vocabulary of the catalogue that it serves now."""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from agent.catalogue import Catalogue
from agent.picking import counted
from agent.understanding.state import ChatState
from agent.understanding.wish import Arguments, next_search
from retrieval.parse.lexicon import subject_of
from retrieval.parse.parser import Parsed, Parser
from retrieval.resolve import Wishes, resolve


class Reader:
    """Reads messages and search texts. The parser is made anew when the catalogue has been swapped."""

    def __init__(self, catalogue: Catalogue, dictionary: Collection[str] = ()) -> None:
        """`dictionary`: words of the language, which are no misspellings of the catalogue's."""
        self._catalogue = catalogue
        self._dictionary = dictionary
        self._lock = threading.Lock()
        self._parser_of = lru_cache(maxsize=2)(self._new_parser)

    def parse(self, text: str, had_price: bool = False) -> Parsed:
        """What a message wishes; `had_price`: a price limit holds already."""
        return self._parser.parse(text, had_price=had_price)

    def fits(self, arguments: Arguments, wants: Sequence[str]) -> int:
        """How many of the products that a search is about have these further properties."""
        search = self._catalogue.shelf.search
        held = Wishes.of(arguments)
        constraints = resolve(replace(held, wants=(*held.wants, *wants)), search.columns)
        return counted(search, subject_of(arguments.get("query", "")), constraints)

    def sells(self, subject: str) -> bool:
        """Does the shop have a name for this thing?"""
        return bool(self._catalogue.shelf.search.kinds.names(subject))

    def wish(self, text: str) -> dict[str, Any]:
        """A text of a search box as the arguments of `search_products`, as the first message of a chat would give."""
        return next_search(self.parse(text), ChatState(text=text), self.fits)

    @property
    def _parser(self) -> Parser:
        with self._lock:
            return self._parser_of(self._catalogue.generation)

    def _new_parser(self, _generation: int) -> Parser:
        return Parser(self._catalogue.shelf.search.columns, self._dictionary)
