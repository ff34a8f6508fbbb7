"""Real catalogues, read: Shopkeeper's JSONL, Shopify's CSV, Google's feed, plain tables. See docs/catalogues.md.

Nothing here stores or indexes; what is read is handed on one entry at a time.
"""

from __future__ import annotations

from agent.feeds.documents import to_document
from agent.feeds.entries import BadRow, Entry, Note, Skipped
from agent.feeds.mapping import Mapping, load_mapping
from agent.feeds.reading import FORMATS, detect_format, read_feed
from agent.feeds.shopkeeper import write_jsonl

__all__ = [
    "FORMATS",
    "BadRow",
    "Entry",
    "Mapping",
    "Note",
    "Skipped",
    "detect_format",
    "load_mapping",
    "read_feed",
    "to_document",
    "write_jsonl",
]
