"""Records in JSON, one a line or in a list, and in YAML, as rows like those of a table."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import yaml

from agent.errors import ImportFailed
from agent.feeds.entries import BadRow, RowError
from agent.feeds.source import is_broken, opened, text_lines
from agent.feeds.table import Record, column_key

_DEEPEST = 20
_BETWEEN = re.compile(r"[\s,]*")
_NULLS, _TRUTHS = frozenset({"", "~", "null", "Null", "NULL"}), {"true": True, "false": False}


def json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]] | BadRow]:
    """The objects of a file with one a line, each with its line's number."""
    for number, line in enumerate(text_lines(path, "utf-8-sig"), start=1):
        if not line.strip():
            continue
        try:
            yield number, _object(line)
        except RowError as error:
            yield BadRow(number, str(error))


def _object(line: str) -> dict[str, Any]:
    if is_broken(line):
        raise RowError("is not UTF-8; save the file as UTF-8")
    try:
        row = json.loads(line, parse_constant=_no_constant)
    except RecursionError:
        raise RowError("is nested too deeply") from None
    except ValueError as error:
        raise RowError(f"is not valid JSON ({error})") from None
    if not isinstance(row, dict):
        raise RowError("is not a JSON object")
    return row


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number in JSON")


def jsonl_records(path: Path) -> Iterator[Record | BadRow]:
    """The same as rows, for objects whose fields have names of their own."""
    for entry in json_lines(path):
        yield entry if isinstance(entry, BadRow) else _record(*entry)


def json_records(path: Path) -> Iterator[Record | BadRow]:
    """The objects of a JSON list with the lines where they begin. Raises ImportFailed where it is not one."""
    with opened(path) as file:
        content = file.read()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ImportFailed(f"{path.name} is not UTF-8; save it as UTF-8") from error
    start = _BETWEEN.match(text)
    if start is None or text[start.end() : start.end() + 1] != "[":
        raise ImportFailed(f"{path.name} is not a list of records; it must begin with [ and hold one object a product")
    return _json_rows(path, text, start.end() + 1)


def _json_rows(path: Path, text: str, position: int) -> Iterator[Record | BadRow]:
    decoder = json.JSONDecoder()
    line, counted = 1, 0
    while True:
        between = _BETWEEN.match(text, position)
        position = between.end() if between else position
        line, counted = line + text.count("\n", counted, position), position
        if text[position : position + 1] == "]":
            return
        try:
            row, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError) as error:
            raise ImportFailed(f"{path.name} is broken JSON in the record at line {line}; correct it there") from error
        yield _record(line, row)


def yaml_records(path: Path) -> Iterator[Record | BadRow]:
    """The mappings of a YAML list, one at a time; scalars stay text, but for true, false and null.

    Read from the parser's events, so that no tag makes an object and no alias multiplies what is there.

    Raises:
        ImportFailed: not YAML, not a list, or it has aliases.
    """
    with opened(path) as file:
        events = yaml.parse(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        try:
            yield from _yaml_rows(path, events)
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            mark = getattr(error, "problem_mark", None)
            where = f" at line {mark.line + 1}" if mark else ""
            raise ImportFailed(f"{path.name} is broken YAML{where}; correct it there") from error


def _yaml_rows(path: Path, events: Iterator[Any]) -> Iterator[Record | BadRow]:
    openings = (event for event in events if not isinstance(event, yaml.StreamStartEvent | yaml.DocumentStartEvent))
    if not isinstance(next(openings, None), yaml.SequenceStartEvent):
        raise ImportFailed(
            f"{path.name} is not a list of records; it must hold one mapping a product, each after a dash"
        )
    for event in events:
        if isinstance(event, yaml.SequenceEndEvent):
            return
        line = event.start_mark.line + 1
        yield _record(line, _value(event, events, path))


def _value(event: Any, events: Iterator[Any], path: Path, depth: int = 0) -> Any:
    if isinstance(event, yaml.AliasEvent) or depth > _DEEPEST:
        raise ImportFailed(
            f"{path.name} has aliases or deep nesting at line {event.start_mark.line + 1}; write it plainly"
        )
    if isinstance(event, yaml.ScalarEvent):
        if not event.implicit[0]:
            return event.value
        return None if event.value in _NULLS else _TRUTHS.get(event.value.lower(), event.value)
    values = []
    for inner in events:
        if isinstance(inner, yaml.SequenceEndEvent | yaml.MappingEndEvent):
            break
        values.append(_value(inner, events, path, depth + 1))
    if isinstance(event, yaml.MappingStartEvent):
        return {str(key): value for key, value in zip(values[::2], values[1::2], strict=True)}
    return values


def _record(line: int, row: Any) -> Record | BadRow:
    if not isinstance(row, dict):
        return BadRow(line, "is not an object with named values")
    return Record(line, {column_key(str(key)): value for key, value in row.items() if value not in (None, "")})
