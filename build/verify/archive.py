"""The archive: whether its paths stay in it, lie where Lambda looks, and hold what its manifest says."""

from __future__ import annotations

import hashlib
import json
import re
import stat
import zipfile
from collections import Counter
from collections.abc import Iterator
from typing import IO, Any

from ..console import counted
from ..tree.identity import Entry, digest
from ..tree.manifest import NAME
from ..wheel.opened import opened
from .findings import ERROR, WARNING, Finding
from .links import resolved
from .sizes import MOST_UNZIPPED
from .subject import Subject

_EXECUTABLE = 0o111 << 16
# Folders of site-packages, such as those that installers make for another Python.
_SITE = re.compile(r"python/lib/python\d+\.\d+/site-packages/")
_NAMED = 5
# What made an entry, where that is a system whose modes count (APPNOTE.TXT, 4.4.2).
_UNIX = 3
# What others than the owner need.
_READ, _ENTER = 0o004, 0o005


def check_archive(subject: Subject) -> Iterator[Finding]:
    """Finds what is wrong with a zip of whatever maker, whatever is in it.

    Raises:
        UserError: it is not sound.
    """
    with opened(subject.zip, str(subject.zip)) as (archive, members):
        names = [each.filename for each in members]
        yield from _paths(names)
        yield from _places(subject)
        yield from _modes(members)
        yield from _dangling(subject)
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
    """Packages and modules that lie where Lambda's Python does not look."""
    looked = " and ".join(subject.sites)
    todo = "move them there"
    elsewhere = _elsewhere(subject)
    for parent, names in sorted(elsewhere.items()):
        listed = ", ".join(sorted(names)[:_NAMED]) + (" and more" if len(names) > _NAMED else "")
        what = f"packages lie in {parent or 'its root'} ({listed}), and Python looks in {looked}"
        yield Finding(ERROR, "", "", what, todo)
    if elsewhere:
        return
    modules = [path for path in subject.files if path.endswith((".py", ".so"))]
    if modules and all(not path.startswith(subject.sites) or _of_other(path, subject) for path in modules):
        yield Finding(ERROR, "", "", f"its modules do not lie where Python looks: {looked}", todo)
    elif subject.files.keys() <= {NAME}:
        yield Finding(WARNING, "", "", "it is empty", "see what the lock asks for")


def _elsewhere(subject: Subject) -> dict[str, list[str]]:
    """The folders with packages that nothing finds, and their names."""
    parents = {_parent(folder) for _, _, folder in subject.dist_infos}
    # Packages bring others inside of theirs, but that all of them are further down has another reason.
    astray = parents.isdisjoint(subject.sites)
    found: dict[str, list[str]] = {}
    for name, _, folder in subject.dist_infos:
        parent = _parent(folder)
        other = astray or _SITE.fullmatch(parent) or not parent.startswith("python/")
        if other and parent not in subject.sites:
            found.setdefault(parent, []).append(name)
    return found


def _parent(folder: str) -> str:
    return folder.rpartition("/")[0] + "/" if "/" in folder else ""


def _of_other(path: str, subject: Subject) -> bool:
    """Whether a file lies in the folder of another Python."""
    found = _SITE.match(path)
    return found is not None and found[0] not in subject.sites


def _modes(members: list[zipfile.ZipInfo]) -> Iterator[Finding]:
    """Files and folders that functions may not read: they run as another user than the files' owner.

    "How do I resolve permission denied errors when I upload a Lambda deployment package" (AWS re:Post): files
    need 644, folders 755.
    """
    found = []
    for each in members:
        mode = each.external_attr >> 16
        asked = _ENTER if each.is_dir() else _READ
        if each.create_system == _UNIX and stat.S_IMODE(mode) and not stat.S_ISLNK(mode) and asked & ~mode:
            found.append(f"{each.filename} ({stat.S_IMODE(mode):o})")
    if found:
        more = f" and {counted(len(found) - 1, 'other')}" if len(found) > 1 else ""
        what = f"functions may not read {found[0]}{more}: they are for their owner alone"
        todo = "make files 644 and folders 755 (chmod -R a+rX), and pack the layer again"
        yield Finding(ERROR, "", "", what, todo)


def _dangling(subject: Subject) -> Iterator[Finding]:
    if not subject.links:
        return
    folders = {path[:cut] for path in subject.files for cut, letter in enumerate(path) if letter == "/"}
    for link, target in sorted(subject.links.items()):
        place = resolved(link, subject.links)
        if place and place not in subject.files and place not in folders:
            what = f"it is a link to {target}, which is not in the layer"
            yield Finding(WARNING, "", link, what, "pack the layer again with it, or leave the link out")


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
