"""The digest: what a tree of files is, whatever it was made from and wherever."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any, NamedTuple

FORMAT = 1

MODES = {False: "644", True: "755"}


class Entry(NamedTuple):
    """What identity knows of a file.

    Attributes:
        path: with `/`, and without control characters.
        executable: its mode class.
        sha256: of its content, 64 hexadecimal digits.
    """

    path: str
    executable: bool
    sha256: str


def digest(entries: Iterable[Entry], properties: dict[str, Any]) -> str:
    """The SHA-256 over the format's version, the properties, and each file's path, mode class and content.

    Times, owners, folders, the order of the entries and how bytes were packed do not enter.

    Args:
        entries: in any order, no path twice.
        properties: what else makes a difference (target, options), as JSON values.

    Returns:
        64 lower-case hexadecimal digits.
    """
    head = json.dumps({"format": FORMAT, **properties}, sort_keys=True, separators=(",", ":"))
    lines = [f"{path}\0{MODES[executable]} {sha256}\n" for path, executable, sha256 in entries]
    lines.sort()
    return hashlib.sha256((head + "\n" + "".join(lines)).encode("utf-8", "surrogateescape")).hexdigest()
