"""`pylock.toml` (PEP 751): what it installs on one target, with the files that it names itself."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from packaging.pylock import Pylock, PylockValidationError
from packaging.utils import canonicalize_name

from ..errors import UserError, all_faults
from ..redaction import redacted
from ..target import Target
from ..wheel.limits import MOST_NAME
from ..wheel.names import shown
from .foreign import COMMANDS
from .markers import marker_environment, python_full_version
from .pylock_package import PackageReader
from .requirements import Pin
from .terms import Terms


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
    reader = PackageReader(file, terms, _environment(lock, file, target, terms))
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
