"""What can end a run of the engine, each told in one line."""

from __future__ import annotations


class EngineError(Exception):
    """A run cannot begin, or cannot go on; the message says why and what to do."""


class ResourceError(Exception):
    """A step failed.

    Attributes:
        urn: the resource's.
        message: what the provider said.
    """

    def __init__(self, urn: str, message: str) -> None:
        """Takes the resource and the reason."""
        super().__init__(message)
        self.urn = urn
        self.message = message


class UnsupportedError(EngineError):
    """The program asks for something that this engine does not do; the real one does."""

    def __init__(self, what: str) -> None:
        """Takes the name of what is asked for."""
        super().__init__(f"the stand-in engine does not know {what}; use the Pulumi CLI for this program")
