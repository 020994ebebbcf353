"""Saying that a wheel is refused: one line that names it, everything that is wrong with it, and a way out."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import UserError, all_faults
from .names import shown

_MOST_FAULTS = 5
_WAY_OUT = "build it again, or pin another version"


def refused(filename: str, reason: str) -> UserError:
    """What to raise for a wheel: its name, the reason (the rest of the sentence), and what to do."""
    return UserError(f"{shown(filename)} {reason}; {_WAY_OUT}")


def unsound(filename: str, reason: object) -> UserError:
    """What to raise for a file that is no zip archive, or one that tools would read in different ways."""
    return refused(filename, f"is not a sound zip archive: {shown(str(reason))}")


def refuse(filename: str, faults: Sequence[str]) -> None:
    """Raises when there is any fault; else does nothing.

    Args:
        filename: the wheel's.
        faults: a sentence each; the first few of the sorted ones are told.

    Raises:
        UserError: with all of them.
    """
    if not faults:
        return
    told = sorted(faults)[:_MOST_FAULTS]
    more = len(faults) - len(told)
    rest = f"; and {more} more" if more else ""
    raise refused(filename, f"cannot be installed: {all_faults(told)}{rest}")
