"""Broken and hostile wheels, made from a sound one: each with the reason for which it must be refused."""

from __future__ import annotations

from .case import Case, Family
from .ends import ENDS
from .headers import HEADERS
from .identity import IDENTITY
from .kinds import KINDS_OF_MEMBERS
from .members import MEMBERS
from .names import NAMES
from .records import RECORDS
from .streams import STREAMS

FAMILIES: tuple[Family, ...] = (
    *NAMES,
    *KINDS_OF_MEMBERS,
    *MEMBERS,
    *HEADERS,
    *ENDS,
    *STREAMS,
    *RECORDS,
    *IDENTITY,
)

__all__ = ["FAMILIES", "Case"]
