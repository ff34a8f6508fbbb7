"""Google's product feed as XML, RSS 2.0 or Atom: one item at a time, from a parser that refuses entities.

*Not* covered: what the texts say; they are cleaned like any other format's.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agent.errors import ImportFailed
from agent.feeds.source import HEAD, opened
from agent.feeds.table import Record, column_key

_GOOGLE = "{http://base.google.com/ns/1.0}"
_ITEMS = frozenset({"item", "entry"})
_DETAIL = "product detail"
DETAIL_MARK = "detail: "
"""Before the name of an attribute that a ``g:product_detail`` gives."""
_LONGEST_TEXT = 200_000


def xml_records(path: Path) -> Iterator[Record]:
    """The items of a feed, keyed by their elements' names without the prefix.

    Raises:
        ImportFailed: the XML is broken, or it declares entities or a foreign document type.
    """
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import DefusedXMLParser, ParseError

    items = _Items()
    parser: Any = DefusedXMLParser(target=items)
    items.parser = parser.parser
    try:
        with opened(path) as file:
            while block := file.read(HEAD):
                parser.feed(block)
                yield from items.drawn()
            parser.close()
            yield from items.drawn()
    except DefusedXmlException as error:
        raise ImportFailed(f"{path.name} declares XML entities, which are refused; export it without them") from error
    except ParseError as error:
        raise ImportFailed(f"{path.name} is broken XML ({error}); correct it there or fetch it again") from error


class _Items:
    """What the parser calls: gathers the direct children of each item; deeper text is kept for details only."""

    def __init__(self) -> None:
        self.parser: Any = None
        self._done: list[Record] = []
        self._cells: dict[str, str] | None = None
        self._google: set[str] = set()
        self._path: list[str] = []
        self._text: list[str] = []
        self._detail: dict[str, str] = {}
        self._line = 0

    def drawn(self) -> list[Record]:
        done, self._done = self._done, []
        return done

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = _local(tag)
        if self._cells is None:
            if name in _ITEMS:
                self._cells, self._google, self._path = {}, set(), []
                self._line = self.parser.CurrentLineNumber
            return
        self._path.append(tag)
        self._text = []
        if name == "link" and attributes.get("href"):
            self._cells.setdefault("link", attributes["href"])

    def data(self, text: str) -> None:
        if self._path and len(self._text) < _LONGEST_TEXT:
            self._text.append(text[:_LONGEST_TEXT])

    def end(self, tag: str) -> None:
        if self._cells is None:
            return
        if not self._path:
            self._done.append(Record(self._line, self._cells))
            self._cells = None
            return
        self._path.pop()
        text, self._text = "".join(self._text).strip()[:_LONGEST_TEXT], []
        if not self._path:
            self._keep(tag, text)
        elif len(self._path) == 1 and _local(self._path[0]) == _DETAIL:
            self._detail[_local(tag)] = text

    def close(self) -> None:
        """Called by the parser when the document has ended."""

    def _keep(self, tag: str, text: str) -> None:
        """Google's own element goes before one of RSS or Atom of the same name; of several, the first."""
        assert self._cells is not None
        name = _local(tag)
        if name == _DETAIL:
            named, self._detail = self._detail.get("attribute name"), self._detail
            if named:
                self._cells.setdefault(DETAIL_MARK + named, self._detail.get("attribute value", ""))
            self._detail = {}
        elif text and (name not in self._cells or (tag.startswith(_GOOGLE) and name not in self._google)):
            self._cells[name] = text
            if tag.startswith(_GOOGLE):
                self._google.add(name)


def _local(tag: str) -> str:
    return column_key(tag.rsplit("}", 1)[-1])
