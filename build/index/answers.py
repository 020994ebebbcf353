"""Selections made earlier: by the whole lock for a warm build, by pin for a lock that changed a little."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ..cache import Cache
from ..cache.kinds import PINS, SELECTIONS, format_of
from ..evidence import saw_file
from ..lock.document import REQUIREMENTS, Document
from ..lock.lines import Line
from ..lock.selection import LockedWheel
from ..lock.terms import Terms
from ..target import Target
from .folders import state


def lock_key(document: Document, target: Target, terms: Terms, settings: str) -> str:
    """The key of a whole lock: its content, the target, the terms, and the fingerprint of the settings.

    No credentials enter it. Of a requirements file the lines count, so that comments do not; the folder of a
    line enters where the line names a path.
    """
    if document.kind == REQUIREMENTS:
        here = str(Path.cwd()) if any(_names_path(line.text) for line in document.lines) else ""
        content: Sequence[Any] = [here, *(_key_of(line) for line in document.lines)]
    else:
        beside = [[name, _of(found)] for name, found in sorted(document.beside.items())]
        # Where a lock lies makes a difference only for what it finds from there.
        here = str(document.file.absolute()) if beside or b"path" in document.content else ""
        content = [document.kind, here, _of(document.content), beside]
    wanted = [terms.require_hashes, terms.extras, terms.groups]
    return _digest([format_of(SELECTIONS), target.python, target.architecture, settings, wanted, content])


def _key_of(line: Line) -> list[Any]:
    named = line.text[0] == "-" or _names_path(line.text)
    return [line.constraint, line.text, str(line.file.parent.absolute()) if named else ""]


def _of(content: bytes | None) -> str:
    return "" if content is None else hashlib.sha256(content).hexdigest()


def _names_path(text: str) -> bool:
    """Whether a requirement names a file of this machine; pins do not, and URLs that are elsewhere."""
    return text[0] in "./~" or "file:" in text or (".whl" in text and "://" not in text)


def pin_key(name: str, version: str, hashes: Iterable[str], target: Target, places: Sequence[Any]) -> str:
    """The key of one pin: what is pinned, the target, and where it was looked for."""
    return _digest(
        [format_of(PINS), target.python, target.architecture, places, name, version, sorted(hashes)]
    )


def recall_lock(cache: Cache, key: str) -> tuple[LockedWheel, ...] | None:
    """Gives the selection for a lock, if its wheels are still there and nothing it rests on changed."""
    answer = cache.read_json(SELECTIONS, key)
    if answer is None or any(state(Path(path)) != seen for path, seen in answer["folders"].items()):
        return None
    _saw(cache, key)
    wheels = tuple(LockedWheel(*entry) for entry in answer["wheels"])
    return wheels if all(cache.has_wheel(wheel.sha256) for wheel in wheels) else None


def remember_lock(cache: Cache, key: str, wheels: Sequence[LockedWheel], folders: dict[str, str]) -> None:
    """Keeps the selection for a lock.

    Args:
        cache: where.
        key: from `lock_key`.
        wheels: the selection.
        folders: the state of each find-links folder and local wheel before it was read.
    """
    entries = [[wheel.name, wheel.version, wheel.filename, wheel.sha256] for wheel in wheels]
    cache.write_json(SELECTIONS, key, {"wheels": entries, "folders": folders})
    _saw(cache, key)


def _saw(cache: Cache, key: str) -> None:
    """Says that the build rests on this answer, so that none outlives one that was asked for anew."""
    path = cache.source_path(f"{SELECTIONS}/{key}")
    try:
        saw_file(path, path.read_bytes())
    except OSError:
        saw_file(path, None)


def recall_pin(cache: Cache, key: str) -> LockedWheel | None:
    """Gives the wheel chosen for a pin, if it is still there."""
    answer = cache.read_json(PINS, key)
    if answer is None:
        return None
    wheel = LockedWheel(*answer)
    return wheel if cache.has_wheel(wheel.sha256) else None


def remember_pin(cache: Cache, key: str, wheel: LockedWheel) -> None:
    """Keeps the wheel chosen for a pin."""
    cache.write_json(PINS, key, [wheel.name, wheel.version, wheel.filename, wheel.sha256])


def _digest(parts: Sequence[Any]) -> str:
    text = json.dumps(parts, separators=(",", ":"))
    if "@" in text:
        text = re.sub(r"://[^/\s@]*@", "://", text)
    return hashlib.sha256(text.encode()).hexdigest()
