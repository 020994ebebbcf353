"""The header before each member: it must agree with the archive's directory, for some tools read only one."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import IO
from zipfile import ZipInfo

from .names import shown
from .streams import Member, StreamError

# APPNOTE.TXT 4.3.7: signature, flags, method, CRC-32, both sizes, lengths of the name and the extra field.
_LOCAL = struct.Struct("<4s2xHH4xIIIHH")
_MARK = b"PK\x03\x04"
# 4.3.9: what follows a stream whose length was not known when its header was written.
_DESCRIPTOR_MARK = b"PK\x07\x08"
_DESCRIPTORS = {12: "<III", 20: "<IQQ", 16: "<4sIII", 24: "<4sIQQ"}
# 4.4.4: bit 3, and bit 11 (the name is UTF-8), where the name has more than ASCII.
_DESCRIBED = 1 << 3
_UTF_8 = 1 << 11
_FULL_32 = 0xFFFFFFFF
_ZIP64 = 0x0001
_UNICODE_PATH = 0x7075


def read_header(stream: IO[bytes], info: ZipInfo, begin: int) -> Member:
    """Reads the header before a member.

    Args:
        stream: the archive.
        info: the member, as the archive's directory has it.
        begin: where the directory begins.

    Raises:
        StreamError: the header says other things than the directory.
    """
    if info.header_offset > begin:
        # It may be more than a file can have.
        raise StreamError("the archive ends before it")
    stream.seek(info.header_offset)
    head = stream.read(_LOCAL.size)
    if len(head) < _LOCAL.size:
        raise StreamError("the archive ends before it")
    mark, flags, method, crc, packed, size, name_length, extra_length = _LOCAL.unpack(head)
    rest = stream.read(name_length + extra_length)
    name, extra = rest[:name_length], rest[name_length:]
    if mark != _MARK or name != _raw_name(info):
        raise StreamError("its own header has another name than the archive's directory")
    if method != info.compress_type:
        raise StreamError("its own header has another method of packing than the archive's directory")
    if (flags ^ info.flag_bits) & (_DESCRIBED | (0 if name.isascii() else _UTF_8)):
        raise StreamError("its own header has other flags than the archive's directory")
    _check_second_name(info)
    _check_numbers(info, crc, (size, packed), extra, described=bool(flags & _DESCRIBED))
    return Member(info, info.header_offset + _LOCAL.size + name_length + extra_length)


def check_spans(stream: IO[bytes], members: Sequence[Member], end: int) -> list[str]:
    """Checks that members fill an archive from its first byte to its directory, one after the other.

    Where they overlap, few bytes stand for many files; what lies between them is found by tools that read an
    archive from its beginning, and by no other.

    Args:
        stream: the archive.
        members: all of them, in the order of their headers.
        end: where the directory begins.

    Returns:
        What is wrong, a sentence for each.
    """
    faults = []
    place = 0
    for number, member in enumerate(members, 1):
        info = member.info
        if (gap := info.header_offset - place) > 0:
            faults.append(f"{shown(info.filename)} has {gap} bytes before it that belong to no file")
        following = members[number].info.header_offset if number < len(members) else end
        if member.end > following:
            faults.append(f"{shown(info.filename)} overlaps what follows it in the archive")
        place = member.end
        if info.flag_bits & _DESCRIBED and not (place := _described_end(stream, member, following)):
            faults.append(f"{shown(info.filename)} is damaged: what follows it does not describe it")
            place = following
    if end > place:
        faults.append(f"the archive's directory has {end - place} bytes before it that belong to no file")
    return faults


def _raw_name(info: ZipInfo) -> bytes:
    # The directory's name as it was written; zipfile decodes it by this flag of the directory's entry.
    return info.orig_filename.encode("utf-8" if info.flag_bits & _UTF_8 else "cp437")


def _check_numbers(info: ZipInfo, crc: int, sizes: tuple[int, int], extra: bytes, *, described: bool) -> None:
    wide = iter(_wide_numbers(extra))
    found = (crc, *(next(wide, number) if number == _FULL_32 else number for number in sizes))
    meant = (info.CRC, info.file_size, info.compress_size)
    # Where a descriptor follows, the header may know nothing.
    if any(here != there and not (described and here == 0) for here, there in zip(found, meant, strict=True)):
        raise StreamError("its own header has another checksum or size than the archive's directory")


def _wide_numbers(extra: bytes) -> Sequence[int]:
    for kind, data in _fields(extra):
        if kind == _ZIP64:
            return struct.unpack(f"<{len(data) // 8}Q", data[: len(data) // 8 * 8])
    return ()


def _fields(extra: bytes) -> list[tuple[int, bytes]]:
    """The fields of an extra field (4.5.1), as far as they are whole."""
    found = []
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        found.append((kind, extra[4 : 4 + length]))
        extra = extra[4 + length :]
    return found


def _check_second_name(info: ZipInfo) -> None:
    """Refuses an Info-ZIP Unicode path (4.6.9) that names another file: only some tools look at it."""
    for kind, data in _fields(info.extra):
        if kind == _UNICODE_PATH and data[5:] != info.orig_filename.encode("utf-8"):
            raise StreamError("its extra field has another name than the archive's directory")


def _described_end(stream: IO[bytes], member: Member, following: int) -> int:
    """Where the descriptor behind a member ends, or 0 where none is that fills the room and is true."""
    layout = _DESCRIPTORS.get(following - member.end)
    if layout is None:
        return 0
    stream.seek(member.end)
    found = struct.unpack(layout, stream.read(following - member.end))
    if found[0] == _DESCRIPTOR_MARK:
        found = found[1:]
    info = member.info
    return following if found == (info.CRC, info.compress_size, info.file_size) else 0
