"""Who uses the cache: builds share it, a prune has it alone, one at a time brings a wheel; last uses.

The locks are the kernel's (`flock`), so each ends with its process, however that ends. Where a file system
has no such locks, a build that loses a wheel to a prune fetches it again, and two that need the same wheel at
once fetch it twice.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from ..errors import FailureError

_NAME = "in-use"
_PAUSE = 0.1
_FIRST_PAUSE = 0.01
# What somebody else needs longer for than this is not waited for any more: they may have been stopped.
_LONGEST_TURN = 120.0
# How exactly the time of the last use is kept, in seconds; a second build within that writes nothing.
_GRAIN = 600


def touch(path: Path, modified: float) -> None:
    """Keeps that an entry is used now, as its time of modification.

    Args:
        path: of the entry.
        modified: that time, so far.
    """
    if time.time() - modified > _GRAIN:
        # In a folder that is only read nobody prunes.
        with contextlib.suppress(OSError):
            os.utime(path)


@contextlib.contextmanager
def shared(root: Path) -> Iterator[None]:
    """Keeps prunes away while the block runs; waits for one that is under way."""
    descriptor = _open(root)
    try:
        if descriptor is not None:
            import fcntl  # noqa: PLC0415 (an unchanged build gets by without)

            with contextlib.suppress(OSError):
                fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


@contextlib.contextmanager
def alone(root: Path, *, patience: float) -> Iterator[None]:
    """Keeps builds away while the block runs; waits for those that are under way.

    Args:
        root: the cache's folder.
        patience: for how many seconds.

    Raises:
        FailureError: builds still use the cache after that time.
    """
    import fcntl  # noqa: PLC0415 (as above)

    descriptor = _open(root)
    until = time.monotonic() + patience
    try:
        while descriptor is not None:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise FailureError(
                        f"builds use the cache {root}, so nothing was removed; prune it when they are done"
                    ) from None
                time.sleep(_PAUSE)
            except OSError:
                break
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


@contextlib.contextmanager
def turn(folder: Path, *, pause: Callable[[float], None], patience: float = _LONGEST_TURN) -> Iterator[None]:
    """Keeps other threads and processes from doing the same while the block runs; waits for who does it.

    Args:
        folder: stands for what is done; it is locked itself, so that no file is left over.
        pause: waits so many seconds, or raises what ends the waiting.
        patience: for how many seconds to wait before doing it all the same.
    """
    import fcntl  # noqa: PLC0415 (as above)

    descriptor = None
    try:
        # Whoever has to write there is told what is wrong with it.
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        until, seconds = time.monotonic() + patience, _FIRST_PAUSE
        while descriptor is not None and time.monotonic() < until:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                pause(seconds)
                seconds = min(2 * seconds, _PAUSE)
            except OSError:
                break
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _open(root: Path) -> int | None:
    path = root / _NAME
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        pass
    try:
        root.mkdir(parents=True, exist_ok=True)
        return os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError:
        # Whoever has to write there is told what is wrong with it.
        return None
