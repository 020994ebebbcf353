"""What a lock asks for on one target: exact pins with their hashes, and what is not pinned."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import Specifier
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from ..errors import UserError, all_faults
from ..index.settings import without_credentials
from .lines import Line
from .markers import applies
from .options import is_option

# pip takes these and refuses weaker ones (pip documentation, "Secure installs").
_HASH = re.compile(r"sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}")
_URL = re.compile(r"(?:^|@\s*)(?P<url>(?:[a-z][a-z0-9+.-]*:)/*[^\s;]+)", re.IGNORECASE)
_MOST_FAULTS = 20
_ARCHIVE = re.compile(r"\.(whl|zip|tar\.gz|tgz|tar\.bz2)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Pin:
    """One package at one version.

    Attributes:
        name: normalised (PEP 503).
        version: the pinned one.
        hashes: `algorithm:hex digits` of the files that are allowed; empty means that any file is.
        where: `file:line` of the pin.
    """

    name: str
    version: Version
    hashes: frozenset[str]
    where: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


@dataclass(frozen=True, slots=True)
class Requirements:
    """What a lock asks for on one target.

    Attributes:
        pins: sorted by name, one for each package.
        unpinned: the places of requirements without an exact version.
    """

    pins: tuple[Pin, ...]
    unpinned: tuple[str, ...]


@dataclass(slots=True)
class _Wish:
    """Everything that the lines that apply say about one package."""

    pinned: dict[Version, str] = field(default_factory=dict)
    limits: list[tuple[Specifier, str]] = field(default_factory=list)
    hashes: list[tuple[frozenset[str], str]] = field(default_factory=list)
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
    when they agree. Extras are dropped: a lock names every package itself. As in pip, one hash anywhere makes
    hashes compulsory for all (pip documentation, "Secure installs").

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
    for line in lines:
        if is_option(line):
            continue
        try:
            _add(line, environment, wishes)
        except UserError as error:
            faults.append(f"{line.where}: {error}")
    asked = {name: wish for name, wish in sorted(wishes.items()) if wish.asked}
    pins = [pin for name, wish in asked.items() if (pin := _pin(name, wish, faults)) is not None]
    unpinned = [f"{name} ({wish.asked})" for name, wish in asked.items() if not wish.pinned]
    if require_hashes or (all_or_nothing and any(pin.hashes for pin in pins)):
        faults += _hash_faults(pins, unpinned)
    if len(faults) > _MOST_FAULTS:
        faults[_MOST_FAULTS:] = [
            f"and {len(faults) - _MOST_FAULTS} more faults; is this a requirements file?"
        ]
    if faults:
        raise UserError(all_faults(faults))
    return Requirements(tuple(pins), tuple(unpinned))


def _add(line: Line, environment: dict[str, str], wishes: dict[str, _Wish]) -> None:
    text, hashes = _split_options(line.text)
    requirement = _parse(text)
    if not applies(requirement.marker, environment):
        return
    wish = wishes.setdefault(canonicalize_name(requirement.name), _Wish())
    if not line.constraint:
        wish.asked = wish.asked or line.where
    for specifier in requirement.specifier:
        if specifier.operator in {"==", "==="} and not specifier.version.endswith(".*"):
            try:
                wish.pinned.setdefault(Version(specifier.version), line.where)
            except InvalidVersion as error:
                raise UserError(f"{specifier.version} is not a version (PEP 440)") from error
        else:
            wish.limits.append((specifier, line.where))
    if hashes:
        wish.hashes.append((hashes, line.where))


def _split_options(text: str) -> tuple[str, frozenset[str]]:
    """Cuts the per-requirement options off a line, where pip does: at the first word that begins with `-`."""
    words = text.split()
    at = next((place for place, word in enumerate(words) if word.startswith("-")), len(words))
    options = iter(words[at:])
    hashes = set()
    for option in options:
        name, _, value = option.partition("=")
        if name == "--hash":
            hashes.add(_hash(value or next(options, "")))
        elif name in {"--config-settings", "--config-setting", "-C"}:
            value or next(options, "")
        else:
            raise UserError(f"{name} is not an option of a requirement; {_KNOWN}")
    return " ".join(words[:at]), frozenset(hashes)


_KNOWN = "only --hash=sha256:... and its longer kin are"


def _hash(value: str) -> str:
    lowered = value.lower()
    if not _HASH.fullmatch(lowered):
        raise UserError(f"--hash={value or '...'} is no sha256, sha384 or sha512 with all its digits")
    return lowered


def _parse(text: str) -> Requirement:
    url = _URL.search(text)
    if url is not None:
        raise UserError(f"{_shown(url['url'])} is a direct URL; {_SERVE_IT}")
    if text.startswith((".", "/", "~")) or _ARCHIVE.search(text.partition(";")[0].strip()):
        raise UserError(f"{text} is a local path; {_SERVE_IT}")
    try:
        return Requirement(text)
    except InvalidRequirement as error:
        reason = str(error).splitlines()[0]
        raise UserError(f"cannot read `{text}`: {reason}") from error


_SERVE_IT = "pin it as name==version and serve its wheel from an index or by --find-links"


def _shown(url: str) -> str:
    try:
        return without_credentials(url)
    except ValueError:
        return "this"


def _pin(name: str, wish: _Wish, faults: list[str]) -> Pin | None:
    if not wish.pinned:
        return None
    if len(wish.pinned) > 1:
        places = " and ".join(f"{version} ({where})" for version, where in wish.pinned.items())
        faults.append(f"{name} is pinned more than once: {places}; keep one")
        return None
    ((version, where),) = wish.pinned.items()
    faults += [
        f"{name} is pinned to {version} ({where}), but {place} wants {limit}"
        for limit, place in wish.limits
        if not limit.contains(version, prereleases=True)
    ]
    hashes = wish.hashes[0][0] if wish.hashes else frozenset[str]()
    for more, place in wish.hashes[1:]:
        hashes &= more
        if not hashes:
            faults.append(f"{name} {version}: {place} and {wish.hashes[0][1]} have no hash in common")
            break
    return Pin(name, version, hashes, where)


def _hash_faults(pins: Sequence[Pin], unpinned: Sequence[str]) -> list[str]:
    faults = [f"{place} is not pinned with ==, as a lock with hashes needs" for place in unpinned]
    bare = [f"{pin.name} ({pin.where})" for pin in pins if not pin.hashes]
    if bare:
        faults.append(f"no --hash for {', '.join(bare)}, but the lock has hashes or requires them")
    return faults
