"""Where the bytes of one package are: its folders, as deep as it takes to tell something."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

# More than this is no longer read; the smallest are put together.
_MOST = 60
_TOO_LARGE = 0.3


class Folder(NamedTuple):
    """A part of a package.

    Attributes:
        path: below the folder that modules are imported from; of a folder it ends with `/`.
        size: in bytes.
        files: how many there are.
    """

    path: str
    size: int
    files: int


def folders_of(contents: Mapping[str, tuple[int, int]]) -> list[Folder]:
    """Divides a package: the largest folder is opened again and again, until there are enough.

    Args:
        contents: path in the layer to (CRC-32, size).

    Returns:
        Parts that together are the whole, the largest first.
    """
    groups: dict[str, dict[str, int]] = {"": {path: size for path, (_, size) in contents.items()}}
    groups = _opened(groups.pop(""), _common(contents))
    total = sum(size for _, size in contents.values())
    while True:
        sizes = {path: sum(files.values()) for path, files in groups.items() if path.endswith("/")}
        largest = max(sorted(sizes), key=sizes.__getitem__, default=None)
        # What is most of the package tells nothing, so it is opened however many there are.
        if largest is None or (len(groups) >= _MOST and sizes[largest] <= _TOO_LARGE * total):
            break
        groups |= _opened(groups.pop(largest), largest)
    found = [Folder(path, sum(files.values()), len(files)) for path, files in groups.items()]
    found.sort(key=lambda each: (-each.size, each.path))
    if len(found) > _MOST:
        rest = found[_MOST - 1 :]
        some = Folder(
            f"{len(rest)} smaller ones", sum(each.size for each in rest), sum(each.files for each in rest)
        )
        found = sorted([*found[: _MOST - 1], some], key=lambda each: (-each.size, each.path))
    cut = len(_site(contents))
    return [each._replace(path=each.path[cut:]) if "/" in each.path else each for each in found]


def _opened(files: Mapping[str, int], folder: str) -> dict[str, dict[str, int]]:
    """What is directly in a folder: its folders, and each of its files."""
    found: dict[str, dict[str, int]] = {}
    for path, size in files.items():
        name, slash, _ = path[len(folder) :].partition("/")
        found.setdefault(folder + name + slash, {})[path] = size
    return found


def _common(paths: Mapping[str, object]) -> str:
    """The folder that all are in, with its slash; empty where there is none."""
    first, last = min(paths), max(paths)
    same = next((at for at, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1]), 0)
    return first[: first.rfind("/", 0, same or len(first)) + 1]


def _site(paths: Mapping[str, object]) -> str:
    """The folder that modules are imported from, if all are below one."""
    common = _common(paths)
    for end in ("site-packages/", "dist-packages/", "python/"):
        _, found, _ = common.partition(end)
        if found:
            return common[: common.index(end) + len(end)]
    return ""
