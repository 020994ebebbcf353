"""What lies in a cache's folder: every entry with its kind, its size and the time of its last use."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from ..temporary import is_temporary
from .kinds import NOTES, OF_WHEELS, WHEELS, format_of
from .seal import SIZE, UnsealedError, format_in

_WHEEL = ".whl"


class Entry(NamedTuple):
    """A file of the cache.

    Attributes:
        kind: the folder that it lies in.
        key: its name; of a wheel, its SHA-256.
        path: where it lies.
        size: in bytes.
        used: when it was used last, in seconds since 1970.
        temporary: whether it is one that was not finished.
    """

    kind: str
    key: str
    path: Path
    size: int
    used: float
    temporary: bool

    @property
    def group(self) -> tuple[str, str]:
        """What is used and removed together: a wheel and what is known about it; else each alone."""
        return ("", self.key) if self.kind in OF_WHEELS else (self.kind, self.key)


def entries(root: Path) -> Iterator[Entry]:
    """Lists a cache, by kind and key. Files that no kind's folder has are not the cache's."""
    for kind in _listed(root):
        if not kind.is_dir(follow_symlinks=False):
            continue
        for found in _files(kind):
            try:
                status = found.stat(follow_symlinks=False)
            except FileNotFoundError:
                # A build that is under way has finished it, or has taken it away.
                continue
            key = found.name.removesuffix(_WHEEL) if kind.name == WHEELS else found.name
            path = Path(found.path)
            yield Entry(kind.name, key, path, status.st_size, status.st_mtime, is_temporary(found.name))


def is_old(entry: Entry) -> bool:
    """Whether an older version of Lamina wrote an entry in a format that this one does not read."""
    if entry.kind in {WHEELS, NOTES} or entry.temporary:
        return False
    try:
        with entry.path.open("rb", buffering=0) as stream:
            stream.seek(max(entry.size - SIZE, 0))
            return format_in(stream.read(SIZE)) < format_of(entry.kind)
    except UnsealedError:
        return True
    except FileNotFoundError:
        return False


def summary(root: Path) -> dict[str, Any]:
    """What is in a cache, as `cache info --json` prints it.

    Returns:
        `folder`; `kinds`, with `entries` and `bytes` of each; `entries` and `bytes` of all.
    """
    counts: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for entry in entries(root):
        counts[entry.kind] += 1
        sizes[entry.kind] += entry.size
    kinds = {kind: {"entries": counts[kind], "bytes": sizes[kind]} for kind in sorted(counts)}
    return {"folder": str(root), "kinds": kinds, "entries": counts.total(), "bytes": sizes.total()}


def _files(folder: os.DirEntry[str]) -> Iterator[os.DirEntry[str]]:
    for entry in _listed(Path(folder.path)):
        if entry.is_dir(follow_symlinks=False):
            yield from (each for each in _listed(Path(entry.path)) if each.is_file(follow_symlinks=False))
        elif entry.is_file(follow_symlinks=False):
            yield entry


def _listed(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return sorted(found, key=lambda entry: entry.name)
    except FileNotFoundError:
        return []
