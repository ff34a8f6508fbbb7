"""What the tests of the readers share: a file from text, and its entries by kind."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from agent.feeds import BadRow, Mapping, Note, Skipped, read_feed
from agent.shop import Product


@dataclass(frozen=True)
class Read:
    products: dict[str, Product]
    bad: list[BadRow]
    skipped: list[Skipped]
    notes: list[str]

    @property
    def lines(self) -> list[int]:
        """Those of the bad rows, in order."""
        return sorted(row.line for row in self.bad)


def read(path: Path, format: str | None = None, mapping: Mapping | None = None) -> Read:
    entries = list(read_feed(path, format, mapping))
    return Read(
        products={entry.id: entry for entry in entries if isinstance(entry, Product)},
        bad=[entry for entry in entries if isinstance(entry, BadRow)],
        skipped=[entry for entry in entries if isinstance(entry, Skipped)],
        notes=[entry.text for entry in entries if isinstance(entry, Note)],
    )


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path
