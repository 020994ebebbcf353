"""The recipe of a zip: every byte that is not copied, and where the others are copied from."""

from __future__ import annotations

import struct
import zlib
from array import array
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from ..wheel.facts import STORED

if TYPE_CHECKING:
    # A warm build follows a recipe that is known, and needs no layout.
    from .placed import PlannedFile

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

ROW = 4
# How a recipe is kept: the lengths of its four parts, then the parts. Numbers are little-endian.
_HEAD = struct.Struct("<4sQQQQ")
_MAGIC = b"lrc1"
_NUMBERS = "Q"


class RecipeError(ValueError):
    """Bytes that are no recipe."""


class Recipe(NamedTuple):
    """How a zip is put together.

    Attributes:
        sources: the keys of the files that streams are copied from.
        rows: for each file of the zip, in its order, four numbers: how many bytes of `written` come first
            (its header, and its content where it is not copied); which source then, counted from 1, or 0 for
            none; the offset there; the length.
        written: what is not copied, one piece after the other.
        end: the central directory and what follows it.
    """

    sources: tuple[str, ...]
    rows: array[int]
    written: bytes
    end: bytes

    @property
    def size(self) -> int:
        """The length of the zip in bytes."""
        return len(self.written) + sum(self.rows[3::ROW]) + len(self.end)


def recipe_of(files: Iterable[PlannedFile]) -> Recipe:
    """Writes down how files become a zip.

    Headers leave nothing to chance: fixed date, normalised mode, no extra fields but those of large archives.

    Args:
        files: in the order in which they lie in the zip.
    """
    sources: dict[str, int] = {}
    rows = array(_NUMBERS)
    written: list[bytes] = []
    directory: list[bytes] = []
    position = 0
    for file in files:
        name = file.path.encode("utf-8")
        flags = 0 if file.path.isascii() else _UTF_8
        stream = _stream_of(file)
        method, crc, packed, size = stream
        header = (
            _LOCAL.pack(0x04034B50, _NEEDED, flags, method, 0, _DATE, crc, packed, size, len(name), 0) + name
        )
        directory.append(_central(name, flags, file.executable, stream, position))
        if file.source is None or file.file is None:
            header += file.content
            rows.extend((len(header), 0, 0, 0))
            position += len(header)
        else:
            source = sources.setdefault(file.source, len(sources) + 1)
            rows.extend((len(header), source, file.file.offset, packed))
            position += len(header) + packed
        written.append(header)
    return Recipe(tuple(sources), rows, b"".join(written), _end(directory, position))


def to_bytes(recipe: Recipe) -> bytes:
    """A recipe as one piece, for `from_bytes`."""
    sources = "\n".join(recipe.sources).encode()
    rows = recipe.rows.tobytes()
    parts = (sources, rows, recipe.written, recipe.end)
    return b"".join([_HEAD.pack(_MAGIC, *map(len, parts)), *parts])


def from_bytes(kept: bytes) -> Recipe:
    """The recipe that `to_bytes` gave.

    Raises:
        RecipeError: these are other bytes, or fewer.
    """
    try:
        magic, *lengths = _HEAD.unpack_from(kept)
    except struct.error as error:
        raise RecipeError(str(error)) from error
    if magic != _MAGIC or _HEAD.size + sum(lengths) != len(kept):
        raise RecipeError("these are other bytes than a recipe's, or fewer")
    parts = []
    begin = _HEAD.size
    for length in lengths:
        parts.append(kept[begin : begin + length])
        begin += length
    sources, numbers, written, end = parts
    rows = array(_NUMBERS)
    rows.frombytes(numbers)
    return Recipe(tuple(sources.decode().split("\n")) if sources else (), rows, written, end)


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


def _end(directory: list[bytes], start: int) -> bytes:
    entries = b"".join(directory)
    count, size = len(directory), len(entries)
    large = b""
    if count >= _MOST_16 or start + size >= _MOST_32:
        large = _END_64.pack(
            0x06064B50, 44, _UNIX | _NEEDED_64, _NEEDED_64, 0, 0, count, count, size, start
        ) + _LOCATOR_64.pack(0x07064B50, 0, start + size, 1)
    most = min(count, _MOST_16)
    end = _END.pack(0x06054B50, 0, 0, most, most, min(size, _MOST_32), min(start, _MOST_32), 0)
    return entries + large + end
