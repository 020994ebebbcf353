"""The zip writer: packed streams are copied as they are, behind headers that leave nothing to chance."""

from __future__ import annotations

import contextlib
import hashlib
import os
import struct
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import IO, NamedTuple, Self, cast

from ..errors import FailureError
from ..wheel.facts import STORED
from .layout import PlannedFile

# APPNOTE.TXT: 4.3.7 local header, 4.3.12 central directory, 4.3.14 to 4.3.16 its ends.
_LOCAL = struct.Struct("<IHHHHHIIIHH")
_CENTRAL = struct.Struct("<IHHHHHHIIIHHHHHII")
_END = struct.Struct("<IHHHHIIH")
_END_64 = struct.Struct("<IQHHIIQQQQ")
_LOCATOR_64 = struct.Struct("<IIQI")

_NEEDED = 20
_NEEDED_64 = 45
_UNIX = 3 << 8
_UTF_8 = 1 << 11
# 1 January 1980, midnight: the first moment that a zip can name (4.4.6).
_DATE = 0x0021
_MODES = {False: 0o100644 << 16, True: 0o100755 << 16}
_MOST_16 = 0xFFFF
_MOST_32 = 0xFFFFFFFF

_BUFFER = 1 << 20
_BUFFERS = 4


class Written(NamedTuple):
    """What a finished zip is.

    Attributes:
        sha256: of its bytes, 64 hexadecimal digits.
        size: its length in bytes.
    """

    sha256: str
    size: int


