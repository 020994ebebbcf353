"""What can go wrong in the provider, each with a text for the person who reads it."""

from __future__ import annotations


class ProviderError(Exception):
    """An operation failed; the text says which and why."""


class StoredError(ProviderError):
    """An update failed after its code was stored: the state keeps that, and the next run leaves it alone."""


class UnknownNameError(ProviderError):
    """A type or function that the stand-in does not know; the text names it."""


class NotFoundError(ProviderError):
    """The object that an operation needs is gone; the text names it."""
