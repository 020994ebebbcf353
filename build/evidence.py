"""What an answer rests on: files, folders and variables that were looked at, and whether they are the same.

Whoever reads an input says so here. Nothing is imported that takes long (pathlib does), because an unchanged
build needs no more.
"""

from __future__ import annotations

import hashlib
import os
import time

ABSENT = "-"

_CONTENT = "content"
_STATUS = "status"
_FOLDER = "folder"
_VARIABLE = "variable"
_MOMENT = "moment"
# The longest for which an answer from elsewhere is taken for granted: an hour.
LONGEST = 3600


class Evidence:
    """A list of facts, each of which can be checked again."""

    def __init__(self, facts: list[tuple[str, str, str]] | None = None) -> None:
        """Takes the facts of an earlier one, as (kind, name, value)."""
        self.facts = facts or []

    def still_true(self) -> bool:
        """Whether every fact is what it was."""
        return all(_CHECKS[kind](name) == value for kind, name, value in self.facts)


_recording: Evidence | None = None


def record() -> Evidence:
    """Starts to write down what is looked at from now on; one at a time."""
    global _recording  # noqa: PLW0603 (like a log: to hand it through every function would be in everyone's way)
    _recording = Evidence()
    return _recording


def saw_file(path: str | os.PathLike[str], content: bytes | None) -> None:
    """Says that a small file was read, or that there is none (None)."""
    if _recording is not None:
        value = ABSENT if content is None else hashlib.sha256(content).hexdigest()
        _recording.facts.append((_CONTENT, os.path.abspath(path), value))


def saw_status(path: str | os.PathLike[str]) -> None:
    """Says that a large file was used; its size, time and number stand for its content."""
    if _recording is not None:
        name = os.path.abspath(path)
        _recording.facts.append((_STATUS, name, _status(name)))


def saw_folder(path: str | os.PathLike[str]) -> None:
    """Says that a folder was listed; the files in it stand for themselves by size, time and number."""
    if _recording is not None:
        name = os.path.abspath(path)
        _recording.facts.append((_FOLDER, name, _folder(name)))


def saw_variable(name: str) -> None:
    """Says that an environment variable was looked up."""
    if _recording is not None:
        _recording.facts.append((_VARIABLE, name, _variable(name)))


def saw_elsewhere() -> None:
    """Says that something was looked at that only its owner can tell of, such as an object in a bucket.

    It is taken to be so for `LONGEST` seconds.
    """
    if _recording is not None:
        _recording.facts.append((_MOMENT, str(int(time.time())), ""))


def _content(path: str) -> str:
    try:
        with open(path, "rb") as stream:
            return hashlib.sha256(stream.read()).hexdigest()
    except OSError:
        return ABSENT


def _status(path: str) -> str:
    try:
        status = os.stat(path)
    except OSError:
        return ABSENT
    return f"{status.st_size} {status.st_mtime_ns} {status.st_ino}"


def _folder(path: str) -> str:
    try:
        names = sorted(os.listdir(path))
    except OSError:
        return ABSENT
    found = "".join(f"{name}\0{_status(os.path.join(path, name))}\0" for name in names)
    return hashlib.sha256(found.encode("utf-8", "surrogateescape")).hexdigest()


def _variable(name: str) -> str:
    value = os.environ.get(name)
    return ABSENT if value is None else hashlib.sha256(os.fsencode(value)).hexdigest()


def _moment(seconds: str) -> str:
    # A moment to come is one of a clock that was wrong.
    return "" if 0 <= time.time() - int(seconds) < LONGEST else ABSENT


_CHECKS = {
    _CONTENT: _content,
    _STATUS: _status,
    _FOLDER: _folder,
    _VARIABLE: _variable,
    _MOMENT: _moment,
}
