"""One thing that a reviewer has to look at, and the words for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from .changes import ResourceChange
from .markdown import code
from .urns import plain_type

# Beyond so many of one kind, they are counted.
MOST = 8


class Level(IntEnum):
    """How bad it can be: whether something may be lost, somebody has to look, or ought to know."""

    DANGER = 0
    WARNING = 1
    NOTE = 2


@dataclass(frozen=True, slots=True)
class Caution:
    """One thing to look at.

    Attributes:
        level: how bad it can be.
        kind: one word for programs: `replacement`, `deletion`, `rights`, `size`, `smoke`, `pin`, `drift`.
        text: a sentence in Markdown, all foreign text in it escaped.
        urn: the resource that it is about; empty where it is about several or none.
    """

    level: Level
    kind: str
    text: str
    urn: str = ""


def named(change: ResourceChange) -> str:
    """A resource as a reviewer knows it: its type and its name in the program."""
    return f"{code(plain_type(change.urn.type))} {code(change.urn.name)}"


def listed(names: Sequence[str], most: int = MOST) -> str:
    """Names as a list in a sentence, of which the end is counted."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more:,} more" if more > 0 else "")


def quoted(sentences: Sequence[str], most: int = MOST) -> str:
    """Foreign sentences as a list of code spans."""
    return listed([code(each, 320) for each in sentences], most)
