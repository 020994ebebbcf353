"""The zip writer: follows a recipe, copies packed streams as they are, and hashes what it writes."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import IO, NamedTuple, Self, cast

from ..errors import FailureError
from .layout import PlannedFile
from .recipe import ROW, Recipe, recipe_of

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
        self._size = 0
        self._thread = Thread(target=self._drain, name="zip hash", daemon=True)
        self._thread.start()

    def write(self, data: bytes, begin: int, end: int) -> None:
        """Takes a part of some bytes, of any length."""
        while (length := end - begin) > (room := _BUFFER - self._filled):
            self._buffer[self._filled :] = data[begin : begin + room]
            self._filled = _BUFFER
            self._hand_over()
            begin += room
        self._buffer[self._filled : self._filled + length] = data[begin:end]
        self._filled += length

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
            offset += count
            length -= count
        return 0

    def finish(self) -> Written:
        """Writes what is left, and waits until all is hashed."""
        self._hand_over()
        self.close()
        return Written(self._hash.hexdigest(), self._size)

    def close(self) -> None:
        """Ends the thread."""
        if self._thread.is_alive():
            self._full.put(None)
            self._thread.join()

    def _hand_over(self) -> None:
        view = memoryview(self._buffer)[: self._filled]
        self._full.put(view)
        self._stream.write(view)
        self._size += self._filled
        self._buffer, self._filled = self._free.get(), 0

    def _drain(self) -> None:
        while (view := self._full.get()) is not None:
            self._hash.update(view)
            # Each buffer is written before another is asked for, so whoever gets this one may fill it.
            self._free.put(cast("bytearray", view.obj))


def write_zip(files: Iterable[PlannedFile], stream: IO[bytes], source_path: Callable[[str], Path]) -> Written:
    """Writes files as a zip, in the order in which they are given; else as `follow`."""
    return follow(recipe_of(files), stream, source_path)


def follow(recipe: Recipe, stream: IO[bytes], source_path: Callable[[str], Path]) -> Written:
    """Writes the zip of a recipe.

    Args:
        recipe: what it is made of.
        stream: written to, from where it stands.
        source_path: where the file with a source's key lies.

    Returns:
        The bytes' hash and length.

    Raises:
        FailureError: a source is gone, or shorter than it was.
        OSError: the stream cannot be written.
    """
    rows = iter(recipe.rows)
    begin = 0
    with _Sources(recipe.sources, source_path) as sources, contextlib.closing(_Output(stream)) as output:
        for length, source, offset, packed in zip(*[rows] * ROW, strict=True):
            output.write(recipe.written, begin, begin + length)
            begin += length
            if source and output.copy(sources.descriptor(source), offset, packed):
                raise sources.too_short(source)
        output.write(recipe.end, 0, len(recipe.end))
        return output.finish()


class _Sources:
    """The files that are copied from, each opened once; a memory map would count as resident memory."""

    def __init__(self, keys: tuple[str, ...], source_path: Callable[[str], Path]) -> None:
        self._keys = keys
        self._source_path = source_path
        self._open: list[int] = [-1] * (len(keys) + 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for descriptor in self._open:
            if descriptor >= 0:
                os.close(descriptor)

    def descriptor(self, number: int) -> int:
        """The open file of a source, counted from 1."""
        descriptor = self._open[number]
        return self._opened(number) if descriptor < 0 else descriptor

    def too_short(self, number: int) -> FailureError:
        """What to raise for a source that has less than the recipe says."""
        path = self._source_path(self._keys[number - 1])
        return FailureError(f"the cached {path} ends too early; delete it and build again")

    def _opened(self, number: int) -> int:
        path = self._source_path(self._keys[number - 1])
        try:
            self._open[number] = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise FailureError(f"the cached {path} cannot be read: {error.strerror}; build again") from error
        return self._open[number]
