"""`pylock.toml` (PEP 751): what it installs on one target, with the files that it names itself."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote

from packaging.markers import UndefinedEnvironmentName
from packaging.pylock import Package, PackageArchive, PackageWheel, Pylock, PylockValidationError
from packaging.utils import canonicalize_name
from packaging.version import Version

from ..errors import UserError, all_faults
from ..index.addresses import is_address, without_credentials
from ..index.folders import file_path
from ..index.simple import ProjectFile
from ..redaction import redacted
from ..target import Target
from ..wheel.filename import parse_filename
from ..wheel.limits import MOST_NAME
from ..wheel.names import shown
from .foreign import COMMANDS
from .hashes import STRONG, WEAK
from .markers import marker_environment, python_full_version
from .requirements import Pin
from .terms import Terms

_DO_INSTEAD = "build a wheel of it and lock that"
_LEAVE_OUT = "leave it out (uv export --format pylock.toml --no-emit-local does)"


@dataclass(frozen=True, slots=True)
class Locked:
    """What a lock installs on one target.

    Attributes:
        pins: sorted by name, each with the files that it may be.
        indexes: URLs of the indexes that the lock says its files are from.
        looked_at: files of this machine that it names.
        left_out: names of the workspace's own packages that it would install from their folders.
    """

    pins: tuple[Pin, ...]
    indexes: tuple[str, ...] = field(repr=False)
    looked_at: tuple[Path, ...]
    left_out: tuple[str, ...] = ()


def read_pylock(
    text: str,
    file: Path,
    target: Target,
    terms: Terms,
    *,
    members: Collection[str] = (),
    lines: Mapping[str, int] | None = None,
) -> Locked:
    """Reads a lock by the steps of PEP 751, "Installation", as far as choosing packages goes.

    Args:
        text: of the lock.
        file: where it lies or stands for; paths count from its folder.
        target: whose markers are read, and whose Python must suit.
        terms: extras and groups that are wanted, and whether weak hashes will do.
        members: packages whose folders are left out and not refused.
        lines: package to its line, where the text is not the file's own.

    Raises:
        UserError: it is not what PEP 751 describes, or installs what is no wheel; all such faults at once.
    """
    lock = _parsed(text, file)
    reader = _Reader(file, terms, _environment(lock, file, target, terms))
    own = _lines(text, len(lock.packages))
    for line, package in zip(own, lock.packages, strict=True):
        shown = line if lines is None else lines.get(package.name)
        reader.read(package, f"{file}:{shown}" if shown else str(file), members)
    if reader.faults:
        raise UserError(*map(redacted, reader.faults))
    pins = tuple(pin for _, pin in sorted(reader.pins.items()))
    return Locked(pins, tuple(reader.indexes), tuple(reader.looked_at), tuple(reader.left_out))


def _parsed(text: str, file: Path) -> Pylock:
    try:
        content = tomllib.loads(text)
        _check_names(content)
        return Pylock.from_dict(content)
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{file} is no TOML: {error}") from error
    except RecursionError as error:
        raise UserError(f"{file} is nested deeper than can be read; lock again") from error
    except PylockValidationError as error:
        told = " ".join(redacted(str(error)).split())
        raise UserError(f"{file} is not what PEP 751 describes: {told}; {_instead(text)}") from error


def _check_names(content: Mapping[str, Any]) -> None:
    """Looks at the wheels' names before the library does: it multiplies their tags, however many they are."""
    packages = content.get("packages")
    tables = [each for each in packages if isinstance(each, dict)] if isinstance(packages, list) else []
    wheels = [wheel for each in tables if isinstance(each.get("wheels"), list) for wheel in each["wheels"]]
    for wheel in wheels:
        # A name may be left out where the address ends with it.
        for key in ("name", "url", "path"):
            place = str(wheel.get(key, "")) if isinstance(wheel, dict) else ""
            last = place.partition("#")[0].partition("?")[0].rpartition("/")[2]
            if len(last) > MOST_NAME:
                raise PylockValidationError(f"the wheel {shown(last)} has a longer name than any file")


def _instead(text: str) -> str:
    """What helps where locking again with the same tool would not."""
    maker = tomllib.loads(text).get("created-by")
    command = COMMANDS.get("Pipenv's lock") if maker == "pipenv" else None
    return f"make another lock: {command}" if command else "lock again"


def _lines(text: str, count: int) -> list[int]:
    """The line of each package's head; zeros where packages are written in another way, or in no file."""
    found = [number for number, line in enumerate(text.splitlines(), 1) if line.strip() == "[[packages]]"]
    return found if len(found) == count else [0] * count


def _environment(lock: Pylock, file: Path, target: Target, terms: Terms) -> dict[str, Any]:
    """What markers of packages are read in, once the lock as a whole is found to suit the target."""
    plain = marker_environment(target)
    full = python_full_version(target)
    faults = []
    if lock.requires_python and not lock.requires_python.contains(full, prereleases=True):
        faults.append(f"it is for Python {lock.requires_python}, and the target is {target.runtime}")
    if lock.environments and not any(
        marker.evaluate(plain, context="requirement") for marker in lock.environments
    ):
        known = " or ".join(f"`{marker}`" for marker in lock.environments)
        faults.append(
            f"it is for {known}, and the target ({target.runtime}, {target.architecture}) is not that"
        )
    known_extras: dict[str, str] = {canonicalize_name(name): name for name in lock.extras or ()}
    spelled = (*(lock.dependency_groups or ()), *(lock.default_groups or ()))
    known_groups: dict[str, str] = {canonicalize_name(name): name for name in spelled}
    faults += _unknown("extra", terms.extras, known_extras)
    faults += _unknown("dependency group", terms.groups, known_groups)
    if faults:
        raise UserError(f"{file} does not suit: {all_faults(faults)}; lock again, or ask for what it has")
    groups = {*(lock.default_groups or ()), *(known_groups[canonicalize_name(name)] for name in terms.groups)}
    return {
        **plain,
        "extras": frozenset(canonicalize_name(name) for name in terms.extras),
        "dependency_groups": frozenset(groups),
    }


def _unknown(kind: str, asked: Iterable[str], known: Mapping[str, str]) -> list[str]:
    missing = [name for name in asked if canonicalize_name(name) not in known]
    has = ", ".join(sorted(known.values())) or "none"
    return [f"it has no {kind} {name} (there {'is' if len(known) < 2 else 'are'}: {has})" for name in missing]


class _Reader:
    """Collects the pins of a lock, and everything that is wrong with them."""

    def __init__(self, file: Path, terms: Terms, environment: Mapping[str, Any]) -> None:
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
