"""Symbolic links in a zip, as `zip -y` and bsdtar put them there, and what is reached through them."""

from __future__ import annotations

import posixpath
import stat
import zipfile
from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator, Mapping

# The folder of a layer in Lambda.
ROOT = "/opt/"
# As Linux: more are taken as a circle (path_resolution(7)).
_MOST_STEPS = 40
# The longest path that a link may hold (PATH_MAX).
_MOST_BYTES = 4096
# Each may have to be followed through many others.
_MOST_LINKS = 10_000
# What links may add; circles of folders could add without end.
_MOST_PATHS = 100_000


def is_link(member: zipfile.ZipInfo) -> bool:
    """Whether a member of a zip is a symbolic link, whose content is the path that it leads to."""
    return stat.S_ISLNK(member.external_attr >> 16)


def links_of(archive: zipfile.ZipFile, members: Iterable[zipfile.ZipInfo]) -> dict[str, str]:
    """The links of a zip: path to what each leads to.

    Raises:
        ValueError: there are more of them than any layer has.
    """
    found = [each for each in members if is_link(each) and each.file_size <= _MOST_BYTES]
    if len(found) > _MOST_LINKS:
        raise ValueError(f"it has {len(found):,} symbolic links, and more than {_MOST_LINKS:,} are not read")
    return {each.filename: archive.read(each).decode("utf-8", "surrogateescape") for each in found}


def followed(links: Mapping[str, str], files: Iterable[str]) -> dict[str, str]:
    """The paths at which files can be found through links, each with the path of the file itself."""
    ordered = sorted(set(files) - links.keys())
    found: dict[str, str] = {}
    for link in links:
        for path, file in _through(link, resolved(link, links), ordered):
            if len(found) >= _MOST_PATHS:
                return found
            found[path] = file
    return found


def _through(link: str, place: str | None, files: list[str]) -> Iterator[tuple[str, str]]:
    if not place:
        return
    at = bisect_left(files, place)
    if files[at : at + 1] == [place]:
        yield link, place
    for at in range(bisect_left(files, f"{place}/"), len(files)):
        if not files[at].startswith(f"{place}/"):
            return
        yield link + files[at].removeprefix(place), files[at]


def resolved(path: str, links: Mapping[str, str]) -> str | None:
    """A path in the layer with all links in it followed; None where it leads out, or in a circle."""
    waiting = deque(path.split("/"))
    place, steps = "", 0
    while waiting:
        part = waiting.popleft()
        if part == ".." and not place:
            return None
        if part in {"", ".", ".."}:
            place = posixpath.dirname(place) if part == ".." else place
            continue
        target = links.get(posixpath.join(place, part))
        if target is None:
            place = posixpath.join(place, part)
            continue
        steps += 1
        if steps > _MOST_STEPS or (target.startswith("/") and not target.startswith(ROOT)):
            return None
        if target.startswith(ROOT):
            place, target = "", target.removeprefix(ROOT)
        waiting.extendleft(reversed(target.split("/")))
    return place
