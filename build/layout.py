"""The layout: where a wheel's files are installed, and the one tree that several wheels make."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from .errors import UserError, all_faults
from .facts import File, files_of
from .record import record_text
from .selection import LockedWheel

SITE = "python/"

# What installers write about their own doing into dist-info ("Recording installed projects"; PEP 610; uv).
_INSTALLERS_OWN = {"INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json", "RECORD"}
# The folders of `.data` ("Binary distribution format").
_SCHEMES = ("purelib", "platlib", "data", "headers", "scripts")


class DistInfo(NamedTuple):
    """A wheel's own dist-info; wheels may vendor another's.

    Attributes:
        folder: such as `typing_extensions-4.12.0.dist-info`.
        name: the package's normalised name.
    """

    folder: str
    name: str


class PlaceError(ValueError):
    """A member of a wheel for which there is no place; the message says why."""


def installed_path(member: str, dist_info: DistInfo) -> str | None:
    """Where a member of a wheel goes, as `uv pip install --target` has it.

    Args:
        member: its path in the wheel.
        dist_info: the wheel's own.

    Returns:
        The path below the site folder. Libraries for all platforms and for one go to the same place; data
        goes to the root, headers to `include/<name>/`. None for scripts, which carry a path of the building
        machine and which nothing in Lambda looks for, and for what installers write themselves.

    Raises:
        PlaceError: it is of a kind that the wheel format does not know.
    """
    top, _, rest = member.partition("/")
    if top == dist_info.folder:
        return None if rest in _INSTALLERS_OWN else member
    if top != dist_info.folder.removesuffix(".dist-info") + ".data":
        return member
    scheme, _, path = rest.partition("/")
    if not path or scheme not in _SCHEMES:
        raise PlaceError(f"{member} is data of an unknown kind; there are {', '.join(_SCHEMES)}")
    if scheme == "scripts" or (scheme == "data" and path.startswith("bin/")):
        return None
    if scheme == "headers":
        return f"include/{dist_info.name}/{path}"
    own, _, rest = path.partition("/")
    return None if own == dist_info.folder and rest in _INSTALLERS_OWN else path


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
