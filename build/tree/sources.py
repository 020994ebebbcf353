"""The content of files that lie packed in wheels of the cache: for what has to look into them."""

from __future__ import annotations

import contextlib
import hashlib
import os
import zlib
from threading import Lock
from typing import Self

from ..cache import Cache
from ..errors import DamagedError
from ..lock.selection import LockedWheel
from ..wheel.facts import STORED, File


class Sources:
    """Wheels of the cache, each opened once; any thread may read."""

    def __init__(self, cache: Cache) -> None:
        """Opens nothing yet."""
        self._cache = cache
        self._open: dict[str, int] = {}
        self._lock = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for descriptor in self._open.values():
            os.close(descriptor)

    def read(self, wheel: LockedWheel, file: File) -> bytes:
        """The content of a wheel's file.

        Raises:
            DamagedError: the wheel is gone, or holds other bytes than when it came into the cache.
        """
        packed = os.pread(self._descriptor(wheel), file.packed, file.offset)
        content = packed
        if file.method != STORED:
            # One byte more than it should be is enough to see that it is another.
            with contextlib.suppress(zlib.error):
                content = zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, file.size + 1)
        if hashlib.sha256(content).hexdigest() != file.sha256:
            self._cache.damaged([wheel.sha256])
            raise DamagedError(
                f"the cached {wheel.filename} was damaged: its {file.path} is another than it was"
            )
        return content

    def _descriptor(self, wheel: LockedWheel) -> int:
        with self._lock:
            if wheel.sha256 not in self._open:
                path = self._cache.wheel_path(wheel.sha256)
                try:
                    self._open[wheel.sha256] = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
                except OSError as error:
                    raise DamagedError(f"the cached {path} cannot be read: {error.strerror}") from error
            return self._open[wheel.sha256]
