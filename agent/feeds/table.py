"""Tables of delimited text: the header, then one record at a time, going on after a broken one."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.errors import ImportFailed
from agent.feeds.entries import BadRow, Note
from agent.feeds.source import encoding_of, is_broken, text_lines

# A quoted cell may run over lines. One that runs over more than this was never closed.
LONGEST_RECORD = 500


@dataclass(frozen=True, slots=True)
class Record:
    """One row: its first line's number, and its filled cells by column key (in delimited text, all are text)."""

    line: int
    cells: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    """A table that is being read: the column keys (see `column_key`), what to note, and the rows to come."""

    header: tuple[str, ...]
    notes: tuple[Note, ...]
    rows: Iterator[Record | BadRow]


def column_key(name: str) -> str:
    """A column's name without regard to case, outer space, and whether words are joined by space or underscore."""
    return " ".join(name.replace("_", " ").lower().split())


def open_table(path: Path, delimiter: str | None = None, encoding: str | None = None) -> Table:
    """Reads the header and leaves the rows to be drawn. Raises ImportFailed where there is no header."""
    encoding, note = encoding_of(path, encoding)
    source = _Lines(text_lines(path, encoding))
    first = header_line(source)
    delimiter = delimiter or sniff_delimiter(first)
    keys = header_keys(first, delimiter)
    if not any(keys):
        raise ImportFailed(f"{path.name} has no header row; its first line must name the columns")
    notes = [note] if note else []
    if twice := {key for key in keys if key and keys.count(key) > 1}:
        notes.append(Note(f"columns that come twice, of which the first counts: {', '.join(sorted(twice))}"))
    return Table(keys, tuple(notes), _rows(source, delimiter, keys))


def sniff_delimiter(line: str) -> str:
    """The sign that divides a header most often, outside quotes: comma, semicolon, tab or bar."""
    bare = re.sub(r'"[^"]*"', "", line)
    return max(",\t;|", key=bare.count)


def header_line(lines: Iterable[str]) -> str:
    """The first line with text. A line ``sep=;``, which spreadsheets know, is passed over."""
    return next((line for line in lines if line.strip() and not re.fullmatch(r"(?i)sep=.\s*", line)), "")


def header_keys(line: str, delimiter: str) -> tuple[str, ...]:
    """The column keys of a header line; none where its quoting is broken."""
    try:
        return tuple(column_key(name) for name in next(csv.reader([line], delimiter=delimiter), []))
    except csv.Error:
        return ()


def _rows(source: _Lines, delimiter: str, keys: tuple[str, ...]) -> Iterator[Record | BadRow]:
    for line, cells in _records(source, delimiter, len(keys)):
        if isinstance(cells, str):
            yield BadRow(line, cells)
        elif any(is_broken(cell) for cell in cells):
            yield BadRow(line, "is not in the file's encoding (UTF-8); save the file as UTF-8")
        elif any(cell.strip() for cell in cells):
            named: dict[str, str] = {}
            for key, cell in zip(keys, cells, strict=False):
                if key and cell.strip():
                    named.setdefault(key, cell)
            yield Record(line, named)


def _records(source: _Lines, delimiter: str, width: int) -> Iterator[tuple[int, list[str] | str]]:
    """Each record's first line with its cells, or with the reason why it has none.

    After a broken record, reading goes on at the line after its first, so that an open quote costs one row
    and not the rest of the file. A record that is not of the header's `width` is broken, too.
    """
    while True:
        source.begin()
        line = source.number + 1
        try:
            cells = next(csv.reader(source, delimiter=delimiter, strict=True), None)
            if cells is None:
                return
            reason = _misfit(cells, width)
        except csv.Error as error:
            cells = _unquoted(source.taken[0], delimiter)
            reason = f"has broken quoting ({error})" if _misfit(cells, width) else ""
            source.give_back()
        if reason:
            source.give_back()
        yield line, reason or cells


def _misfit(cells: list[str], width: int) -> str:
    """Why the cells do not fit the header, or "". Empty cells beyond it do no harm, and an empty line is no record."""
    while len(cells) > width and not cells[-1].strip():
        cells.pop()
    return "" if not cells or len(cells) == width else f"has {len(cells)} cells where the header has {width}"


def _unquoted(line: str, delimiter: str) -> list[str]:
    """A line's cells with quotes taken literally: feeds with tabs often hold inches and other bare quotes."""
    return line.rstrip("\r\n").split(delimiter) if delimiter == "\t" else [line]


class _Lines:
    """Physical lines that can be given back: the lines of one record are `taken`, after `begin`."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._again: deque[str] = deque()
        self.taken: list[str] = []
        self.number = 0
        """Of the line taken last, from 1."""

    def begin(self) -> None:
        self.taken = []

    def give_back(self) -> None:
        """Gives back all lines of this record but its first."""
        self._again.extendleft(reversed(self.taken[1:]))
        self.number -= len(self.taken[1:])
        del self.taken[1:]

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self.taken) >= LONGEST_RECORD:
            raise StopIteration
        line = self._again.popleft() if self._again else next(self._lines)
        self.taken.append(line)
        self.number += 1
        return line
