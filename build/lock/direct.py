"""Requirements that name a wheel's own place: `name @ URL`, a URL, or a path, as pip takes them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from ..errors import UserError
from ..index.addresses import is_address, without_credentials
from ..index.folders import file_path
from ..index.simple import ProjectFile
from ..wheel.filename import parse_filename
from ..wheel.names import shown
from .hashes import STRONG

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]+):", re.IGNORECASE)
_ARCHIVE = re.compile(r"\.(whl|zip|tar|tgz|tbz|txz|tar\.(gz|bz2|xz|lzma|Z))$", re.IGNORECASE)
_EXTRAS = re.compile(r"\[[\w\s.,-]*\]$")
_NAMED = re.compile(r"[A-Za-z0-9][\w.-]*\s*(\[[^\]]*\])?\s*@")
_DO_INSTEAD = "build a wheel of it, and name that or serve it by --find-links"


@dataclass(frozen=True, slots=True)
class Direct:
    """One wheel, and where it is.

    Attributes:
        name: normalised (PEP 503); the requirement's, which is the file name's.
        version: the file name's.
        file: it; its `url` is a `file:` one where it lies on this machine.
        hashes: the strong ones (`algorithm:hex digits`) of the URL's fragment.
        marker: when it is wanted, or None for always.
        looked_at: the paths that decide which file is meant.
        extras: those that are asked for, as given.
    """

    name: NormalizedName
    version: Version
    file: ProjectFile
    hashes: frozenset[str]
    marker: Marker | None
    looked_at: tuple[Path, ...] = ()
    extras: frozenset[str] = frozenset()


def is_direct(text: str) -> bool:
    """Says whether a requirement names a place, and not what an index has."""
    if _NAMED.match(text):
        return True
    bare = _without_extras(text.partition(";")[0].strip())
    return bool(text.startswith((".", "/", "~")) or _scheme(bare) or _ARCHIVE.search(bare.partition("#")[0]))


def read_direct(text: str, folder: Path) -> Direct:
    """Reads such a requirement.

    Args:
        text: without `--hash` and other options.
        folder: the one of the file that it stands in. A relative path counts from there, or, where nothing
            lies there, from the working folder, as in pip.

    Raises:
        UserError: it is none, or names what is no wheel.
    """
    name, location, marker, extras = _parts(text)
    location, _, fragment = location.partition("#")
    _check(location)
    told = dict(part.partition("=")[::2] for part in fragment.split("&") if "=" in part)
    hashes = {key: value.lower() for key, value in told.items() if key in {*STRONG, "sha1", "md5", "sha224"}}
    name = name or (canonicalize_name(egg.partition("[")[0]) if (egg := told.get("egg")) else None)
    scheme = _scheme(location)
    if scheme in {"http", "https"}:
        looked_at: tuple[Path, ...] = ()
        filename, url = unquote(urlsplit(location).path.rpartition("/")[2]), location
    elif scheme in {"", "file"}:
        looked_at = _candidates(location, folder)
        path = _existing(location, looked_at)
        filename, url = path.name, path.as_uri()
    else:
        raise UserError(f"{without_credentials(location)} is a {scheme} address; {_DO_INSTEAD}")
    wheel_name, version = _wheel(filename, location)
    if name is not None and name != wheel_name:
        raise UserError(f"{filename} is a wheel of {wheel_name} and not of {name}; correct one of them")
    strong = frozenset(f"{key}:{value}" for key, value in hashes.items() if key in STRONG)
    return Direct(wheel_name, version, ProjectFile(filename, url, hashes), strong, marker, looked_at, extras)


def _parts(text: str) -> tuple[NormalizedName | None, str, Marker | None, frozenset[str]]:
    """The name if there is one, the location, the marker, the extras."""
    if _NAMED.match(text):
        requirement = _requirement(text)
        extras = frozenset(requirement.extras)
        return canonicalize_name(requirement.name), requirement.url or "", requirement.marker, extras
    # A URL may hold a semicolon, but not one with a space behind it.
    location, _, condition = text.partition("; " if _scheme(text) else ";")
    try:
        marker = Marker(condition) if condition.strip() else None
    except (ValueError, RecursionError) as error:
        raise UserError(f"cannot read `{text}`: {str(error).splitlines()[0]}") from error
    location = location.strip()
    bare = _without_extras(location)
    listed = (each.strip() for each in location[len(bare) :].strip("[]").split(","))
    return None, bare, marker, frozenset(each for each in listed if each)


def _requirement(text: str) -> Requirement:
    """Reads `name @ URL`; as in pip, a marker also counts where no space stands between it and the URL."""
    try:
        return Requirement(text)
    except (ValueError, RecursionError) as error:
        place, semicolon, condition = text.partition(";")
        try:
            return Requirement(f"{place} ;{condition}" if semicolon else text)
        except (ValueError, RecursionError):
            raise UserError(f"cannot read `{text}`: {str(error).splitlines()[0]}") from error


def _without_extras(location: str) -> str:
    return _EXTRAS.sub("", location)


def _scheme(location: str) -> str:
    found = _SCHEME.match(location)
    return found[1].lower() if found else ""


def _check(location: str) -> None:
    """Refuses what no tool could ask for."""
    odd = "\0" in unquote(location)
    if _scheme(location) in {"http", "https"}:
        odd |= not is_address(location)
    elif _scheme(location) == "file":
        odd |= file_path(location) is None
    if odd:
        raise UserError(f"{_shown(location)} is no address and no path of this machine; correct it")


def _candidates(location: str, folder: Path) -> tuple[Path, ...]:
    path = file_path(location) or Path(location)
    if path.is_absolute():
        return (path,)
    return tuple(dict.fromkeys((folder.absolute() / path, Path.cwd() / path)))


def _existing(location: str, candidates: tuple[Path, ...]) -> Path:
    found = next((path for path in candidates if path.exists()), None)
    if found is None:
        raise UserError(f"there is no file {location}; correct the path, or pin name==version")
    if found.is_dir():
        raise UserError(f"{location} is a folder; {_DO_INSTEAD}")
    return found


def _wheel(filename: str, location: str) -> tuple[NormalizedName, Version]:
    if not filename.lower().endswith(".whl"):
        raise UserError(f"{_shown(location)} is no wheel, and nothing is built from source; {_DO_INSTEAD}")
    try:
        name, version, _, _ = parse_filename(filename)
    except ValueError as error:
        raise UserError(
            f"{shown(filename)} is not the name of a wheel (name-version-python-abi-platform)"
        ) from error
    return name, version


def _shown(location: str) -> str:
    shown = without_credentials(location) if _scheme(location) not in {"", "file"} else location
    return shown.replace("\0", "")
