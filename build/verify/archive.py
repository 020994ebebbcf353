"""The archive: whether its paths stay in it, lie where Lambda looks, and hold what its manifest says."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from typing import IO, Any

from ..tree.identity import Entry, digest
from ..tree.manifest import NAME
from ..wheel.inspection import sound
from .findings import ERROR, WARNING, Finding
from .sizes import MOST_UNZIPPED
from .subject import Subject

_EXECUTABLE = 0o111 << 16
# Folders of site-packages, such as those that installers make for another Python.
_SITE = re.compile(r"python/lib/python\d+\.\d+/site-packages/")
_NAMED = 5


def check_archive(subject: Subject) -> Iterator[Finding]:
    """Finds what is wrong with a zip of whatever maker, whatever is in it.

    Raises:
        UserError: it is not sound.
    """
    with sound(str(subject.zip)), zipfile.ZipFile(subject.zip) as archive:
        members = archive.infolist()
        names = [each.filename for each in members]
        yield from _paths(names)
        yield from _places(subject)
        # What is too large anyway is not read: it may claim to have any size.
        if sum(subject.files.values()) <= MOST_UNZIPPED and len(set(names)) == len(names):
            yield from _content(archive, members)


def _paths(names: list[str]) -> Iterator[Finding]:
    for name, count in sorted(Counter(names).items()):
        if name.startswith("/") or "\\" in name or ".." in name.split("/"):
            yield Finding(ERROR, "", name, "its path leads out of the layer", "pack the layer again")
        if count > 1:
            what = f"it is there {count} times, and only one of them counts"
            yield Finding(ERROR, "", name, what, "pack the layer again")


def _places(subject: Subject) -> Iterator[Finding]:
    """Packages that lie where Lambda's Python does not look."""
    looked = " and ".join(subject.sites)
    todo = "move them there"
    elsewhere: dict[str, list[str]] = {}
    for name, folder in subject.dist_infos:
        parent = folder.rpartition("/")[0] + "/" if "/" in folder else ""
        other = _SITE.fullmatch(parent) or not parent.startswith("python/")
        if other and parent not in subject.sites:
            elsewhere.setdefault(parent, []).append(name)
    for parent, names in sorted(elsewhere.items()):
        listed = ", ".join(sorted(names)[:_NAMED]) + (" and more" if len(names) > _NAMED else "")
        what = f"packages lie in {parent or 'its root'} ({listed}), and Python looks in {looked}"
        yield Finding(ERROR, "", "", what, todo)
    if not elsewhere and not any(path.startswith(subject.sites) for path in subject.files):
        if any(path.endswith((".py", ".so")) for path in subject.files):
            yield Finding(ERROR, "", "", f"its modules do not lie where Python looks: {looked}", todo)
        elif subject.files.keys() <= {NAME}:
            yield Finding(WARNING, "", "", "it is empty", "see what the lock asks for")


def _content(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> Iterator[Finding]:
    """Whether all of it can be read, and a layer of Lamina's is what its manifest says."""
    entries = [
        Entry(each.filename, bool(each.external_attr & _EXECUTABLE), _sha256(archive, each))
        for each in members
        if each.filename != NAME
    ]
    told = _manifest(archive)
    if not isinstance(told.get("digest"), str):
        # Another maker's.
        return
    found = digest(entries, {"target": told.get("target"), "options": told.get("options")})
    if found != told["digest"]:
        what = f"it has the digest {found[:12]}, and its {NAME} says {told['digest'][:12]}: it was changed"
        yield Finding(ERROR, "", "", what, "build it again")


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    try:
        found = json.loads(archive.read(NAME))
    except (KeyError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _sha256(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> str:
    with archive.open(member) as stream:
        return _hashed(stream)


def _hashed(stream: IO[bytes]) -> str:
    found = hashlib.sha256()
    while piece := stream.read(1 << 20):
        found.update(piece)
    return found.hexdigest()
