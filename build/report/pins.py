"""A lock as it stands, for no target: every package with its versions, whatever markers say of them."""

from __future__ import annotations

import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from packaging.utils import canonicalize_name

from ..errors import UserError
from ..lock.direct import is_direct, read_direct
from ..lock.document import PYLOCK, REQUIREMENTS, Document, read_document
from ..lock.lines import Line
from ..lock.options import is_option
from ..lock.requirements import parse_requirement
from .described import Described, Package

_SOURCES_OF_OWN = ("virtual", "editable", "directory")


class _Pin(NamedTuple):
    name: str
    version: str
    marker: str
    hashes: frozenset[str]


def from_pins(path: Path) -> Described:
    """Describes a lock by its pins alone: nothing is fetched, and nothing is chosen.

    Args:
        path: a requirements file, a `pylock.toml` or a `uv.lock`.

    Returns:
        What it pins. A package with several versions for different targets has all of them in its version.

    Raises:
        UserError: it cannot be read; every fault that is found.
    """
    document = read_document(path)
    pins: dict[str, list[_Pin]] = {}
    found = _of_lines(document) if document.kind == REQUIREMENTS else _of_toml(document)
    for pin in found:
        pins.setdefault(pin.name, []).append(pin)
    return Described(label=str(path), packages={name: _package(each) for name, each in sorted(pins.items())})


def _package(pins: list[_Pin]) -> Package:
    versions = sorted({(pin.version, pin.marker) for pin in pins})
    several = len({version for version, _ in versions}) > 1
    shown = [f"{version} if {marker}" if marker and several else version for version, marker in versions]
    return Package(
        name=pins[0].name,
        version=", ".join(dict.fromkeys(shown)),
        locked=frozenset[str]().union(*(pin.hashes for pin in pins)),
    )


def _of_lines(document: Document) -> Iterator[_Pin]:
    faults = []
    for line in document.lines:
        if line.constraint or is_option(line):
            continue
        try:
            yield _of_line(line)
        except (UserError, ValueError, RecursionError) as error:
            faults.append(line.fault(str(error).splitlines()[0]))
    if faults:
        raise UserError(*faults)


def _of_line(line: Line) -> _Pin:
    words = line.text.split()
    at = next((place for place, word in enumerate(words) if word.startswith("-")), len(words))
    text, options = " ".join(words[:at]), " ".join(words[at:]).replace("=", " ")
    hashes = frozenset(word.lower() for word in shlex.split(options) if ":" in word)
    if is_direct(text):
        direct = read_direct(text, line.file.parent)
        return _Pin(direct.name, str(direct.version), str(direct.marker or ""), hashes | direct.hashes)
    requirement = parse_requirement(text)
    wanted = str(requirement.specifier)
    # A pin is its version; anything else is told as it is written.
    version = wanted.lstrip("=") if wanted.startswith("==") and "," not in wanted else wanted or "any"
    return _Pin(canonicalize_name(requirement.name), version, str(requirement.marker or ""), hashes)


def _of_toml(document: Document) -> list[_Pin]:
    try:
        content = tomllib.loads(document.content.decode())
        packages = content.get("packages" if document.kind == PYLOCK else "package", [])
        return [_of_table(table) for table in packages if not _is_own(table)]
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{document.file} is no TOML: {error}") from error
    except (AttributeError, KeyError, TypeError, RecursionError) as error:
        raise UserError(f"{document.file} is not a lock as its name says; lock again") from error


def _is_own(table: dict[str, Any]) -> bool:
    """Whether it is the project itself, or another of its workspace."""
    return "directory" in table or any(kind in table.get("source", {}) for kind in _SOURCES_OF_OWN)


def _of_table(table: dict[str, Any]) -> _Pin:
    files = [*table.get("wheels", []), *(table[kind] for kind in ("archive", "sdist") if table.get(kind))]
    hashes: set[str] = set()
    for each in files:
        if "hash" in each:
            hashes.add(str(each["hash"]))
        hashes |= {f"{name}:{digits}" for name, digits in each.get("hashes", {}).items()}
    markers = [str(table["marker"])] if "marker" in table else table.get("resolution-markers", [])
    return _Pin(
        canonicalize_name(str(table["name"])),
        str(table.get("version", "")),
        " or ".join(map(str, markers)),
        frozenset(hashes),
    )
