"""A file that hashes what is written into it."""

from __future__ import annotations

import hashlib
from typing import IO


class HashingFile:
    """Passes on what is written, and knows its SHA-256 from the beginning of the file."""

    def __init__(self, stream: IO[bytes]) -> None:
        """Takes a file that is open for writing."""
        self._stream = stream
        self._hash = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """Of all that was written since the file began anew; 64 hexadecimal digits."""
        return self._hash.hexdigest()

    def write(self, piece: bytes) -> None:
        """Adds bytes."""
        self._hash.update(piece)
        self._stream.write(piece)

    def begin(self) -> None:
        """Begins anew."""
        self._hash = hashlib.sha256()
        self._stream.seek(0)
        self._stream.truncate()

    def flush(self) -> None:
        """Makes sure that whoever opens the file finds all of it."""
        self._stream.flush()
