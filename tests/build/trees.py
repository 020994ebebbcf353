"""Trees of files, installed and zipped, in a form that can be compared."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

# What installers add for themselves; `.lock` is uv's.
_OWN = ("INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json", "uv_build.json")


class Leaf(NamedTuple):
    """One file: whether it is executable, and what it holds (RECORD's text, else a hash)."""

    executable: bool
    content: str


def installed_tree(folder: Path) -> dict[str, Leaf]:
    """What an installer left in a folder, apart from what it added for itself."""
    found = ((path.relative_to(folder).as_posix(), path) for path in folder.rglob("*") if path.is_file())
    return {
        name: _leaf(name, path.stat().st_mode, path.read_bytes()) for name, path in found if not _is_own(name)
    }


def zipped_tree(path: Path, folder: str = "python/") -> dict[str, Leaf]:
    """What lies in a folder of a zip, by the path there."""
    with zipfile.ZipFile(path) as archive:
        return {
            info.filename.removeprefix(folder): _leaf(
                info.filename, info.external_attr >> 16, archive.read(info)
            )
            for info in archive.infolist()
            if info.filename.startswith(folder)
        }


def _leaf(name: str, mode: int, content: bytes) -> Leaf:
    record = name.endswith(".dist-info/RECORD") and name.removeprefix("python/").count("/") == 1
    said = "\n".join(_lines(content)) if record else hashlib.sha256(content).hexdigest()
    return Leaf(bool(mode & 0o111), said)


def _lines(record: bytes) -> Iterator[str]:
    return (line for line in record.decode().splitlines() if not _is_own(line.split(",")[0]))


def _is_own(name: str) -> bool:
    return name == ".lock" or name.startswith("bin/") or (".dist-info/" in name and name.endswith(_OWN))
