"""What comes out of a catalogue file, one entry at a time: a product, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass

from agent.errors import ShopkeeperError
from agent.shop import Product


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that could not be read. `line` counts from 1, in the file as an editor shows it."""

    line: int
    reason: str
    id: str | None = None

    def __str__(self) -> str:
        return f"line {self.line}{f' ({self.id})' if self.id else ''}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that is sound, but is not for sale: a draft, an archived or an unpublished product."""

    line: int
    reason: str
    id: str | None = None

    def __str__(self) -> str:
        return f"line {self.line}{f' ({self.id})' if self.id else ''}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Note:
    """Something about the whole file that the operator should know: a guess made, an encoding assumed."""

    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """A product and the line where it begins; what the readers of the formats yield."""

    line: int
    product: Product


Entry = Product | BadRow | Skipped | Note
Raw = Found | BadRow | Skipped | Note


class RowError(ShopkeeperError):
    """A row cannot be read; never leaves this package, but becomes a `BadRow`."""
