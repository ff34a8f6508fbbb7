"""Text from outside made harmless: a catalogue's words are data, whatever they say.

Markup becomes text (what scripts and styles hold is dropped), invisible characters go, white space is made
even, lengths are capped. Cleaning what is clean changes nothing. *Not* covered: words that try to instruct a
language model; they stay, as text, and it is for the conversation's guard to treat them as such.
"""

from __future__ import annotations

import html
import re
import unicodedata
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

TITLE_LENGTH, DESCRIPTION_LENGTH, ATTRIBUTE_LENGTH, ADDRESS_LENGTH = 300, 20_000, 200, 2_000

# Controls, half characters, and what can hide or reorder text: zero-width signs, bidi controls, tag characters.
# The joiners U+200C and U+200D stay, since scripts and emoji need them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|<[!?]")
# A bracket that opens no whole tag. html.parser would look for its end again and again, in quadratic time.
_LOOSE = re.compile(r"<(?!/?[a-zA-Z][^<>]*>)")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_LINE_BREAK = re.compile(r"\r\n?|[\n\x0b\x0c\x85\u2028\u2029]")
_BLOCKS = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote br dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 "
        "header hr li main nav ol p pre section table td th tr ul ",
    )
)
_DROPPED = frozenset({"script", "style"})
_ROUNDS = 5


def one_line(value: Any, limit: int) -> str:
    """The value as one line of plain text of at most `limit` characters; "" for None."""
    text = "" if value is None else str(value)
    if text.isascii() and text.isprintable() and "<" not in text and "&" not in text and "  " not in text:
        return text[:limit].strip()
    return " ".join(_plain(text[: 8 * limit]).split())[:limit].rstrip()


def paragraphs(value: Any, limit: int) -> str:
    """The value as plain text of at most `limit` characters that keeps its lines, with one blank line at the most."""
    text = "" if value is None else str(value)
    lines = [" ".join(line.split()) for line in _LINE_BREAK.split(_plain(text[: 8 * limit]))]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()[:limit].rstrip()


def identifier(value: Any) -> str:
    """An id without invisible characters or outer space; its inner text, markup or not, stays as it is."""
    return " ".join(_INVISIBLE.sub("", str(value)).split()) if value is not None else ""


def image_address(value: Any) -> str | None:
    """An http(s) or relative address, or None for anything else (``javascript:``, ``data:``, ``..``, too long)."""
    text = identifier(value).replace(" ", "%20")
    if text.startswith("//"):
        text = "https:" + text
    if not text or len(text) > ADDRESS_LENGTH or re.search(r"[\"'<>\\^`{|}]", text):
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    if parts.scheme:
        return text if parts.scheme.lower() in {"http", "https"} and parts.netloc else None
    return None if ".." in parts.path.split("/") or ":" in parts.path else text


def _plain(text: str) -> str:
    """Text without markup. Repeated until nothing changes, so that doubly escaped markup does not come alive later."""
    for _ in range(_ROUNDS):
        before = text
        text = unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
        if _MARKUP.search(text):
            text = _strip(text)
        elif _ENTITY.search(text):
            text = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
        if text == before:
            return text
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", text.replace("<", " ").replace("&", " ")))


def _strip(text: str) -> str:
    reader = _TextOnly()
    reader.feed(_LOOSE.sub("&lt;", _without_declarations(text)))
    reader.close()
    return "".join(reader.parts)


def _without_declarations(text: str) -> str:
    """Drops comments, declarations and processing instructions, which html.parser reads unlike browsers."""
    parts, position, unended = [], 0, set[str]()
    for match in re.finditer(r"<[!?]", text):
        start = match.start()
        if start < position:
            continue
        parts.append(text[position:start])
        closing = "-->" if text.startswith("<!--", start) else ">"
        if text.startswith("<![CDATA[", start):
            position = start + len("<![CDATA[")
            continue
        end = -1 if closing in unended else text.find(closing, start)
        if end < 0:
            unended.add(closing)  # none further on either: looking again would take quadratic time
        position = start + 2 if end < 0 else end + len(closing)
    parts.append(text[position:])
    return "".join(parts)


class _TextOnly(HTMLParser):
    """Keeps what a reader would see, with a line break where a block begins or ends."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._dropping = False
        self._dropped: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in _DROPPED:
            self._dropping = True
        elif tag in _BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _DROPPED:
            self._dropping, self._dropped = False, []
        elif tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        (self._dropped if self._dropping else self.parts).append(data)

    def close(self) -> None:
        """A script that never ends was none: a book on the <script> element keeps the rest of its title."""
        super().close()
        if self._dropping:
            self.parts += [*self._dropped, self.rawdata]  # rawdata: what html.parser itself held back
