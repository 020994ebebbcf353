"""The zip writer: follows a recipe, copies packed streams as they are, and hashes what it writes."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import IO, TYPE_CHECKING, NamedTuple, Self

from ..errors import DamagedError
from ..progress import SILENT, Progress
from .recipe import ROW, Recipe, recipe_of

if TYPE_CHECKING:
    # A warm build follows a recipe that is known, and needs no layout.
    from .placed import PlannedFile

# What is handed over at a time to be hashed and written, and how many such pieces may wait to be hashed.
_PIECE = 1 << 20
_AHEAD = 4
# What is read of a source at a time: neighbours in a layer mostly are neighbours in their wheel, too.
_WINDOW = 64 << 10


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

    One thread reads and writes, the other hashes. Both take about as long, and both let go of the
    interpreter's lock.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._hash = hashlib.sha256()
        self._waiting: Queue[bytes | None] = Queue(_AHEAD)
        self._size = 0
        self._thread = Thread(target=self._drain, name="zip hash", daemon=True)
        self._thread.start()

    def write(self, piece: bytes) -> None:
        """Takes the next bytes."""
        self._waiting.put(piece)
        self._stream.write(piece)
        self._size += len(piece)

    def finish(self) -> Written:
        """Waits until all is hashed."""
        self.close()
        return Written(self._hash.hexdigest(), self._size)

    def close(self) -> None:
        """Ends the thread."""
        if self._thread.is_alive():
            self._waiting.put(None)
            self._thread.join()

    def _drain(self) -> None:
        while (piece := self._waiting.get()) is not None:
            self._hash.update(piece)


def write_zip(files: Iterable[PlannedFile], stream: IO[bytes], source_path: Callable[[str], Path]) -> Written:
    """Writes files as a zip, in the order in which they are given; else as `follow`."""
    return follow(recipe_of(files), stream, source_path)


def follow(
    recipe: Recipe,
    stream: IO[bytes],
    source_path: Callable[[str], Path],
    *,
    progress: Progress = SILENT,
) -> Written:
    """Writes the zip of a recipe.

    Args:
        recipe: what it is made of.
        stream: written to, from where it stands.
        source_path: where the file with a source's key lies.
        progress: told how far the writing is.

    Returns:
        The bytes' hash and length.

    Raises:
        DamagedError: a source is gone, or shorter than it was.
        OSError: the stream cannot be written.
    """
    with (
        _Sources(recipe.sources, source_path) as sources,
        contextlib.closing(_Output(stream)) as output,
        progress.stage("writing the layer", total=recipe.size, unit="bytes") as stage,
    ):
        pieces: list[bytes] = []
        waiting = 0
        for piece in _pieces(recipe, sources):
            pieces.append(piece)
            waiting += len(piece)
            if waiting >= _PIECE:
                output.write(b"".join(pieces))
                stage.advance(waiting)
                pieces.clear()
                waiting = 0
        output.write(b"".join([*pieces, recipe.end]))
        stage.advance(waiting + len(recipe.end))
        return output.finish()


def _pieces(recipe: Recipe, sources: _Sources) -> Iterator[bytes]:
    rows = iter(recipe.rows)
    written, begin = recipe.written, 0
    for length, source, offset, packed in zip(*[rows] * ROW, strict=True):
        yield written[begin : begin + length]
        begin += length
        if source:
            start, window = sources.windows[source]
            at = offset - start
            if at >= 0 and at + packed <= len(window):
                yield window[at : at + packed]
            else:
                yield from sources.read(source, offset, packed)


class _Sources:
    """The files that are copied from, each opened once; a memory map would count as resident memory.

    Attributes:
        windows: for each source (counted from 1), the bytes that were read last and their offset.
    """

    def __init__(self, keys: tuple[str, ...], source_path: Callable[[str], Path]) -> None:
        self._keys = keys
        self._source_path = source_path
        self._open: list[int] = [-1] * (len(keys) + 1)
        self.windows: list[tuple[int, bytes]] = [(0, b"")] * (len(keys) + 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for descriptor in self._open:
            if descriptor >= 0:
                os.close(descriptor)

    def read(self, number: int, offset: int, length: int) -> Iterator[bytes]:
        """Reads bytes of a source that its window has not, and moves the window there."""
        descriptor = self._open[number]
        if descriptor < 0:
            descriptor = self._opened(number)
        while length > _WINDOW:
            piece = os.pread(descriptor, min(length, _PIECE), offset)
            if not piece:
                raise self._too_short(number)
            offset += len(piece)
            length -= len(piece)
            yield piece
        window = os.pread(descriptor, _WINDOW, offset)
        if len(window) < length:
            raise self._too_short(number)
        self.windows[number] = (offset, window)
        yield window[:length]

    def _too_short(self, number: int) -> DamagedError:
        path = self._source_path(self._keys[number - 1])
        return DamagedError(f"the cached {path} ends too early")

    def _opened(self, number: int) -> int:
        path = self._source_path(self._keys[number - 1])
        try:
            self._open[number] = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise DamagedError(f"the cached {path} cannot be read: {error.strerror}") from error
        return self._open[number]
