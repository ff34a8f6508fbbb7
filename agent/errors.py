"""What can go wrong in the agent, as one tree. Each message says what to do next."""

from __future__ import annotations


class ShopkeeperError(Exception):
    """Base of every error that this package raises on purpose; its text may be shown to the operator."""


class SettingsError(ShopkeeperError):
    """A setting is missing or does not make sense."""


class MoneyError(ShopkeeperError):
    """Amounts of different currencies were combined."""


class StoreError(ShopkeeperError):
    """The database cannot be opened, or is of another version."""


class NotFound(ShopkeeperError):
    """No such thing, or not for this session: the two are not told apart, so that nothing leaks."""


class Conflict(ShopkeeperError):
    """Somebody else changed it first; read again and decide anew."""


class PolicyError(ShopkeeperError):
    """The policy file contradicts itself or lacks a rule."""


class ImportFailed(ShopkeeperError):
    """A catalogue file cannot be read at all. (A bad row is reported, not raised.)"""


class WordingError(ShopkeeperError):
    """A template lacks a value, or was given one that it does not use."""


class ModelError(ShopkeeperError):
    """A dialog model could not be loaded or did not answer in time or in form."""
