"""Where an archive's directory lies: read from the end of the file, with no room for a second opinion.

What stands at the end of a zip can be read in several ways, and tools differ in which they choose: by the
first or the last end record, with or without zip64, with bytes before and behind. An archive that means two
things is refused, so that every tool finds the files that were checked here.
"""

from __future__ import annotations

import struct
from typing import IO, NamedTuple

# APPNOTE.TXT 4.3.14 to 4.3.16: zip64 end of central directory, its locator, end of central directory.
_END_64 = struct.Struct("<4sQHHIIQQQQ")
_LOCATOR_64 = struct.Struct("<4sIQI")
_END = struct.Struct("<4sHHHHIIH")
_END_64_MARK, _LOCATOR_MARK, _END_MARK = b"PK\x06\x06", b"PK\x06\x07", b"PK\x05\x06"
_MOST_COMMENT = 0xFFFF
# A field with all bits set says that the zip64 record has the value.
_FULL_16, _FULL_32 = 0xFFFF, 0xFFFFFFFF


class EndError(ValueError):
    """The end of an archive is missing, or can be read in more than one way; the message says how."""


class Directory(NamedTuple):
    """Where an archive's directory lies.

    Attributes:
        members: how many entries it has.
        begin: its first byte's place, and so the end of the last member.
        size: its length in bytes.
    """

    members: int
    begin: int
    size: int


def find_directory(stream: IO[bytes]) -> Directory:
    """Finds the directory of an archive that is nothing but an archive, from a file's first byte to its last.

    Args:
        stream: of the file; it is left standing anywhere.

    Raises:
        EndError: there is none, or not all readers would find the same.
    """
    length = stream.seek(0, 2)
    tail_at = max(0, length - _END.size - _MOST_COMMENT)
    stream.seek(tail_at)
    tail = stream.read()
    place = tail.rfind(_END_MARK)
    if place < 0 or len(tail) - place < _END.size:
        raise EndError("it has no end record (it may have been cut short)")
    _, disk, other_disk, here, members, size, begin, comment = _END.unpack_from(tail, place)
    if len(tail) - place - _END.size != comment:
        raise EndError("it has bytes behind its end record, or a comment that looks like one")
    found = _Values(disk, other_disk, here, members, size, begin)
    end = tail_at + place
    large = _read_64(stream, end)
    if large is not None:
        end, found = large[0], _agreed(found, large[1])
    if found.disk or found.other_disk or found.here != found.members:
        raise EndError("it is one part of several")
    if found.begin + found.size != end:
        raise EndError("its directory is not where its end record says")
    return Directory(found.members, found.begin, found.size)


class _Values(NamedTuple):
    disk: int
    other_disk: int
    here: int
    members: int
    size: int
    begin: int


def _read_64(stream: IO[bytes], end: int) -> tuple[int, _Values] | None:
    """The place of the zip64 record and what it says, or None where there is none."""
    locator_at = end - _LOCATOR_64.size
    if locator_at < 0:
        return None
    stream.seek(locator_at)
    mark, disk, place, disks = _LOCATOR_64.unpack(stream.read(_LOCATOR_64.size))
    if mark != _LOCATOR_MARK:
        return None
    if disk or disks != 1 or place != locator_at - _END_64.size:
        raise EndError("its zip64 locator does not point to the record before it")
    stream.seek(place)
    mark, length, _, _, *values = _END_64.unpack(stream.read(_END_64.size))
    if mark != _END_64_MARK or length != _END_64.size - 12:
        raise EndError("its zip64 record is damaged")
    return place, _Values(*values)


def _agreed(small: _Values, large: _Values) -> _Values:
    full = _Values(_FULL_16, _FULL_16, _FULL_16, _FULL_16, _FULL_32, _FULL_32)
    if any(few not in {most, many} for few, most, many in zip(small, full, large, strict=True)):
        raise EndError("its end record and its zip64 record say different things")
    return large
