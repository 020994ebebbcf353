"""A package of a `pylock.toml` (PEP 751): whether a target wants it, and the pin with the files it may be."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote

from packaging.markers import UndefinedEnvironmentName
from packaging.pylock import Package, PackageArchive, PackageWheel
from packaging.version import Version

from ..errors import UserError
from ..index.addresses import is_address, without_credentials
from ..index.folders import file_path
from ..index.simple import ProjectFile
from ..wheel.filename import parse_filename
from .hashes import STRONG, WEAK
from .requirements import Pin
from .terms import Terms

_DO_INSTEAD = "build a wheel of it and lock that"
_LEAVE_OUT = "leave it out (uv export --format pylock.toml --no-emit-local does)"


class PackageReader:
    """Collects the pins of a lock, and everything that is wrong with them.

    Attributes:
        pins: by name, those that are wanted.
        indexes: URLs of the indexes that files are said to be from, each once.
        looked_at: files of this machine that are named.
        left_out: names of members that would be installed from their folders.
        faults: each with where it is.
    """

    def __init__(self, file: Path, terms: Terms, environment: Mapping[str, Any]) -> None:
        """Takes the lock's file, from whose folder paths count, what is wanted of it, and its markers."""
        self.pins: dict[str, Pin] = {}
        self.indexes: dict[str, None] = {}
        self.looked_at: list[Path] = []
        self.left_out: list[str] = []
        self.faults: list[str] = []
        self._folder = file.absolute().parent
        self._require_hashes = terms.require_hashes
        self._environment = environment
        self._places: dict[str, str] = {}

    def read(self, package: Package, where: str, members: Collection[str]) -> None:
        """Adds a package if it is wanted, or what is wrong with it."""
        try:
            if not self._wanted(package):
                return
            if package.directory is not None and package.name in members:
                self.left_out.append(package.name)
                return
            before = self._places.setdefault(package.name, where)
            if before != where or package.name in self.pins:
                self.faults.append(
                    f"{where}: {package.name}: it is installed twice, see {before}; lock again"
                )
                return
            self.pins[package.name] = self._pin(package, where)
        except UserError as error:
            self.faults.append(f"{where}: {package.name}: {error}")

    def _wanted(self, package: Package) -> bool:
        try:
            wanted = package.marker is None or package.marker.evaluate(
                cast("dict[str, str]", dict(self._environment)), context="lock_file"
            )
        except (ValueError, UndefinedEnvironmentName, RecursionError) as error:
            raise UserError(
                f"its marker `{package.marker}` cannot be read for the target ({error})"
            ) from error
        python = self._environment["python_full_version"]
        if (
            wanted
            and package.requires_python
            and not package.requires_python.contains(python, prereleases=True)
        ):
            raise UserError(f"it needs Python {package.requires_python}, and the target has {python}")
        return wanted

    def _pin(self, package: Package, where: str) -> Pin:
        wheels = self._wheels(package)
        files = [self._file(wheel, wheel.filename) for wheel in wheels]
        version = package.version or _version(files)
        if package.sdist is not None:
            files.append(ProjectFile(package.sdist.filename, "", {}))
        if package.index:
            self.indexes[package.index] = None
        return Pin(package.name, version, frozenset(), where, tuple(files))

    def _wheels(self, package: Package) -> list[PackageWheel]:
        if package.vcs is not None:
            raise UserError(f"it comes from a {package.vcs.type} repository; {_DO_INSTEAD}")
        if package.directory is not None:
            kind = "an editable folder" if package.directory.editable else "a folder"
            raise UserError(f"it is {kind} ({package.directory.path}); {_LEAVE_OUT}, or {_DO_INSTEAD}")
        if package.archive is not None:
            return [_as_wheel(package.archive, package)]
        return list(package.wheels or ())

    def _file(self, wheel: PackageWheel, filename: str) -> ProjectFile:
        strong = {name: value.lower() for name, value in wheel.hashes.items() if name in STRONG}
        weak = {name: value.lower() for name, value in wheel.hashes.items() if name in WEAK}
        if not strong and (self._require_hashes or not weak):
            raise UserError(f"{filename} has no sha256 or other hash that proves it; lock again")
        return ProjectFile(filename, self._url(wheel, filename), strong or weak, size=wheel.size)

    def _url(self, wheel: PackageWheel, filename: str) -> str:
        """Where the file is: its path, unless nothing lies there and it has a URL, too."""
        if "\0" in unquote(f"{wheel.path}{wheel.url}"):
            raise UserError(f"{filename} is at a place with a NUL in its name; lock again")
        if wheel.path:
            path = self._folder / wheel.path
            self.looked_at.append(path)
            if not wheel.url or path.exists():
                return path.as_uri()
        url = (wheel.url or "").partition("#")[0]
        scheme = url.partition(":")[0].lower()
        named = file_path(url) if scheme == "file" else None
        if named is not None:
            self.looked_at.append(named)
        elif scheme not in {"http", "https"} or not is_address(url):
            shown = without_credentials(url)
            raise UserError(f"{filename} is at {shown}, which is no address and no path of this machine")
        return url


def _as_wheel(archive: PackageArchive, package: Package) -> PackageWheel:
    """A direct reference, as long as it is one to a wheel."""
    if archive.path:
        filename = archive.path.replace("\\", "/").rpartition("/")[2]
    else:
        filename = unquote((archive.url or "").partition("#")[0].partition("?")[0].rpartition("/")[2])
    if not filename.endswith(".whl"):
        raise UserError(f"it is an archive of sources ({filename}); {_DO_INSTEAD}")
    try:
        name, version, _, _ = parse_filename(filename)
    except ValueError as error:
        raise UserError(f"{filename} is not the name of a wheel; lock again") from error
    if name != package.name or (package.version and version != package.version):
        raise UserError(f"{filename} is a wheel of {name} {version}; lock again")
    return PackageWheel(
        name=filename, url=archive.url, path=archive.path, size=archive.size, hashes=archive.hashes
    )


def _version(files: Iterable[ProjectFile]) -> Version:
    versions = {parse_filename(file.filename)[1] for file in files}
    if len(versions) != 1:
        raise UserError("it has no version, and its wheels do not agree on one; lock again")
    return versions.pop()
