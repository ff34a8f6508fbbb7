"""What can go wrong in search, as one tree. Each message is one line that says what to do next."""

from __future__ import annotations


class RetrievalError(Exception):
    """Base of every error that this package raises on purpose."""


class DocumentError(RetrievalError):
    """A product row cannot be read."""


class EncoderError(RetrievalError):
    """The encoder's weights are missing, or are not the ones that this project knows."""


class IndexFolderError(RetrievalError):
    """An index is missing, damaged, of another format or of another encoder: build it anew."""


class QueryError(RetrievalError):
    """A query cannot be understood."""
