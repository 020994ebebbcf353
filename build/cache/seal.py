"""The seal behind an entry's content: the entry's format, and a hash that tells damage."""

from __future__ import annotations

import hashlib
import struct

_MAGIC = b"lamina"
_SEAL = struct.Struct("<6sH32s")
SIZE = _SEAL.size
_DIGEST = 32


class UnsealedError(ValueError):
    """Bytes that do not end with a seal: of an entry that another version wrote, or that is not whole."""


def sealed(content: bytes, number: int) -> bytes:
    """A content with its seal, which stands at the end so that offsets into the content stay.

    Args:
        content: of the entry.
        number: of the entry's format.
    """
    return content + _SEAL.pack(_MAGIC, number, hashlib.sha256(content).digest())


def format_in(end: bytes) -> int:
    """The format that the seal names.

    Args:
        end: the last `SIZE` bytes of an entry.

    Raises:
        UnsealedError: there is no seal.
    """
    try:
        magic, number, _ = _SEAL.unpack(end)
    except struct.error as error:
        raise UnsealedError(str(error)) from error
    if magic != _MAGIC:
        raise UnsealedError("these bytes have no seal")
    return int(number)


def opened(kept: bytes) -> tuple[int, bytes | None]:
    """The format and the content that were sealed; no content (None) where it is damaged.

    Raises:
        UnsealedError: there is no seal.
    """
    number = format_in(kept[-SIZE:])
    content = kept[:-SIZE]
    return number, content if hashlib.sha256(content).digest() == kept[-_DIGEST:] else None
