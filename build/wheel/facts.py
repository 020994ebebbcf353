"""What is known about a wheel once it was read: its files as installed, and where their bytes are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

# Counts up whenever what `reading.read_facts` computes changes; facts of another format are computed anew.
FORMAT = 6

STORED = 0
DEFLATED = 8


class File(NamedTuple):
    """One file of a wheel, as it is installed.

    A tuple, because thousands are made from JSON in a warm build.

    Attributes:
        path: relative to the site folder, with `/`.
        executable: whether any executable bit is set.
        method: how its bytes are packed: 0 stored, 8 deflated (APPNOTE.TXT 4.4.5).
        crc: CRC-32 of the content.
        packed: the length in bytes of the packed stream.
        size: the length in bytes of the content.
        offset: where the packed stream begins in the wheel.
        sha256: of the content, 64 hexadecimal digits.
    """

    path: str
    executable: bool
    method: int
    crc: int
    packed: int
    size: int
    offset: int
    sha256: str


def files_of(facts: Mapping[str, Any]) -> list[File]:
    """The files of a wheel, from its facts as JSON has them."""
    return [File._make(row) for row in facts["files"]]
