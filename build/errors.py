"""The errors that a user can meet: each is one line that says what happened, to what, and what to do."""

from __future__ import annotations

from collections.abc import Sequence


class LaminaError(Exception):
    """The root of every error that build/ raises on purpose; anything else is a bug.

    It is made of one sentence, or of several where there are several faults: `UserError(*faults)`.

    Attributes:
        exit_code: what the command line exits with.
    """

    exit_code = 1

    def __str__(self) -> str:
        return all_faults(self.faults)

    @property
    def faults(self) -> tuple[str, ...]:
        """Each fault's own sentence, without a final full stop."""
        return tuple(str(each) for each in self.args)


class UserError(LaminaError):
    """The input is wrong (a lock, an option, a wheel for another platform): exit code 2."""

    exit_code = 2


class FailureError(LaminaError):
    """The input may be right, but the work failed (network, disk, a damaged cache): exit code 1."""


class DamagedError(FailureError):
    """Something in the cache is gone, or was not what it was and is thrown away.

    Doing the same again fetches it, or makes it anew.

    Attributes:
        what: happened, without what to do.
    """

    def __init__(self, what: str) -> None:
        """Takes what happened, without a full stop."""
        super().__init__(f"{what}; build again to have it anew")
        self.what = what


def all_faults(faults: Sequence[str]) -> str:
    """Joins several faults into one sentence.

    Args:
        faults: one sentence each, without a final full stop.

    Returns:
        The sentences, separated by `; `.
    """
    return "; ".join(faults)
