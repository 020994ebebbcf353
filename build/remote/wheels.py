"""Wheels of the remote cache: found by their SHA-256, and hashed again when they come."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path
from threading import Event, Lock

from ..index.workers import in_parallel
from ..lock.selection import LockedWheel
from ..progress import Stage
from ..wheel.limits import MOST_PACKED
from .hashing import HashingFile
from .store import Bucket, TooLargeError

_LOG = logging.getLogger(__name__)


class RemoteWheels:
    """The wheels of a bucket; any thread may ask."""

    def __init__(self, bucket: Bucket) -> None:
        """Takes the bucket, and asks nothing yet."""
        self._bucket = bucket
        self._lock = Lock()
        self._bad: set[str] = set()

    def fetch(self, sha256: str, target: Path, stage: Stage) -> bool:
        """Writes a wheel into a file, if it is there and its bytes have that hash.

        Args:
            sha256: of the wheel.
            target: a file that is overwritten.
            stage: is told how many bytes came.

        Returns:
            Whether it did. What came and is something else is told on the log, and taken back.

        Raises:
            OSError: the file cannot be written.
        """
        done = 0

        def seen(amount: int) -> None:
            nonlocal done
            done += amount
            stage.advance(amount)

        with target.open("wb") as stream:
            hashing = HashingFile(stream)
            try:
                if not self._bucket.download(_key(sha256), hashing, MOST_PACKED, seen):
                    return False
            except TooLargeError:
                pass
        if hashing.sha256 == sha256:
            return True
        stage.advance(-done)
        with self._lock:
            self._bad.add(sha256)
        _LOG.warning(
            "the wheel %s… of the remote cache %s has other bytes than its name says, and is not used",
            sha256[:12],
            self._bucket.url,
        )
        return False

    def keep(self, wheels: Iterable[tuple[LockedWheel, Path]]) -> None:
        """Puts wheels that are not there, and those that were found to be others than their names say.

        Args:
            wheels: each with the file that has its bytes.
        """

        def put(each: tuple[LockedWheel, Path]) -> bool:
            wheel, path = each
            return self._bucket.put(_key(wheel.sha256), path, replace=wheel.sha256 in self._bad)

        outcomes = in_parallel(put, list(wheels), stop=Event(), interrupt=lambda: None)
        for outcome in outcomes:
            if isinstance(outcome, Exception):
                raise outcome


def _key(sha256: str) -> str:
    return f"wheels/{sha256[:2]}/{sha256}.whl"
