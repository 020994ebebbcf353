"""The layout: where a wheel's files are installed, and the one tree that several wheels make."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from ..errors import UserError, all_faults
from ..lock.selection import LockedWheel
from ..wheel.facts import File, files_of
from ..wheel.names import colliding
from ..wheel.record import record_text
from .placed import Merged, Placed, PlannedFile, ReadWheel

SITE = "python/"

_HOW_TO_PREFER = "prefer is given as --prefer PATH=PACKAGE, or as lamina:prefer of a stack"

_Held = Sequence[tuple[ReadWheel, list[File]]]


def layer_files(wheels: Sequence[ReadWheel], prefer: Mapping[str, str]) -> list[PlannedFile]:
    """The tree of a layer that has every file of its wheels; see `merge` and `planned`."""
    return planned(wheels, merge(wheels, prefer), {})


def merge(wheels: Sequence[ReadWheel], prefer: Mapping[str, str]) -> Merged:
    """The files of several wheels in one folder.

    Args:
        wheels: in any order.
        prefer: for paths that several wheels ship with different bytes, the package whose file counts.

    Returns:
        For each path, the file that stands there.

    Raises:
        UserError: wheels ship different files for one path; all at once.
    """
    held = _held(wheels)
    _check_preferences(held, prefer)
    merged: Merged = {}
    faults: dict[str, str] = {}
    for read, files in held:
        for file in files:
            there = merged.setdefault(file.path, Placed(read, file, read.wheel.sha256))
            if there.file is file:
                continue
            if there.file.sha256 == file.sha256:
                # Executable wherever one of them is: the order of the wheels must not matter.
                if file.executable and not there.file.executable:
                    merged[file.path] = Placed(read, file, read.wheel.sha256)
            elif prefer.get(file.path) == read.wheel.name:
                merged[file.path] = Placed(read, file, read.wheel.sha256)
            elif prefer.get(file.path) != there.owner.wheel.name:
                faults[file.path] = _conflict(file.path, there.owner.wheel, read.wheel)
    if faults:
        told = all_faults([faults[path] for path in sorted(faults)])
        raise UserError(f"{told} ({_HOW_TO_PREFER})")
    return merged


def planned(wheels: Sequence[ReadWheel], merged: Merged, bytecode: Mapping[str, str]) -> list[PlannedFile]:
    """The tree of a layer.

    Args:
        wheels: in any order.
        merged: what stands at each path.
        bytecode: for the path of a source, that of its bytecode, which is in `merged`, too.

    Returns:
        Every file, sorted by path; each distribution's RECORD lists what is really there.

    Raises:
        UserError: a file is in place of a RECORD, or of another file's folder; all at once.
    """
    held = _held(wheels)
    _check_records(held, merged)
    _check_folders(merged)
    files = [
        PlannedFile(SITE + path, file.executable, file.sha256, source, file, b"", owner.wheel.name)
        for path, (owner, file, source) in merged.items()
    ]
    files += [_record(read, own, merged, bytecode) for read, own in held]
    files.sort(key=lambda file: file.path)
    return files


def _held(wheels: Sequence[ReadWheel]) -> _Held:
    return [(read, files_of(read.facts)) for read in sorted(wheels, key=lambda read: read.wheel.name)]


def _check_preferences(held: _Held, prefer: Mapping[str, str]) -> None:
    if not prefer:
        return
    shipped = {(file.path, read.wheel.name) for read, files in held for file in files}
    faults = [
        f"prefer {path}={name}: {name} is not in the lock, or ships no {path}"
        for path, name in sorted(prefer.items() - shipped)
    ]
    if faults:
        raise UserError(*faults)


def _conflict(path: str, one: LockedWheel, other: LockedWheel) -> str:
    return (
        f"{one.filename} and {other.filename} both ship {path}, with different bytes: "
        f"drop one of them, or choose with prefer {path}={one.name} or prefer {path}={other.name}"
    )


def _check_records(held: _Held, merged: Merged) -> None:
    faults = [
        f"{merged[path].owner.wheel.filename} ships {path}, where {read.wheel.filename} has its RECORD: "
        "drop one of them"
        for read, _ in held
        if (path := read.facts["record"]) in merged
    ]
    if faults:
        raise UserError(*faults)


def _check_folders(merged: Merged) -> None:
    faults = [
        f"{merged[path].owner.wheel.filename} ships the file {path}, where "
        f"{merged[below].owner.wheel.filename} ships {below}: drop one of them"
        for path, below in colliding(merged)
    ]
    if faults:
        raise UserError(*faults)


def _record(read: ReadWheel, own: Sequence[File], merged: Merged, bytecode: Mapping[str, str]) -> PlannedFile:
    own_path, text = read.facts["record"], read.facts["record_text"]
    there = {file.path: merged[file.path].file for file in own if file.path in merged}
    there |= {path: merged[path].file for file in list(there.values()) if (path := bytecode.get(file.path))}
    if [(file.sha256, file.size) for file in there.values()] != [(file.sha256, file.size) for file in own]:
        text = record_text(((file.path, file.sha256, file.size) for file in there.values()), own_path)
    content = text.encode("utf-8")
    sha256 = hashlib.sha256(content).hexdigest()
    return PlannedFile(SITE + own_path, False, sha256, None, None, content, read.wheel.name)