class _Output:
    """Hashes what it writes, so that what was hashed is what was written.

    A few buffers go round between two threads: one fills and writes them, the other hashes. Both halves take
    about as long, and both let go of the interpreter's lock.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._hash = hashlib.sha256()
        self._free: SimpleQueue[bytearray] = SimpleQueue()
        self._full: SimpleQueue[memoryview | None] = SimpleQueue()
        for _ in range(_BUFFERS):
            self._free.put(bytearray(_BUFFER))
        self._buffer = self._free.get()
        self._filled = 0
        self.position = 0
        self._thread = Thread(target=self._drain, name="zip hash", daemon=True)
        self._thread.start()

    def write(self, data: bytes) -> None:
        """Takes bytes of any length."""
        begin = 0
        while len(data) - begin > _BUFFER - self._filled:
            end = begin + _BUFFER - self._filled
            self._buffer[self._filled :] = data[begin:end]
            self._filled = _BUFFER
            self._hand_over()
            begin = end
        end = self._filled + len(data) - begin
        self._buffer[self._filled : end] = data[begin:] if begin else data
        self._filled = end
        self.position += len(data)

    def copy(self, descriptor: int, offset: int, length: int) -> int:
        """Takes bytes from a file, from an offset on; gives how many of them are not there."""
        while length:
            if self._filled == _BUFFER:
                self._hand_over()
            room = memoryview(self._buffer)[self._filled : self._filled + length]
            count = os.preadv(descriptor, [room], offset)
            if not count:
                return length
            self._filled += count
            self.position += count
            offset += count
            length -= count
        return 0

    def finish(self) -> Written:
        """Writes what is left, and waits until all is hashed."""
        self._hand_over()
        self.close()
        return Written(self._hash.hexdigest(), self.position)

    def close(self) -> None:
        """Ends the thread."""
        if self._thread.is_alive():
            self._full.put(None)
            self._thread.join()

    def _hand_over(self) -> None:
        view = memoryview(self._buffer)[: self._filled]
        self._full.put(view)
        self._stream.write(view)
        self._buffer, self._filled = self._free.get(), 0

    def _drain(self) -> None:
        while (view := self._full.get()) is not None:
            self._hash.update(view)
            # Each buffer is written before another is asked for, so whoever gets this one may fill it.
            self._free.put(cast("bytearray", view.obj))


def write_zip(files: Iterable[PlannedFile], stream: IO[bytes], wheel_path: Callable[[str], Path]) -> Written:
    """Writes a zip.

    Args:
        files: in the order in which they are written.
        stream: written to, from where it stands.
        wheel_path: where the wheel with a SHA-256 lies.

    Returns:
        The bytes' hash and length.

    Raises:
        FailureError: a wheel is gone, or shorter than it was.
        OSError: the stream cannot be written.
    """
    directory: list[bytes] = []
    with _Wheels(wheel_path) as wheels, contextlib.closing(_Output(stream)) as output:
        for file in files:
            method, crc, packed, size = _stream_of(file)
            offset = output.position
            name = file.path.encode("utf-8")
            flags = 0 if file.path.isascii() else _UTF_8
            output.write(
                _LOCAL.pack(0x04034B50, _NEEDED, flags, method, 0, _DATE, crc, packed, size, len(name), 0)
                + name
            )
            if file.wheel is None or file.file is None:
                output.write(file.content)
            else:
                wheels.copy(file.wheel, file.file.offset, packed, output)
            directory.append(_central(name, flags, file.executable, (method, crc, packed, size), offset))
        _finish(output, directory)
        return output.finish()


def _stream_of(file: PlannedFile) -> tuple[int, int, int, int]:
    if file.file is None:
        # Stored: no compressor's version can then change a byte.
        return STORED, zlib.crc32(file.content), len(file.content), len(file.content)
    return file.file.method, file.file.crc, file.file.packed, file.file.size


def _central(
    name: bytes, flags: int, executable: bool, stream: tuple[int, int, int, int], offset: int
) -> bytes:
    method, crc, packed, size = stream
    extra = b"" if offset < _MOST_32 else struct.pack("<HHQ", 1, 8, offset)
    head = _CENTRAL.pack(
        0x02014B50,
        _UNIX | _NEEDED,
        _NEEDED_64 if extra else _NEEDED,
        flags,
        method,
        0,
        _DATE,
        crc,
        packed,
        size,
        len(name),
        len(extra),
        0,
        0,
        0,
        _MODES[executable],
        min(offset, _MOST_32),
    )
    return head + name + extra


def _finish(output: _Output, directory: list[bytes]) -> None:
    start, count = output.position, len(directory)
    for entry in directory:
        output.write(entry)
    end = output.position
    if count >= _MOST_16 or end >= _MOST_32:
        output.write(
            _END_64.pack(
                0x06064B50, 44, _UNIX | _NEEDED_64, _NEEDED_64, 0, 0, count, count, end - start, start
            )
            + _LOCATOR_64.pack(0x07064B50, 0, end, 1)
        )
    output.write(
        _END.pack(
            0x06054B50,
            0,
            0,
            min(count, _MOST_16),
            min(count, _MOST_16),
            min(end - start, _MOST_32),
            min(start, _MOST_32),
            0,
        )
    )


class _Wheels:
    """The wheels that are read from, each opened once; a memory map would count as resident memory."""

    def __init__(self, wheel_path: Callable[[str], Path]) -> None:
        self._wheel_path = wheel_path
        self._open: dict[str, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for descriptor in self._open.values():
            os.close(descriptor)

    def copy(self, sha256: str, offset: int, length: int, output: _Output) -> None:
        """Copies that many bytes from there."""
        descriptor = self._open.get(sha256)
        if descriptor is None:
            descriptor = self._opened(sha256)
        if output.copy(descriptor, offset, length):
            path = self._wheel_path(sha256)
            raise FailureError(f"the cached wheel {path} ends too early; delete it and build again")

    def _opened(self, sha256: str) -> int:
        path = self._wheel_path(sha256)
        try:
            descriptor = os.open(path, os.O_RDONLY)
        except OSError as error:
            raise FailureError(
                f"the cached wheel {path} cannot be read: {error.strerror}; build again"
            ) from error
        self._open[sha256] = descriptor
        return descriptor
