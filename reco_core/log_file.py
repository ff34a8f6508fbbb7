"""Reading a behaviour log from CSV, with an error that names the line where one is bad."""

from __future__ import annotations

import csv
import gzip
import math
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from reco_core.errors import LogError
from reco_core.interactions import KINDS, Kind, Log

_CODES = {kind.value: code for code, kind in enumerate(KINDS)}
_CODES[""] = _CODES[Kind.PURCHASE]
_COLUMNS = ("user", "item", "kind", "time")


def read_log(path: Path | str) -> Log:
    """A log from CSV with the columns ``user,item,kind,time``, gzipped where the name ends in ``.gz``.

    Columns may stand in any order, with others among them, and rows in any order; exact duplicates are dropped. Where
    there is no kind it is a purchase. A time is a number or an ISO 8601 date; a date without a zone is in UTC. A file
    without a header is taken as ``user,item,kind,time``, or ``user,item,time`` where it has three columns.

    Raises:
        LogError: the file cannot be read, or a line is bad; the text names the line.
    """
    path = Path(path)
    try:
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rt", encoding="utf-8-sig", newline="") as stream:
            return _parsed(path.name, _rows(csv.reader(stream)))
    except OSError as error:
        raise LogError(f"cannot read the log {path}: {error.strerror or error}") from error
    except (EOFError, zlib.error) as error:
        raise LogError(f"{path.name} is not a whole gzip file; copy it again") from error
    except UnicodeDecodeError as error:
        raise LogError(f"{path.name} is not UTF-8 text; convert it first") from error
    except csv.Error as error:
        raise LogError(f"{path.name} is not CSV: {error}") from error


def _rows(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    for row in reader:
        if row:
            yield reader.line_num, row  # type: ignore[attr-defined]


def _parsed(name: str, rows: Iterator[tuple[int, list[str]]]) -> Log:
    line, first = next(rows, (0, []))
    if not first:
        raise LogError(f"{name} is empty; a log has the columns user,item,kind,time")
    places, is_header = _places(name, first)
    users: list[str] = []
    items: list[str] = []
    kinds: list[int] = []
    times: list[float] = []
    known_times: dict[str, float] = {}
    width = max(place for place in places if place is not None) + 1
    user_at, item_at, kind_at, time_at = places
    assert user_at is not None and item_at is not None and time_at is not None
    if not is_header:
        rows = _with_first(line, first, rows)
    for line, row in rows:
        if len(row) < width:
            raise LogError(f"{name} line {line}: {len(row)} columns where {width} are needed")
        user, item, moment = row[user_at].strip(), row[item_at].strip(), row[time_at]
        if not user or not item:
            raise LogError(f"{name} line {line}: the {'item' if user else 'user'} is empty")
        code = _CODES.get(row[kind_at].strip().lower() if kind_at is not None else "")
        if code is None:
            raise LogError(
                f"{name} line {line}: kind {row[kind_at or 0]!r} is not one of {', '.join(k.value for k in KINDS)}"
            )
        time = known_times.get(moment)
        if time is None:
            time = known_times[moment] = _time(name, line, moment)
        users.append(user)
        items.append(item)
        kinds.append(code)
        times.append(time)
    if not users:
        raise LogError(f"{name} has a header but no interactions")
    return Log.from_columns(users, items, kinds, times)


def _with_first(line: int, first: list[str], rows: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    yield line, first
    yield from rows


def _places(name: str, first: list[str]) -> tuple[list[int | None], bool]:
    """Where user, item, kind and time stand, and whether the first row says so."""
    titles = [cell.strip().lower() for cell in first]
    if "user" in titles or "item" in titles:
        missing = [column for column in ("user", "item", "time") if column not in titles]
        if missing:
            raise LogError(
                f"{name} line 1: the header lacks {' and '.join(missing)}; it needs user,item,time and may have kind"
            )
        return [titles.index(column) if column in titles else None for column in _COLUMNS], True
    if len(first) == 4 and titles[2] in _CODES:
        return [0, 1, 2, 3], False
    if len(first) == 3:
        return [0, 1, None, 2], False
    raise LogError(f"{name} line 1: the first line must be a header that names user,item,kind,time")


def _time(name: str, line: int, text: str) -> float:
    text = text.strip()
    try:
        time = float(text)
    except ValueError:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise LogError(f"{name} line {line}: {text!r} is neither a number nor an ISO 8601 time") from None
        time = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    if not math.isfinite(time):
        raise LogError(f"{name} line {line}: {text!r} is not a time")
    return time
