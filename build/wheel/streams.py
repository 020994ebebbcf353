"""A member's packed stream: unpacked strictly, for later it is copied blindly."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import IO, NamedTuple
from zipfile import ZipInfo

from .facts import STORED

_CHUNK = 1 << 18


class StreamError(ValueError):
    """A stream that is not what the archive's directory says about it."""


class Member(NamedTuple):
    """A member of an archive.

    Attributes:
        info: as the archive's directory has it.
        offset: where its packed stream begins.
    """

    info: ZipInfo
    offset: int

    @property
    def end(self) -> int:
        """The first byte behind its packed stream."""
        return self.offset + self.info.compress_size

    def pieces(self, stream: IO[bytes]) -> Iterator[bytes]:
        """Its content from the open archive; as `content`."""
        return content(stream, self.info, self.offset)


def content(stream: IO[bytes], info: ZipInfo, offset: int) -> Iterator[bytes]:
    """The content of a member, piece by piece.

    zipfile stops at the size that the directory names, and passes over what may follow in the stream; who
    unpacks a copied stream might not. So the stream must end exactly where and when the directory says.

    Args:
        stream: the wheel.
        info: the member.
        offset: where its packed stream begins.

    Raises:
        StreamError: it is damaged; after all pieces that could be read.
    """
    size = checksum = 0
    pieces = _stored if info.compress_type == STORED else _inflated
    for piece in pieces(stream, offset, info.compress_size):
        size += len(piece)
        if size > info.file_size:
            raise StreamError("it is longer than the archive's directory says")
        checksum = zlib.crc32(piece, checksum)
        yield piece
    if size != info.file_size:
        raise StreamError("it is shorter than the archive's directory says")
    if checksum != info.CRC:
        raise StreamError("its checksum (CRC-32) is another")


def _stored(stream: IO[bytes], offset: int, length: int) -> Iterator[bytes]:
    stream.seek(offset)
    while length:
        piece = stream.read(min(length, _CHUNK))
        if not piece:
            raise StreamError("the archive ends within it")
        length -= len(piece)
        yield piece


def _inflated(stream: IO[bytes], offset: int, length: int) -> Iterator[bytes]:
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    for packed in _stored(stream, offset, length):
        rest, full = packed, True
        # Bounded, because a few bytes can stand for gigabytes.
        while (rest or full) and not inflate.eof:
            try:
                piece = inflate.decompress(rest, _CHUNK)
            except zlib.error as error:
                raise StreamError(f"it is not deflated data ({error})") from error
            yield piece
            rest, full = inflate.unconsumed_tail, len(piece) == _CHUNK
        length -= len(packed)
        if inflate.eof:
            break
    if not inflate.eof:
        raise StreamError("its packed stream has no end")
    if inflate.unused_data or length:
        raise StreamError("other bytes follow its packed stream")
