"""What a case of the corpus is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from ..archives import FILENAME


class Case(NamedTuple):
    """A wheel that must be refused.

    Attributes:
        what: is wrong with it.
        raw: its bytes.
        reason: what must be said, as a regular expression.
        filename: its name.
    """

    what: str
    raw: bytes
    reason: str
    filename: str = FILENAME


Family = Callable[[], Iterator[Case]]
