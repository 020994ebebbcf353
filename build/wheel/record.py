"""RECORD, the list of a distribution's files: how it is read, and how it is written."""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Iterable

from .names import shown


class RecordError(ValueError):
    """A line that is none of RECORD's."""


def parse_record(text: str) -> dict[str, tuple[str, str]]:
    """Reads a whole RECORD; else as `parse_lines`."""
    return parse_lines(io.StringIO(text, newline=""))


def parse_lines(lines: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Reads a RECORD ("Recording installed projects", formerly PEP 376 and 627).

    Args:
        lines: with their ends.

    Returns:
        Path to (hash such as `sha256=…` or "", size in decimal or "").

    Raises:
        RecordError: a line has not three fields, or a path comes twice.
    """
    listed: dict[str, tuple[str, str]] = {}
    try:
        for row in csv.reader(lines, strict=True):
            if len(row) != 3:
                if not row:
                    # pip fails at it, too.
                    raise RecordError("it has an empty line")
                raise RecordError(f"the line of {shown(row[0])!r} has {len(row)} fields instead of 3")
            path, digest, size = row
            if listed.get(path, (digest, size)) != (digest, size):
                raise RecordError(f"{shown(path)} is listed twice")
            listed[path] = (digest, size)
    except csv.Error as error:
        raise RecordError(f"it is not CSV: {error}") from error
    return listed


def record_text(files: Iterable[tuple[str, str, int]], own_path: str) -> str:
    """Writes the RECORD of installed files, sorted by path as uv sorts it.

    Args:
        files: (path, SHA-256 in hexadecimal digits, size in bytes) of each, without RECORD itself.
        own_path: the path of this RECORD, whose line has neither hash nor size.
    """
    lines = [(path, f"{_field(path)},sha256={_urlsafe(sha256)},{size}\n") for path, sha256, size in files]
    lines.append((own_path, f"{_field(own_path)},,\n"))
    return "".join(line for _, line in sorted(lines))


def _field(path: str) -> str:
    if any(character in path for character in ',"\r\n'):
        return '"' + path.replace('"', '""') + '"'
    return path


def _urlsafe(sha256: str) -> str:
    return base64.urlsafe_b64encode(bytes.fromhex(sha256)).rstrip(b"=").decode()
