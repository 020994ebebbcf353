"""The errors that a user can meet: each is one line that says what happened, to what, and what to do."""

from __future__ import annotations

from collections.abc import Sequence


class LaminaError(Exception):
    """The root of every error that build/ raises on purpose; anything else is a bug.

    Attributes:
        exit_code: what the command line exits with.
    """

    exit_code = 1


class UserError(LaminaError):
    """The input is wrong (a lock, an option, a wheel for another platform): exit code 2."""

    exit_code = 2


class FailureError(LaminaError):
    """The input may be right, but the work failed (network, disk, a damaged cache): exit code 1."""


def all_faults(faults: Sequence[str]) -> str:
    """Joins several faults of one kind into the one line that an error is.

    Args:
        faults: one sentence each, without a final full stop.

    Returns:
        The sentences, separated by `; `.
    """
    return "; ".join(faults)
