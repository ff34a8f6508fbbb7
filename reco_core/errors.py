"""What can go wrong in the recommendation core, as one tree. Each message is one line that says what to do next."""

from __future__ import annotations


class RecoError(Exception):
    """Base of every error that this package raises on purpose."""


class LogError(RecoError):
    """A behaviour log cannot be read, or holds too little to learn from."""


class ItemsError(RecoError):
    """A file of items, or of their vectors, cannot be read or contradicts itself."""


class HistoryError(RecoError):
    """A file of histories cannot be read."""


class ProfileError(RecoError):
    """A stated preference does not make sense."""


class UnknownItem(RecoError):
    """An item that is not in the catalogue was to be explained."""


class ArtifactError(RecoError):
    """A model folder is missing, damaged, of another format or not ours: train it anew."""
