"""What a lock asks for on one target: exact pins with their hashes, and what is not pinned."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import Specifier
from packaging.utils import canonicalize_name
from packaging.version import Version

from ..errors import UserError
from ..index.simple import ProjectFile
from ..wheel.names import shown
from .direct import Direct, is_direct, read_direct
from .hashes import read_hash
from .lines import Line
from .markers import applies
from .options import is_option

_MOST_FAULTS = 20


@dataclass(frozen=True, slots=True)
class Pin:
    """One package at one version.

    Attributes:
        name: normalised (PEP 503).
        version: the pinned one.
        hashes: `algorithm:hex digits` of the files that are allowed; empty means that any file is.
        where: `file:line` of the pin.
        files: the only files it may be, where the lock itself names them; empty where the indexes are asked.
    """

    name: str
    version: Version
    hashes: frozenset[str]
    where: str
    files: tuple[ProjectFile, ...] = field(default=(), compare=False, repr=False)

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


@dataclass(frozen=True, slots=True)
class Requirements:
    """What a lock asks for on one target.

    Attributes:
        pins: sorted by name, one for each package.
        unpinned: the places of requirements without an exact version.
        looked_at: the paths that decided which files of this machine are meant.
        extras: those that are asked for of a package, by its name.
        hashed: hashes are compulsory, so that nothing can be added.
    """

    pins: tuple[Pin, ...]
    unpinned: tuple[str, ...]
    looked_at: tuple[Path, ...] = ()
    extras: Mapping[str, frozenset[str]] = field(default_factory=dict)
    hashed: bool = False


@dataclass(slots=True)
class _Wish:
    """Everything that the lines that apply say about one package."""

    pinned: dict[Version, str] = field(default_factory=dict)
    limits: list[tuple[Specifier, str]] = field(default_factory=list)
    hashes: list[tuple[frozenset[str], str]] = field(default_factory=list)
    direct: dict[str, tuple[Direct, str]] = field(default_factory=dict)
    extras: set[str] = field(default_factory=set)
    asked: str = ""


def read_requirements(
    lines: Iterable[Line],
    environment: dict[str, str],
    *,
    require_hashes: bool = False,
    all_or_nothing: bool = True,
) -> Requirements:
    """Reads a lock's requirement lines for one target.

    Lines whose marker does not hold there are checked and left out. Several lines may speak of one package
    when they agree. As in pip, one `--hash` anywhere makes hashes compulsory for all, and a URL's own
    `#sha256=` counts as one of its file but compels nobody (pip documentation, "Secure installs").

    Args:
        lines: logical lines; option lines are passed over.
        environment: the target's markers.
        require_hashes: hashes are compulsory even if there is none.
        all_or_nothing: one hash makes hashes compulsory for all.

    Raises:
        UserError: every fault, each with its file and line.
    """
    faults: list[str] = []
    wishes: dict[str, _Wish] = {}
    hashed = False
    for line in lines:
        if is_option(line):
            continue
        try:
            hashed |= _add(line, environment, wishes)
        except UserError as error:
            faults.append(line.fault(error))
    asked = {name: wish for name, wish in sorted(wishes.items()) if wish.asked}
    pins = [pin for name, wish in asked.items() if (pin := _pin(name, wish, faults)) is not None]
    unpinned = [
        f"{name} ({wish.asked})" for name, wish in asked.items() if not wish.pinned and not wish.direct
    ]
    hashed = require_hashes or (all_or_nothing and hashed)
    if hashed:
        faults += _hash_faults(pins, unpinned)
    if len(faults) > _MOST_FAULTS:
        faults[_MOST_FAULTS:] = [
            f"and {len(faults) - _MOST_FAULTS} more faults; is this a requirements file?"
        ]
    if faults:
        raise UserError(*faults)
    directs = (direct for wish in asked.values() for direct, _ in wish.direct.values())
    return Requirements(
        tuple(pins),
        tuple(unpinned),
        looked_at=tuple(path for direct in directs for path in direct.looked_at),
        extras={name: frozenset(wish.extras) for name, wish in asked.items() if wish.extras},
        hashed=hashed,
    )


def _add(line: Line, environment: dict[str, str], wishes: dict[str, _Wish]) -> bool:
    """Adds what a line says; tells whether it makes hashes compulsory, as pip has it on any target."""
    text, hashes = _split_options(line.text)
    hashed = bool(hashes) and not line.constraint
    if is_direct(text):
        direct = read_direct(text, line.file.parent)
        name, marker, hashes = direct.name, direct.marker, hashes | direct.hashes
        extras: AbstractSet[str] = direct.extras
        specifiers: Iterable[Specifier] = ()
    else:
        direct = None
        requirement = parse_requirement(text)
        name, marker = canonicalize_name(requirement.name), requirement.marker
        specifiers, extras = requirement.specifier, requirement.extras
    if not applies(marker, environment):
        return hashed
    wish = wishes.setdefault(name, _Wish())
    if not line.constraint:
        wish.asked = wish.asked or line.where
        wish.extras |= extras
    if direct is not None:
        wish.direct.setdefault(direct.file.url, (direct, line.where))
    for specifier in specifiers:
        _limit(wish, specifier, line.where)
    if hashes:
        wish.hashes.append((hashes, line.where))
    return hashed


def plain(line: Line) -> str:
    """A requirement as every tool reads it: no options, and a place as `name @ URL`.

    Raises:
        UserError: it is none.
    """
    text, _ = _split_options(line.text)
    if not is_direct(text):
        return str(parse_requirement(text))
    direct = read_direct(text, line.file.parent)
    extras = f"[{','.join(sorted(direct.extras))}]" if direct.extras else ""
    sha256 = direct.file.hashes.get("sha256")
    marker = f" ; {direct.marker}" if direct.marker else ""
    return f"{direct.name}{extras} @ {direct.file.url}{f'#sha256={sha256}' if sha256 else ''}{marker}"


def _limit(wish: _Wish, specifier: Specifier, where: str) -> None:
    if specifier.operator not in {"==", "==="} or specifier.version.endswith(".*"):
        wish.limits.append((specifier, where))
        return
    try:
        wish.pinned.setdefault(Version(specifier.version), where)
    except ValueError as error:
        # Or one with more digits than Python makes a number of.
        raise UserError(f"{shown(specifier.version)} is not a version (PEP 440)") from error


# Options of a requirement that are about building from source; they change nothing about a wheel.
_ABOUT_BUILDING = {"--config-settings", "--config-setting", "-C", "--global-option"}


def _split_options(text: str) -> tuple[str, frozenset[str]]:
    """Cuts the per-requirement options off a line, where pip does: at the first word that begins with `-`."""
    words = text.split()
    at = next((place for place, word in enumerate(words) if word.startswith("-")), len(words))
    hashes = set()
    try:
        options = iter(shlex.split(" ".join(words[at:])))
    except ValueError as error:
        raise UserError(f"{error} in the options of {words[0]}") from error
    for option in options:
        name, _, value = option.partition("=")
        if name == "--hash":
            hashes.add(read_hash(value or next(options, "")))
        elif name in _ABOUT_BUILDING:
            value or next(options, "")
        else:
            raise UserError(
                f"{name} is not an option of a requirement; only --hash=sha256:... and its longer kin are"
            )
    return " ".join(words[:at]), frozenset(hashes)


def parse_requirement(text: str) -> Requirement:
    """Reads a requirement that names no place; as in pip, a semicolon with nothing behind it says nothing.

    Raises:
        UserError: it is none.
    """
    try:
        return Requirement(text.removesuffix(";"))
    except (ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0]
        raise UserError(f"cannot read `{text}`: {reason}") from error


def _pin(name: str, wish: _Wish, faults: list[str]) -> Pin | None:
    if len(wish.direct) > 1:
        places = " and ".join(f"{direct.file.filename} ({where})" for direct, where in wish.direct.values())
        faults.append(f"{name} is asked for from two places: {places}; keep one")
        return None
    for direct, where in wish.direct.values():
        _hold(name, direct.version, where, wish, faults)
        return Pin(name, direct.version, _common(name, wish, faults), where, (direct.file,))
    if not wish.pinned:
        return None
    if len(wish.pinned) > 1:
        places = " and ".join(f"{version} ({where})" for version, where in wish.pinned.items())
        faults.append(f"{name} is pinned more than once: {places}; keep one")
        return None
    ((version, where),) = wish.pinned.items()
    _hold(name, version, where, wish, faults)
    return Pin(name, version, _common(name, wish, faults), where)


def _hold(name: str, version: Version, where: str, wish: _Wish, faults: list[str]) -> None:
    """Holds a version against everything else that is said about the package."""
    exact = [(Specifier(f"=={pinned}"), place) for pinned, place in wish.pinned.items()]
    faults += [
        f"{name} is pinned to {version} ({where}), but {place} wants {limit}"
        for limit, place in (*exact, *wish.limits)
        if not limit.contains(version, prereleases=True)
    ]


def _common(name: str, wish: _Wish, faults: list[str]) -> frozenset[str]:
    """The hashes that all lines about a package allow."""
    hashes = wish.hashes[0][0] if wish.hashes else frozenset[str]()
    for more, place in wish.hashes[1:]:
        hashes &= more
        if not hashes:
            faults.append(f"{name}: {place} and {wish.hashes[0][1]} have no hash in common")
            break
    return hashes


def _hash_faults(pins: Sequence[Pin], unpinned: Sequence[str]) -> list[str]:
    faults = [f"{place} is not pinned with ==, as a lock with hashes needs" for place in unpinned]
    bare = [f"{pin.name} ({pin.where})" for pin in pins if not pin.hashes]
    if bare:
        faults.append(f"no --hash for {', '.join(bare)}, but the lock has hashes or requires them")
    return faults
