"""Find-links places on this machine: what lies in them, and whether that has changed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from ..evidence import saw_folder, saw_status


def local_path(place: str) -> Path | None:
    """The path of a find-links place that is a path or a `file:` URL; None when it is on the network."""
    if place.startswith("file:"):
        return file_path(place) or Path(place)
    return None if "://" in place else Path(place)


def file_path(url: str) -> Path | None:
    """The path that a `file:` URL means; None where it is none, or means another machine's."""
    from urllib.parse import unquote, urlsplit  # noqa: PLC0415 (a warm build rarely meets such a URL)

    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    path = unquote(parts.path)
    if parts.scheme.lower() != "file" or parts.netloc not in {"", "localhost"} or not path or "\0" in path:
        return None
    return Path(path)


def entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    """The plain files of a folder; nothing when it does not exist."""
    try:
        with os.scandir(folder) as found:
            yield from (entry for entry in found if entry.is_file())
    except (FileNotFoundError, NotADirectoryError):
        return


def state(path: Path) -> str:
    """Changes when a file in the folder (or at the path) appears, goes, is written or moved there."""
    if path.is_dir():
        saw_folder(path)
    else:
        saw_status(path)
    found = hashlib.sha256()
    facts = [(entry.name, entry.stat()) for entry in entries(path)]
    if path.is_file():
        facts.append((path.name, path.stat()))
    for name, stat in sorted(facts, key=lambda fact: fact[0]):
        found.update(f"{name}\0{stat.st_size}\0{stat.st_mtime_ns}\0{stat.st_ino}\0".encode())
    return found.hexdigest()
