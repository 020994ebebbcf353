"""Names in a wheel: which of them may be installed, and how they are shown to people."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from itertools import pairwise

from .limits import MOST_NAME, MOST_PATH

# Control characters, and what ends a line or a paragraph: a name with one can forge a line of a log.
_UNSEEN = {"Cc", "Zl", "Zp", "Cs"}
_MOST_SHOWN = 160


def name_fault(name: str) -> str | None:
    """What is wrong with a member's name, or None: it must stay below the folder that it is unpacked into.

    Names that only Windows cannot have (`aux.py`, `a.`, two that differ in case) are fine, as
    for pip on Linux.
    """
    parts = name.removesuffix("/").split("/")
    if not name.isprintable() and any(unicodedata.category(character) in _UNSEEN for character in name):
        return "has a control character in its name"
    if "\\" in name or parts[0][1:2] == ":":
        return "has a name of another operating system"
    if name.startswith("/") or not all(part and part not in {".", ".."} for part in parts):
        return "has a name that leads elsewhere"
    if len(name) * 4 > MOST_NAME and _too_long(name, parts):
        return f"has a name that is too long for Linux ({MOST_NAME} bytes, {MOST_PATH} with its folders)"
    return None


def _too_long(name: str, parts: Iterable[str]) -> bool:
    return len(name.encode()) > MOST_PATH or any(len(part.encode()) > MOST_NAME for part in parts)


def colliding(paths: Iterable[str]) -> list[tuple[str, str]]:
    """Finds files that would have to be folders, too.

    Sorted in such a way that a folder comes right before what is in it, so that no folders have to be listed:
    a few megabytes of names can stand for gigabytes of them.

    Args:
        paths: of files, with `/`; without NUL.

    Returns:
        Each such path with the first one below it, sorted.
    """
    ordered = sorted(path.replace("/", "\0") for path in set(paths))
    return [
        (one.replace("\0", "/"), next_one.replace("\0", "/"))
        for one, next_one in pairwise(ordered)
        if next_one.startswith(f"{one}\0")
    ]


def shown(text: str) -> str:
    """A text from a wheel as an error may have it: on one line, in visible characters, not for pages."""
    if len(text) > _MOST_SHOWN:
        text = f"{text[:_MOST_SHOWN]}…"
    return text if text.isprintable() else ascii(text)
