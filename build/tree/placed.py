"""Files of wheels, at their places in the layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..lock.selection import LockedWheel
from ..wheel.facts import File


@dataclass(frozen=True, slots=True)
class ReadWheel:
    """A wheel of the lock, and what is known about it."""

    wheel: LockedWheel
    facts: Mapping[str, Any]


class Placed(NamedTuple):
    """The file that stands at a path.

    Attributes:
        owner: whose it is.
        file: what it is, and how it lies packed.
        source: the key of what it is copied from; see `Cache.source_path`.
    """

    owner: ReadWheel
    file: File
    source: str


# By the path below `python/`.
Merged = dict[str, Placed]


class PlannedFile(NamedTuple):
    """One file of the layer.

    Attributes:
        path: in the layer, such as `python/six.py`.
        executable: its mode class.
        sha256: of its content, 64 hexadecimal digits.
        source: the key of what its bytes are copied from (see `Cache.source_path`), or None where `content`
            has them.
        file: how they lie in that.
        content: what Lamina wrote itself.
        package: the name of the package that it belongs to, or an empty string.
    """

    path: str
    executable: bool
    sha256: str
    source: str | None
    file: File | None
    content: bytes
    package: str = ""
