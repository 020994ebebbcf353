"""Temporary files: made beside the place that they are for, because a move between disks is no move."""

from __future__ import annotations

import atexit
import os
import time
from contextlib import suppress
from pathlib import Path

_SUFFIX = ".lamina-tmp"
_ABANDONED = 24 * 60 * 60
_own: set[Path] = set()


def make_temporary(folder: Path, prefix: str = "") -> Path:
    """Makes an empty file of a name that nobody else has.

    When the process ends, by a signal too, what is still there under such a name is taken away; so is what a
    killed process left there a day ago or earlier.

    Args:
        folder: where; it is made.
        prefix: the beginning of the name, after a dot.

    Raises:
        OSError: the folder cannot be made or written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    # The standard library's tempfile would do, and importing it takes as long as reading sixty wheels' facts.
    path = folder / f".{prefix[:64]}.{os.urandom(8).hex()}{_SUFFIX}"
    # Before it is there: a signal may come between any two steps, and the caller's `finally` is one too late.
    _own.add(path)
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    return path


def is_temporary(name: str) -> bool:
    """Whether a file's name is one that `make_temporary` gave."""
    return name.startswith(".") and name.endswith(_SUFFIX)


@atexit.register
def take_away() -> None:
    """Takes away what this process has not finished."""
    # Threads that end with the process may still be making some.
    for path in tuple(_own):
        with suppress(OSError):
            path.unlink()


def _sweep(folder: Path) -> None:
    before = time.time() - _ABANDONED
    with os.scandir(folder) as entries:
        for entry in entries:
            if is_temporary(entry.name):
                # Another process may take it away, or finish it, at the same moment.
                with suppress(OSError):
                    if entry.stat().st_mtime < before:
                        Path(entry.path).unlink()
