"""Archives of whatever maker, opened within limits: who wrote one may have meant harm, or made a mistake."""

from __future__ import annotations

import contextlib
import errno
import io
import lzma
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..errors import FailureError, UserError
from .ends import EndError, find_directory
from .limits import (
    MIB,
    MOST_DEPTH,
    MOST_DIRECTORY,
    MOST_HEADERS,
    MOST_MEMBERS,
    MOST_PATH,
    MOST_TEXT,
    MOST_UNPACKED,
)
from .names import shown

# What zipfile and what it unpacks with raise for a damaged archive.
UNSOUND = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)
# What is read whole or line by line, by its name: metadata, lists of files, and what a layer says of itself.
_HEADERS = ("METADATA", "PKG-INFO", "WHEEL", ".egg-info")
_TEXTS = (*_HEADERS, "RECORD", ".pth", "lamina.json")


@contextlib.contextmanager
def opened(path: Path, label: str) -> Iterator[tuple[zipfile.ZipFile, list[zipfile.ZipInfo]]]:
    """Opens an archive that is read in the block.

    Args:
        path: of it.
        label: what to call it.

    Returns:
        The archive, and its members, each under the path that it is unpacked to.

    Raises:
        UserError: it is no sound zip archive, or asks for more than any layer needs.
        FailureError: it cannot be read.
    """
    with sound(label):
        _check_directory(path, label)
        with zipfile.ZipFile(path) as archive:
            # bsdtar keeps the dot that it was given.
            members = [each for each in archive.infolist() if each.filename not in {"", "./"}]
            for each in members:
                each.filename = each.filename.removeprefix("./")
            _check_members(members, label)
            yield archive, members


def headers_in(archive: zipfile.ZipFile, member: zipfile.ZipInfo | None) -> str:
    """The headers of a METADATA or WHEEL: what stands before the first empty line; none of no member."""
    if member is None:
        return ""
    return archive.read(member).decode("utf-8", "replace").partition("\n\n")[0]


def lines_in(archive: zipfile.ZipFile, member: zipfile.ZipInfo | None) -> Iterator[str]:
    """The lines of a text one by one, so that a long one takes no memory; none of no member."""
    if member is not None:
        with archive.open(member) as packed:
            yield from io.TextIOWrapper(packed, "utf-8", "replace", newline="")


@contextlib.contextmanager
def sound(label: str) -> Iterator[None]:
    """Tells what is wrong with an archive that is read in the block.

    Args:
        label: what to call it.

    Raises:
        UserError: it is no sound zip archive.
        FailureError: it cannot be read.
    """
    try:
        yield
    except UNSOUND as error:
        raise UserError(f"{label} is not a sound zip archive: {shown(str(error))}") from error
    except OSError as error:
        if error.errno is None or error.errno == errno.EINVAL:
            # A stream that is not bzip2's; an offset before the file's beginning.
            raise UserError(f"{label} is not a sound zip archive: {error.strerror or error}") from error
        raise FailureError(f"{label} cannot be read: {error.strerror or error}") from error


def _check_directory(path: Path, label: str) -> None:
    """Looks at the directory's length before it is read; where that is unclear, it may be all of the file."""
    with path.open("rb") as stream:
        try:
            members, _, size = find_directory(stream)
        except EndError:
            members, size = 0, stream.seek(0, 2)
    _check_count(members, label)
    if size > MOST_DIRECTORY:
        raise UserError(f"{label} has a directory of more than {MOST_DIRECTORY // MIB} MiB")


def _check_members(members: list[zipfile.ZipInfo], label: str) -> None:
    _check_count(len(members), label)
    for each in members:
        name = each.filename
        if len(name) > MOST_PATH or name.count("/") > MOST_DEPTH:
            what = f"{shown(name)} is longer or deeper than any layer's path"
            raise UserError(f"{label} is not a sound zip archive: {what}")
    headers = _largest(members, _HEADERS)
    if headers > MOST_HEADERS:
        raise UserError(f"{label} has metadata of {headers:,} bytes; more than {MOST_HEADERS:,} are not read")
    for what, most, names in (("unpacked", MOST_UNPACKED, ("",)), ("of metadata", MOST_TEXT, _TEXTS)):
        size = sum(each.file_size for each in members if each.filename.endswith(names))
        if size > most:
            raise UserError(f"{label} has {size:,} bytes {what}, and more than {most:,} are not read")


def _check_count(members: int, label: str) -> None:
    if members > MOST_MEMBERS:
        raise UserError(f"{label} has {members:,} members, and more than {MOST_MEMBERS:,} are not read")


def _largest(members: Iterable[zipfile.ZipInfo], names: tuple[str, ...]) -> int:
    return max((each.file_size for each in members if each.filename.endswith(names)), default=0)
