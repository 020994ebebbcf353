"""Finished files: written under a temporary name beside their place, checked, then moved there."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from .errors import FailureError


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Opens a file that takes its name only when the context ends well; until then the old one stays.

    Args:
        path: where it will be; its folder is made.

    Raises:
        FailureError: it cannot be written (the folder, the disk).
    """
    with writable(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name[:64]}.", suffix=".tmp", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as stream:
                yield stream
            # mkstemp's files are for the owner alone, and a build's outcome must not depend on the umask.
            Path(name).chmod(0o644)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


@contextlib.contextmanager
def writable(folder: Path) -> Iterator[None]:
    """Tells what the operating system says about a folder in words for the user."""
    try:
        yield
    except OSError as error:
        raise FailureError(f"{folder} cannot be written: {error.strerror or error}") from error
