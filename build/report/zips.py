"""A layer by its zip: packages from their dist-infos, sizes from the directory; nothing is unpacked."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from email.parser import HeaderParser
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from ..errors import UserError
from ..wheel.inspection import members_of, sound
from .described import Described, Package

_MANIFEST = "lamina.json"
# A RECORD of 100,000 files has 15 MB; what claims to be longer is none.
_MOST_BYTES = 32 << 20
_MOST_ENTRIES = 500_000


def from_zip(path: Path, label: str) -> Described:
    """Describes a layer of whatever maker.

    Args:
        path: the zip.
        label: what to call it.

    Raises:
        UserError: it is no sound zip archive.
        FailureError: it cannot be read.
    """
    with sound(label), zipfile.ZipFile(path) as archive:
        return _described(archive, path, label)


def _described(archive: zipfile.ZipFile, path: Path, label: str) -> Described:
    entries = [each for each in members_of(archive) if not each.is_dir()]
    if len(entries) > _MOST_ENTRIES:
        raise UserError(f"{label} has {len(entries)} files; at most {_MOST_ENTRIES} can be a layer's")
    by_path = {each.filename: each for each in entries}
    inner = _inner(archive, by_path)
    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    return Described(
        label=label,
        name=_name(path, inner.get("digest", "")),
        packages=_packages(archive, by_path),
        digest=inner.get("digest"),
        target=inner.get("target"),
        options=inner.get("options") or {},
        zip_sha256=sha256,
        zip_size=path.stat().st_size,
        unzipped_size=sum(each.file_size for each in entries),
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
        content = json.loads(_text(archive, entries[_MANIFEST]))
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
    versions: dict[str, str] = {}
    for path in entries:
        folder, _, name = path.rpartition("/")
        if name == "METADATA" and folder.endswith(".dist-info"):
            headers = HeaderParser().parsestr(_text(archive, entries[path]))
            package = str(canonicalize_name(str(headers.get("Name", "")).strip()))
            folders[package] = folder
            versions[package] = str(headers.get("Version", "")).strip()
    owners: dict[str, str] = {}
    # A file that several packages share belongs to the first of them, as in a layer's plan.
    for package in sorted(folders, reverse=True):
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


def _listed(archive: zipfile.ZipFile, entries: Mapping[str, zipfile.ZipInfo], folder: str) -> list[str]:
    """The paths of a distribution: by its RECORD, and all in its dist-info."""
    site = folder.rpartition("/")[0]
    prefix = f"{site}/" if site else ""
    found = [path for path in entries if path.startswith(f"{folder}/")]
    record = entries.get(f"{folder}/RECORD")
    if record is not None:
        rows = csv.reader(io.StringIO(_text(archive, record)))
        # A field longer than any path ends it: what else it lists is not to be known.
        with contextlib.suppress(csv.Error):
            found.extend(prefix + row[0] for row in rows if row)
    return found


def _text(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> str:
    if entry.file_size > _MOST_BYTES:
        raise ValueError(f"{entry.filename} claims to have {entry.file_size} bytes")
    with archive.open(entry) as stream:
        return stream.read(_MOST_BYTES).decode("utf-8", "replace")
