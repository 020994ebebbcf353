"""Unpacks function code and layers once per content, safely, and read-only as Lambda mounts them."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path, PurePosixPath

from .errors import UnusableArchiveError

READ_ONLY_FOLDER = 0o555
READ_ONLY_FILE = 0o444
READ_ONLY_EXECUTABLE = 0o555
COPY_SIZE = 1 << 20


def unpack(archives: Sequence[Path], into: Path) -> Path:
    """Unpacks archives over each other, a later one winning, into a folder named after their content.

    Args:
        archives: the zip files, in order.
        into: where the folders of all contents lie.

    Returns:
        The folder; when it exists already, nothing is unpacked.

    Raises:
        UnusableArchiveError: an archive is missing, damaged, or has a member that would land outside the
            folder.
    """
    target = into / content_key(archives)
    if target.is_dir():
        os.utime(target)
        return target
    into.mkdir(parents=True, exist_ok=True)
    incoming = Path(tempfile.mkdtemp(prefix=".incoming-", dir=into))
    try:
        for archive in archives:
            _unpack_one(archive, incoming)
        _make_read_only(incoming)
        incoming.rename(target)
    except BaseException:
        remove_tree(incoming)
        raise
    return target


def content_key(archives: Sequence[Path]) -> str:
    """Names a sequence of archives by what is in them.

    Args:
        archives: the zip files, in order.

    Returns:
        64 hex digits; the same for the same bytes in the same order.

    Raises:
        UnusableArchiveError: an archive cannot be read.
    """
    key = hashlib.sha256()
    for archive in archives:
        try:
            with archive.open("rb") as stream:
                key.update(hashlib.file_digest(stream, "sha256").digest())
        except OSError as error:
            raise UnusableArchiveError(f"cannot read {archive.name}: {error.strerror}") from error
    return key.hexdigest()


def prune(folder: Path, *, in_use: Collection[Path], keep: int) -> list[Path]:
    """Removes unpacked trees, those that were asked for longest ago first.

    Args:
        folder: what `unpack` was given as `into`.
        in_use: trees that stay in any case.
        keep: how many trees stay although nothing uses them.

    Returns:
        What was removed.
    """
    unused = [tree for tree in folder.iterdir() if tree not in in_use]
    unused.sort(key=lambda tree: tree.stat().st_mtime_ns, reverse=True)
    for tree in unused[keep:]:
        remove_tree(tree)
    return unused[keep:]


def remove_tree(folder: Path) -> None:
    """Removes a folder with everything in it, also where parts of it are read-only.

    Args:
        folder: what to remove; one that does not exist is no error.
    """
    for parent, _, _ in os.walk(folder):
        with contextlib.suppress(FileNotFoundError):
            Path(parent).chmod(0o700)
    shutil.rmtree(folder, ignore_errors=True)


def _unpack_one(archive: Path, into: Path) -> None:
    try:
        with zipfile.ZipFile(archive) as opened:
            for member in opened.infolist():
                _place(opened, member, into, archive.name)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise UnusableArchiveError(f"{archive.name} is no usable zip archive: {error}") from error


def _place(opened: zipfile.ZipFile, member: zipfile.ZipInfo, into: Path, archive: str) -> None:
    target = _target(member.filename, into, archive)
    mode = member.external_attr >> 16
    if member.is_dir():
        _make_room_for_folder(target, into)
        target.mkdir(parents=True, exist_ok=True)
        return
    _make_room_for_folder(target.parent, into)
    target.parent.mkdir(parents=True, exist_ok=True)
    _make_room_for_file(target)
    if stat.S_ISLNK(mode):
        _place_link(opened.read(member).decode(), target, into, f"{archive}: {member.filename}")
        return
    with opened.open(member) as source, target.open("wb") as copy:
        shutil.copyfileobj(source, copy, COPY_SIZE)
    target.chmod(READ_ONLY_EXECUTABLE if mode & 0o111 else READ_ONLY_FILE)


def _target(name: str, into: Path, archive: str) -> Path:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or not path.parts:
        raise UnusableArchiveError(f"{archive}: the member {name!r} would land outside its folder")
    return into / path


def _place_link(destination: str, target: Path, into: Path, member: str) -> None:
    meant = Path(os.path.normpath(target.parent / destination))
    if PurePosixPath(destination).is_absolute() or not meant.is_relative_to(into):
        raise UnusableArchiveError(f"{member} is a link to {destination!r}, outside its folder")
    target.symlink_to(destination)


def _make_room_for_folder(folder: Path, into: Path) -> None:
    """Removes files and links that stand where a folder has to be: nothing is written through a link."""
    for part in _from_root(folder, into):
        if part.is_symlink() or part.is_file():
            part.unlink()


def _make_room_for_file(target: Path) -> None:
    if target.is_symlink() or target.is_file():
        target.unlink()
    elif target.is_dir():
        shutil.rmtree(target)


def _from_root(folder: Path, into: Path) -> Iterator[Path]:
    path = into
    for part in folder.relative_to(into).parts:
        path = path / part
        yield path


def _make_read_only(folder: Path) -> None:
    for parent, _, _ in os.walk(folder, topdown=False):
        Path(parent).chmod(READ_ONLY_FOLDER)
