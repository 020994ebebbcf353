"""What is verified: a layer's files, its packages, its ELF files, and what it is for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import Version

from ..cache import Cache
from ..report.zips import from_zip
from ..target import Target
from ..tree.layout import SITE
from ..tree.manifest import BuiltLayer
from ..wheel.inspection import inspected, inspection_of
from ..wheel.opened import opened
from ..wheel.places import DistInfo, PlaceError, installed_path
from .links import followed, links_of

# Where Lambda's runtimes look below /opt ("Packaging your layer content", AWS Lambda Developer Guide).
SITES = ("python/", "python/lib/python{python}/site-packages/")

# What is known of a wheel by the paths of its members.
_BY_PATH = ("elf", "other", "pth")


@dataclass(frozen=True, slots=True)
class Distribution:
    """One package.

    Attributes:
        name: normalised as PEP 503 says.
        version: as its METADATA has it.
        requires: its Requires-Dist lines.
        tops: the top-level names that can be imported, by its RECORD.
        files: its paths in the layer.
        size: of them, in bytes.
        python: its Requires-Python; an empty string where it has none.
        tags: of the wheel that it was installed from, as its WHEEL has them.
    """

    name: str
    version: str
    requires: tuple[str, ...]
    tops: tuple[str, ...]
    files: tuple[str, ...]
    size: int
    python: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """What is verified.

    Attributes:
        target: what it is for.
        files: path to size in bytes, of everything in it; what is reached through links has none.
        distributions: by name.
        elves: path to `wheel.elf.elf_facts`.
        zip: the archive.
        other: path to the system that a `.so` or `.pyd` file is for which is no ELF file; an empty string
            where it is none's.
        pth: path to the lines of a `.pth` file.
        links: path of a symbolic link to what it leads to.
        reached: a path through links to the file itself.
        dist_infos: of a zip that is known by itself alone: the name, the version and the folder of every
            dist-info in it, also of those that lie where nothing looks.
        foreign: whether it is known by itself alone.
        left_out: packages of the lock that were left out on purpose.
        was_removed: whether single files were left out, too.
    """

    target: Target
    files: Mapping[str, int]
    distributions: Mapping[str, Distribution]
    elves: Mapping[str, Mapping[str, Any]]
    zip: Path
    other: Mapping[str, str] = field(default_factory=dict)
    pth: Mapping[str, Sequence[str]] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    reached: Mapping[str, str] = field(default_factory=dict)
    dist_infos: tuple[tuple[str, str, str], ...] = ()
    foreign: bool = False
    left_out: frozenset[str] = field(default_factory=frozenset)
    was_removed: bool = False

    @property
    def sites(self) -> tuple[str, ...]:
        """The folders that modules are imported from."""
        return tuple(site.format(python=self.target.python) for site in SITES)

    @property
    def owners(self) -> dict[str, str]:
        """The package of each file that has one."""
        return {path: each.name for each in self.distributions.values() for path in each.files}


def subject_of_layer(built: BuiltLayer, target: Target, cache: Cache) -> Subject:
    """A layer that Lamina built, by what is known of its wheels.

    Raises:
        UserError, FailureError: a wheel, or the zip, cannot be read.
    """
    files = _files(built.zip, str(built.zip))
    facts: dict[str, dict[str, Any]] = {kind: {} for kind in _BY_PATH}
    notes: dict[str, Mapping[str, Any]] = {}
    for package in built.packages:
        known = inspection_of(package, cache)
        own = min(known["distributions"], key=lambda each: each["folder"].count("/"))
        notes[package.name] = own
        info = DistInfo(own["folder"], package.name, Version(package.version))
        for kind in _BY_PATH:
            for member, fact in known[kind].items():
                path = _placed(member, info)
                if path is not None and SITE + path in files:
                    facts[kind][SITE + path] = fact
    return Subject(
        target=target,
        files=files,
        distributions=_distributions(built.zip, files, notes),
        elves=facts["elf"],
        zip=built.zip,
        other=facts["other"],
        pth=facts["pth"],
        left_out=frozenset(each["package"] for each in built.removed if each["package"] not in notes),
        was_removed=bool(built.removed),
    )


def subject_of_zip(path: Path, target: Target) -> Subject:
    """A layer of whatever maker, by its zip alone; what was left out of Lamina's stands in its manifest.

    Args:
        path: the zip.
        target: what it is for.

    Raises:
        UserError: it is no sound zip archive.
        FailureError: it cannot be read.
    """
    with opened(path, str(path)) as (archive, members):
        links = links_of(archive, members)
    files = _files(path, str(path))
    reached = followed(links, files)
    files = dict.fromkeys(reached, 0) | files
    known = inspected(path, str(path))
    sites = {site.format(python=target.python) for site in SITES}
    notes = {
        str(canonicalize_name(each["name"])): each
        for each in known["distributions"]
        if each["folder"].rpartition("/")[0] + "/" in sites
    }
    options = from_zip(path, str(path)).options
    excluded = [each for each in options.get("exclude") or () if isinstance(each, str)]
    return Subject(
        target=target,
        files=files,
        distributions=_distributions(path, files, notes),
        elves=known["elf"],
        zip=path,
        other=known["other"],
        pth=known["pth"],
        links=links,
        reached=reached,
        dist_infos=tuple(
            (str(each["name"]), str(each["version"]), str(each["folder"])) for each in known["distributions"]
        ),
        foreign=True,
        left_out=frozenset(map(canonicalize_name, excluded)) - notes.keys(),
        was_removed=bool(excluded or options.get("slim")),
    )


def _files(path: Path, label: str) -> dict[str, int]:
    with opened(path, label) as (_, members):
        return {each.filename: each.file_size for each in members if not each.is_dir()}


def _placed(member: str, info: DistInfo) -> str | None:
    try:
        return installed_path(member, info)
    except PlaceError:
        return None


def _distributions(
    path: Path, files: Mapping[str, int], notes: Mapping[str, Mapping[str, Any]]
) -> dict[str, Distribution]:
    packages = from_zip(path, str(path)).packages
    found = {}
    for name, known in sorted(notes.items()):
        package = packages.get(name)
        own = tuple(package.contents or ()) if package else ()
        found[name] = Distribution(
            name=name,
            version=known["version"],
            requires=tuple(known["requires"]),
            python=known["python"],
            tags=tuple(known["tags"]),
            tops=tuple(known["tops"]),
            files=own,
            size=sum(files.get(each, 0) for each in own),
        )
    return found
