"""A layer by its zip: packages from their dist-infos, sizes from the directory; nothing is unpacked."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import json
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from email.parser import HeaderParser
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from ..wheel.limits import MOST_NAME
from ..wheel.opened import headers_in, lines_in, opened
from .described import Described, Package

_MANIFEST = "lamina.json"
_INFO = ".dist-info/"


def from_zip(path: Path, label: str) -> Described:
    """Describes a layer of whatever maker.

    Args:
        path: the zip.
        label: what to call it.

    Raises:
        UserError: it is no sound zip archive.
        FailureError: it cannot be read.
    """
    with opened(path, label) as (archive, members):
        files = {each.filename: each for each in members if not each.is_dir()}
        return _described(archive, files, path, label)


def _described(
    archive: zipfile.ZipFile, entries: Mapping[str, zipfile.ZipInfo], path: Path, label: str
) -> Described:
    inner = _inner(archive, entries)
    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    return Described(
        label=label,
        name=_name(path, inner.get("digest", "")),
        packages=_packages(archive, entries),
        digest=inner.get("digest"),
        target=inner.get("target"),
        options=inner.get("options") or {},
        zip_sha256=sha256,
        zip_size=path.stat().st_size,
        unzipped_size=sum(each.file_size for each in entries.values()),
        files=len(entries),
    )


def _name(path: Path, digest: str) -> str:
    """A layer's name as its file tells it: nothing in a zip has it, so that equal layers have equal bytes."""
    return path.stem.removesuffix(f"-{digest}")


def _inner(archive: zipfile.ZipFile, entries: Mapping[str, zipfile.ZipInfo]) -> dict[str, Any]:
    """What Lamina wrote into it; nothing where another tool made it."""
    if _MANIFEST not in entries:
        return {}
    try:
        content = json.loads(archive.read(entries[_MANIFEST]))
    except RecursionError as error:
        raise ValueError(f"{_MANIFEST} is no manifest") from error
    if not isinstance(content, dict):
        return {}
    target = content.get("target")
    if isinstance(target, dict) and not all(
        isinstance(target.get(name), str) for name in ("runtime", "architecture")
    ):
        del content["target"]
    kinds = {"digest": str, "target": dict, "options": dict}
    return {name: content[name] for name, kind in kinds.items() if isinstance(content.get(name), kind)}


def _packages(archive: zipfile.ZipFile, entries: Mapping[str, zipfile.ZipInfo]) -> dict[str, Package]:
    folders: dict[str, str] = {}
    inside: defaultdict[str, list[str]] = defaultdict(list)
    versions: dict[str, str] = {}
    for path in entries:
        folder, _, name = path.rpartition("/")
        info = path[: path.find(_INFO) + len(_INFO) - 1] if _INFO in path else ""
        inside[info].append(path)
        if name == "METADATA" and folder == info:
            headers = HeaderParser().parsestr(headers_in(archive, entries[path]))
            package = str(canonicalize_name(str(headers.get("Name", "")).strip()[:MOST_NAME]))
            folders[package] = folder
            versions[package] = str(headers.get("Version", "")).strip()[:MOST_NAME]
    owners: dict[str, str] = {}
    # A file that several packages share belongs to the first of them, as in a layer's plan.
    for package in sorted(folders, reverse=True):
        owners |= dict.fromkeys(inside[folders[package]], package)
        owners |= dict.fromkeys(_listed(archive, entries, folders[package]), package)
    contents: dict[str, dict[str, tuple[int, int]]] = {name: {} for name in versions}
    for path, entry in entries.items():
        contents.setdefault(owners.get(path, ""), {})[path] = (entry.CRC, entry.file_size)
    # Lamina's own manifest is nobody's, and says so.
    contents.get("", {}).pop(_MANIFEST, None)
    return {
        name: Package(
            name, versions.get(name, ""), sum(size for _, size in of.values()), len(of), contents=of
        )
        for name, of in sorted(contents.items())
        if of
    }


def _listed(archive: zipfile.ZipFile, entries: Mapping[str, zipfile.ZipInfo], folder: str) -> Iterator[str]:
    """The paths of a distribution that its RECORD lists and that are there."""
    site = folder.rpartition("/")[0]
    prefix = f"{site}/" if site else ""
    # A field longer than any path ends it: what else it lists is not to be known.
    with contextlib.suppress(csv.Error):
        for row in csv.reader(lines_in(archive, entries.get(f"{folder}/RECORD"))):
            if row and prefix + row[0] in entries:
                yield prefix + row[0]
