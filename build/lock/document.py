"""A lock as it lies on disk, unread but for its kind: what a warm build recognises it by."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from ..errors import UserError
from ..evidence import saw_file
from .foreign import foreign, kind_by_content
from .lines import Line, read_lines

REQUIREMENTS, PYLOCK, UV = "requirements", "pylock", "uv"


class Document(NamedTuple):
    """A lock of a kind that is read here.

    Attributes:
        kind: `requirements` (pip), `pylock` (PEP 751) or `uv`.
        file: where it lies; relative paths in it count from its folder.
        content: its bytes.
        lines: of a requirements file, with all that it includes.
        beside: files that uv reads together with its lock: name to content, None where there is none.
    """

    kind: str
    file: Path
    content: bytes
    lines: tuple[Line, ...] = ()
    beside: Mapping[str, bytes | None] = MappingProxyType({})

    def __repr__(self) -> str:
        # What it holds may hold credentials.
        return f"Document({self.kind!r}, {self.file!r})"


def read_document(lock: Path, environ: Mapping[str, str] = os.environ) -> Document:
    """Reads a lock as far as its kind needs.

    The name decides where it is a known one (`pylock.toml`, `pylock.<name>.toml`, `uv.lock`,
    `<script>.py.lock`), else the content.

    Args:
        lock: the file.
        environ: where `${NAME}` of requirements files is looked up.

    Raises:
        UserError: it cannot be read, or is of a kind that is refused, with the command that makes a lock.
    """
    content = _content(lock)
    kind = _kind(lock, content)
    if kind == PYLOCK:
        return Document(PYLOCK, lock, content)
    if kind == UV:
        return Document(UV, lock, content, beside=_beside(lock))
    return Document(REQUIREMENTS, lock, content, lines=read_lines(lock, environ))


def script_of(lock: Path) -> Path | None:
    """The script that a lock made by `uv lock --script` belongs to; None for a project's lock."""
    return lock.with_suffix("") if lock.name.endswith(".py.lock") else None


def _content(lock: Path) -> bytes:
    if str(lock) == "-" or lock.is_fifo() or lock.is_char_device():
        # It is read more than once: here, with what it includes, and by uv.
        raise UserError(f"the lock {lock} is no file; write it into one first (requirements.txt)")
    try:
        content = lock.read_bytes()
    except OSError as error:
        raise UserError(f"cannot read the lock {lock}: {error.strerror or error}") from error
    saw_file(lock, content)
    return content


def _kind(lock: Path, content: bytes) -> str:
    name = lock.name
    if name == "pylock.toml" or (name.startswith("pylock.") and name.endswith(".toml")):
        return PYLOCK
    if name == "uv.lock" or name.endswith(".py.lock"):
        return UV
    kind = kind_by_content(content)
    if kind == UV:
        raise UserError(
            f"{lock} is a uv.lock under another name; uv reads it only as uv.lock beside its project"
        )
    if kind == REQUIREMENTS and (reason := foreign(name, content)) is not None:
        raise UserError(f"{lock} {reason}")
    return kind


def _beside(lock: Path) -> dict[str, bytes | None]:
    """What else decides how uv reads its lock: groups, extras and members stand in the project's file."""
    script = script_of(lock)
    found: dict[str, bytes | None] = {}
    for path in [script] if script else [lock.parent / "pyproject.toml", lock.parent / "uv.toml"]:
        try:
            content = path.read_bytes()
        except OSError:
            content = None
        saw_file(path, content)
        found[path.name] = content
    return found
