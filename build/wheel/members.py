"""The members of a wheel: all checked before a byte of them is unpacked, and located in the archive."""

from __future__ import annotations

import stat
import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from .ends import EndError, find_directory
from .facts import DEFLATED, STORED
from .headers import check_spans, read_header
from .limits import MIB, MOST_DIRECTORY, MOST_MEMBERS, MOST_RATIO, MOST_UNPACKED, RATIO_FROM
from .names import colliding, name_fault, shown
from .refusal import refuse, refused, unsound
from .streams import Member, StreamError

# APPNOTE.TXT 4.4.4: encrypted, patched, strongly encrypted, directory masked.
_UNREADABLE = 1 << 0 | 1 << 5 | 1 << 6 | 1 << 13
_METHODS = {9: "deflate64", 12: "bzip2", 14: "LZMA", 93: "Zstandard", 95: "XZ"}
# What zipfile says to versions, names, lengths and extra fields that make no sense.
_ZIPFILES_OWN = (zipfile.BadZipFile, RuntimeError, ValueError, EOFError, LookupError, struct.error)


def read_members(stream: IO[bytes], path: Path, filename: str) -> dict[str, Member]:
    """Reads an archive's directory, and every header that it points to.

    Args:
        stream: the open wheel.
        path: where it lies.
        filename: its name, for what is wrong with it.

    Returns:
        Name to member, without folders, in the order in which they lie in the archive. Together with folders,
        the directory and the end record they are every byte of the file, and none is in two of them.

    Raises:
        UserError: not all tools would find the same files in it, or some would not be safe to unpack.
    """
    infos, begin = _read_directory(stream, filename)
    refuse(filename, [fault for info in infos if (fault := _fault(info))])
    refuse(filename, [*_repeated(infos), *_hollow(infos)])
    refuse(filename, _too_much(infos, path.stat().st_size))
    infos.sort(key=lambda info: info.header_offset)
    members: list[Member] = []
    faults = []
    for info in infos:
        try:
            member = read_header(stream, info, begin)
            members.append(member)
            if info.is_dir():
                # Nobody asks for it, and it must be as empty as the directory says.
                for _ in member.pieces(stream):
                    pass
        except StreamError as error:
            faults.append(f"{shown(info.filename)} is damaged: {error}")
    refuse(filename, faults or check_spans(stream, members, begin))
    return {member.info.filename: member for member in members if not member.info.is_dir()}


def _read_directory(stream: IO[bytes], filename: str) -> tuple[list[zipfile.ZipInfo], int]:
    """The entries of the directory, and where it begins."""
    try:
        directory = find_directory(stream)
        if directory.members > MOST_MEMBERS or directory.size > MOST_DIRECTORY:
            raise refused(
                filename,
                f"has {directory.members} members in a directory of {directory.size} bytes, and up to "
                f"{MOST_MEMBERS} and {MOST_DIRECTORY} are taken",
            )
        stream.seek(0)
        with zipfile.ZipFile(stream) as archive:
            infos = archive.infolist()
    except (EndError, *_ZIPFILES_OWN) as error:
        raise unsound(filename, error) from error
    if len(infos) != directory.members:
        raise unsound(filename, f"it has {len(infos)} members, and its end record has {directory.members}")
    return infos, directory.begin


def _fault(info: zipfile.ZipInfo) -> str | None:
    # A NUL ends the name for zipfile, and other tools read on: the names must agree.
    fault = name_fault(info.orig_filename) or _kind_fault(info)
    return f"{shown(repr(info.orig_filename))} {fault}" if fault else None


def _kind_fault(info: zipfile.ZipInfo) -> str | None:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind and kind != stat.S_IFREG and not (info.is_dir() and kind == stat.S_IFDIR):
        return "is not a regular file (a link or a device)"
    if info.is_dir() and info.file_size:
        return "is a folder with content"
    if info.filename != info.orig_filename:
        return f"has a second name, {shown(info.filename)}"
    return _packing_fault(info)


def _packing_fault(info: zipfile.ZipInfo) -> str | None:
    if info.flag_bits & _UNREADABLE:
        return "is encrypted, or a patch"
    if info.volume:
        return "is in another part of the archive"
    if info.compress_type not in {STORED, DEFLATED}:
        # pip unpacks some of these, but PyPI takes none, and streams go into the layer as they are.
        method = _METHODS.get(info.compress_type, "an unknown method")
        return f"is packed by method {info.compress_type} ({method}), which Lambda cannot unpack"
    return None


def _repeated(infos: Sequence[zipfile.ZipInfo]) -> list[str]:
    seen: set[str] = set()
    faults = []
    for info in infos:
        if info.filename in seen:
            faults.append(f"{shown(info.filename)} is in it twice")
        elif not info.is_dir():
            seen.add(info.filename)
    return faults + [
        f"{shown(path)} is a file and a folder" for path, _ in colliding(info.filename for info in infos)
    ]


def _hollow(infos: Sequence[zipfile.ZipInfo]) -> list[str]:
    """Folders that are called as those of packages are, and hold none: pip counts them, too."""
    tops = {info.filename.partition("/")[0] for info in infos if not info.is_dir()}
    named = {info.filename.partition("/")[0] for info in infos if info.is_dir()} - tops
    return [f"{shown(top)} is an empty folder" for top in named if top.endswith(".dist-info")]


def _too_much(infos: Sequence[zipfile.ZipInfo], packed: int) -> list[str]:
    size = sum(info.file_size for info in infos)
    if size > MOST_UNPACKED:
        most = f"up to {MOST_UNPACKED // MIB} are taken (Lambda has room for 250)"
        return [f"its files are {size // MIB} MiB unpacked, and {most}"]
    if size > RATIO_FROM and size > packed * MOST_RATIO:
        return [f"its {packed} bytes unpack to {size}, more than {MOST_RATIO} times as many"]
    return []
