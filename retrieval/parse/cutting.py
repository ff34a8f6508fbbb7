"""A text from which what was understood is cut out, piece by piece."""

from __future__ import annotations

import re
from collections.abc import Iterator

CUT = " ¦ "
"""Stands where something was cut out, so that words on both sides never become one phrase."""


class Cutting:
    """The rest of a text, lower case, with straight quotes."""

    def __init__(self, text: str) -> None:
        self.text = re.sub(r"[’‘`´]", "'", re.sub(r"[“”″]", '"', text.lower()))

    def cut(self, pattern: re.Pattern[str], most: int | None = None) -> Iterator[re.Match[str]]:
        """Cut out what matches, from left to right, and give each match; the next search sees the cuts."""
        taken = 0
        while most is None or taken < most:
            match = pattern.search(self.text)
            if match is None or not match.group():
                return
            self.cut_out(match)
            taken += 1
            yield match

    def cut_out(self, match: re.Match[str]) -> int:
        """Cut out what a search of the text has found; gives the place behind the cut."""
        self.text = self.text[: match.start()] + CUT + self.text[match.end() :]
        return match.start() + len(CUT)

    def take(self, pattern: re.Pattern[str]) -> bool:
        """Cut out every match; was there one?"""
        return bool(list(self.cut(pattern)))

    def runs(self) -> list[list[str]]:
        """The words that are left, in runs that no cut and no punctuation interrupts."""
        parts = re.split(r"[¦,.;:!?()\n]+(?!\d)", self.text)
        return [run for part in parts if (run := re.findall(r"[^\W_]+(?:[.'/&+-][^\W_]+)*\+?", part))]
