"""The layout: where a wheel's files are installed, and the one tree that several wheels make."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..errors import UserError, all_faults
from ..lock.selection import LockedWheel
from ..wheel.facts import File, files_of
from ..wheel.record import record_text

SITE = "python/"


class PlannedFile(NamedTuple):
    """One file of the layer.

    Attributes:
        path: in the layer, such as `python/six.py`.
        executable: its mode class.
        sha256: of its content, 64 hexadecimal digits.
        wheel: the SHA-256 of the wheel that its bytes are copied from, or None where `content` has them.
        file: how they lie in that wheel.
        content: what Lamina wrote itself.
    """

    path: str
    executable: bool
    sha256: str
    wheel: str | None
    file: File | None
    content: bytes


@dataclass(frozen=True, slots=True)
class ReadWheel:
    """A wheel of the lock, and what is known about it."""

    wheel: LockedWheel
    facts: Mapping[str, Any]


def layer_files(wheels: Sequence[ReadWheel], prefer: Mapping[str, str]) -> list[PlannedFile]:
    """The tree of a layer.

    Args:
        wheels: in any order.
        prefer: for paths that several wheels ship with different bytes, the package whose file counts.

    Returns:
        Every file, sorted by path; each distribution's RECORD lists what is really there.

    Raises:
        UserError: wheels ship different files for one path, or one's file is another's folder; all at once.
    """
    held = [(read, files_of(read.facts)) for read in sorted(wheels, key=lambda read: read.wheel.name)]
    _check_preferences(held, prefer)
    merged = _merged(held, prefer)
    _check_records(held, merged)
    _check_folders(merged)
    planned = [
        PlannedFile(SITE + path, file.executable, file.sha256, owner.wheel.sha256, file, b"")
        for path, (owner, file) in merged.items()
    ]
    planned += [_record(read, files, merged, prefer) for read, files in held]
    planned.sort()
    return planned


_Held = Sequence[tuple[ReadWheel, list[File]]]
_Merged = dict[str, tuple[ReadWheel, File]]


def _check_preferences(held: _Held, prefer: Mapping[str, str]) -> None:
    if not prefer:
        return
    shipped = {(file.path, read.wheel.name) for read, files in held for file in files}
    faults = [
        f"--prefer {path}={name}: {name} is not in the lock, or ships no {path}"
        for path, name in sorted(prefer.items() - shipped)
    ]
    if faults:
        raise UserError(all_faults(faults))


def _merged(held: _Held, prefer: Mapping[str, str]) -> _Merged:
    merged: _Merged = {}
    faults: dict[str, str] = {}
    for read, files in held:
        for file in files:
            there = merged.setdefault(file.path, (read, file))
            if there[1] is file:
                continue
            if there[1].sha256 == file.sha256:
                # Executable wherever one of them is: the order of the wheels must not matter.
                if file.executable and not there[1].executable:
                    merged[file.path] = (read, file)
            elif prefer.get(file.path) == read.wheel.name:
                merged[file.path] = (read, file)
            elif prefer.get(file.path) != there[0].wheel.name:
                faults[file.path] = _conflict(file.path, there[0].wheel, read.wheel)
    if faults:
        raise UserError(all_faults([faults[path] for path in sorted(faults)]))
    return merged


def _conflict(path: str, one: LockedWheel, other: LockedWheel) -> str:
    return (
        f"{one.filename} and {other.filename} both ship {path}, with different bytes: "
        f"drop one of them, or choose with --prefer {path}={one.name} or --prefer {path}={other.name}"
    )


def _check_records(held: _Held, merged: _Merged) -> None:
    faults = [
        f"{merged[path][0].wheel.filename} ships {path}, where {read.wheel.filename} has its RECORD: "
        "drop one of them"
        for read, _ in held
        if (path := read.facts["record"]) in merged
    ]
    if faults:
        raise UserError(all_faults(faults))


def _check_folders(merged: _Merged) -> None:
    folders: dict[str, str] = {}
    for path in merged:
        folder = path.rpartition("/")[0]
        while folder and folder not in folders:
            folders[folder] = path
            folder = folder.rpartition("/")[0]
    faults = [
        f"{merged[path][0].wheel.filename} ships the file {path}, where "
        f"{merged[folders[path]][0].wheel.filename} ships {folders[path]}: drop one of them"
        for path in sorted(folders.keys() & merged.keys())
    ]
    if faults:
        raise UserError(all_faults(faults))


def _record(
    read: ReadWheel, files: Sequence[File], merged: _Merged, prefer: Mapping[str, str]
) -> PlannedFile:
    own_path, text = read.facts["record"], read.facts["record_text"]
    if prefer and any(file.path in prefer for file in files):
        there = [merged[file.path][1] for file in files]
        text = record_text(((file.path, file.sha256, file.size) for file in there), own_path)
    content = text.encode("utf-8")
    return PlannedFile(SITE + own_path, False, hashlib.sha256(content).hexdigest(), None, None, content)
