"""What a lock comes down to for one target: one wheel for each package."""

from __future__ import annotations

from typing import NamedTuple


class LockedWheel(NamedTuple):
    """One wheel of a selection, known by its content.

    Attributes:
        name: the package's name, normalised as PEP 503 says (`typing-extensions`).
        version: the pinned version, normalised as PEP 440 says.
        filename: the wheel's file name as its index spells it.
        sha256: of the wheel's bytes, 64 lower-case hex digits.
    """

    name: str
    version: str
    filename: str
    sha256: str
