"""Finished files: written under a temporary name beside their place, then moved there whole."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from .errors import FailureError
from .temporary import make_temporary


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Opens a file that takes its name only when the context ends well; until then the old one stays.

    Args:
        path: where it will be; its folder is made.

    Raises:
        FailureError: it cannot be written (the folder, the disk), or is there and no file, such as a device.
    """
    if path.exists() and not path.is_file():
        raise FailureError(f"{path} is no file that could be replaced; name another")
    with writable(path.parent):
        temporary = make_temporary(path.parent, path.name)
        try:
            with temporary.open("wb") as stream:
                # No fsync: on a slow disk it takes longer than the build, and whoever finds the file later
                # compares its hash with the manifest's, which tells a file that a power cut emptied.
                yield stream
            # A build's outcome must not depend on the umask.
            temporary.chmod(0o644)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def settle(path: Path, content: bytes) -> None:
    """Sees to it that a file has that content; one that has is left alone.

    Raises:
        FailureError: as `replacing`.
    """
    with contextlib.suppress(OSError):
        # A pipe of that name would be waited for.
        if path.is_file() and path.read_bytes() == content:
            return
    with replacing(path) as stream:
        stream.write(content)


@contextlib.contextmanager
def writable(folder: Path) -> Iterator[None]:
    """Tells what the operating system says about a folder in words for the user."""
    try:
        yield
    except (FileExistsError, NotADirectoryError) as error:
        raise FailureError(
            f"{folder} cannot be written: a file is in its way; name another folder"
        ) from error
    except OSError as error:
        raise FailureError(f"{folder} cannot be written: {error.strerror or error}") from error
