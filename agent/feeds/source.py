"""Opening a catalogue file: compressed or not, in which encoding, line by line, never whole in memory."""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from agent.errors import ImportFailed
from agent.feeds.entries import Note

HEAD = 64 * 1024
# A longer line is cut here; its reader then finds it broken and reports it.
LONGEST_LINE = 4 * 1024 * 1024
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_HALF = re.compile("[\udc80-\udcff]")


def head_of(path: Path) -> bytes:
    """The first 64 KiB of the file's content.

    Raises:
        ImportFailed: the file is missing, unreadable, empty, or not text.
    """
    with opened(path) as file:
        head = file.read(HEAD)
    if not head.strip():
        raise ImportFailed(f"{path.name} is empty; give a file with products")
    if head.startswith(_ZIP):
        raise ImportFailed(f"{path.name} is a spreadsheet or a zip archive; save it as CSV (UTF-8) and import that")
    if b"\x00" in head and not head.startswith(_UTF16):
        raise ImportFailed(f"{path.name} is not a text file; export the catalogue as CSV, XML or JSONL")
    return head


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """The file's bytes, unpacked where it is gzip. What goes wrong while reading becomes ImportFailed, too."""
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == _GZIP
            raw.seek(0)
            if packed:
                with gzip.open(raw) as unpacked:
                    yield cast(BinaryIO, unpacked)
            else:
                yield raw
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ImportFailed(f"{path.name} is cut short or damaged; fetch it again") from error
    except FileNotFoundError as error:
        raise ImportFailed(f"there is no file {path}; check the path") from error
    except OSError as error:
        raise ImportFailed(
            f"cannot read {path}: {error.strerror or error}; check that it is a readable file"
        ) from error


def text_lines(path: Path, encoding: str) -> Iterator[str]:
    """The file's lines with their ends. Bytes that are not of the encoding stay as half characters (`is_broken`)."""
    with opened(path) as file:
        errors = "replace" if encoding.startswith(("cp", "utf-16")) else "surrogateescape"
        text = io.TextIOWrapper(file, encoding=encoding, errors=errors, newline="")
        try:
            while line := text.readline(LONGEST_LINE):
                yield line
                while len(line) == LONGEST_LINE and not line.endswith("\n"):
                    line = text.readline(LONGEST_LINE)
        finally:
            text.detach()


def is_broken(line: str) -> bool:
    """Does the text hold bytes that could not be decoded?"""
    return not line.isascii() and _HALF.search(line) is not None


def encoding_of(path: Path, wanted: str | None = None) -> tuple[str, Note | None]:
    """How to decode a file, found by reading it once.

    UTF-8, unless most of its lines with other than ASCII letters are not UTF-8; then Windows-1252, with a note.
    """
    if wanted is not None:
        return {"utf-8": "utf-8-sig", "utf8": "utf-8-sig"}.get(wanted.lower(), wanted), None
    good = bad = first = 0
    with opened(path) as file:
        if file.read(2) in _UTF16:
            return "utf-16", None
        file.seek(0)
        for number, line in enumerate(iter(lambda: file.readline(LONGEST_LINE), b""), start=1):
            if line.isascii():
                continue
            try:
                line.decode("utf-8")
                good += 1
            except UnicodeDecodeError:
                bad, first = bad + 1, first or number
    if bad <= good:
        return "utf-8-sig", None
    return "cp1252", Note(
        f"the file is not UTF-8 (first seen in line {first}); it was read as Windows-1252. "
        "If letters with accents look wrong, save it as UTF-8"
    )


def decoded_head(head: bytes) -> str:
    """The head as text, for a look at what kind of file it is."""
    if head.startswith(_UTF16):
        return head.decode("utf-16", errors="replace")
    return head.decode("utf-8-sig", errors="replace")
