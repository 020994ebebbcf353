"""What a wheel says that it is: file name, dist-info, WHEEL and METADATA must agree."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from email.message import Message
from email.parser import HeaderParser
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from .filename import parse_filename
from .limits import MOST_EXPRESSION
from .names import shown
from .places import DistInfo, is_named
from .refusal import refused

_KNOWN_FORMAT = re.compile(r"1(\.\d{1,4})*", re.ASCII)
_MOST_LISTED = 6


def find_dist_info(filename: str, members: Iterable[str]) -> DistInfo:
    """Finds the one dist-info folder of a wheel, as pip and uv do: others may only be further down.

    Args:
        filename: the wheel's.
        members: the paths of its files.

    Raises:
        UserError: the name is no wheel's, or there is not exactly one such folder, of that name and version.
    """
    try:
        name, version, _, _ = parse_filename(filename)
    except ValueError as error:
        raise refused(filename, f"is not a wheel's file name: {shown(str(error))}") from error
    tops = {path.partition("/")[0] for path in members}
    found = sorted(top for top in tops if top.endswith(".dist-info"))
    if len(found) != 1 or not is_named(found[0], ".dist-info", name, version):
        more = ["…"] if len(found) > _MOST_LISTED else []
        there = ", ".join([shown(top) for top in found[:_MOST_LISTED]] + more) or "none"
        raise refused(filename, f"must have one dist-info folder of {name} {version}; it has {there}")
    return DistInfo(found[0], name, version)


class Headers(NamedTuple):
    """What a wheel's METADATA says about what it needs.

    Attributes:
        requires_python: `Requires-Python`, if anything.
        requires: the lines of `Requires-Dist`.
    """

    requires_python: str | None
    requires: tuple[str, ...]


def check_headers(filename: str, dist_info: DistInfo, text_of: Callable[[str], str]) -> Headers:
    """Checks the format of a wheel, and that its METADATA is about the same package (as pip does).

    Args:
        filename: the wheel's.
        dist_info: its own.
        text_of: gives the text of a file of dist-info, or raises.

    Returns:
        What METADATA says that the package needs.

    Raises:
        UserError: another format than 1.x, another name or version, or none; a requirement that is none.
    """
    wheel = HeaderParser().parsestr(text_of("WHEEL"))
    version = _only(wheel, "Wheel-Version").strip()
    if not _KNOWN_FORMAT.fullmatch(version):
        raise refused(filename, f"has wheel format {shown(version) or 'of no version'}; 1.x is known")
    metadata = HeaderParser().parsestr(text_of("METADATA"))
    # As they stand: pip takes no name with a space behind it.
    name, version = _only(metadata, "Name"), _only(metadata, "Version")
    if canonicalize_name(name) != dist_info.name or not _is_version(version, dist_info.version):
        raise refused(
            filename,
            f"says in its METADATA that it is {shown(name) or 'without a name'} "
            f"{shown(version) or 'without a version'}, instead of {dist_info.name} {dist_info.version}",
        )
    python = _values(metadata, "Requires-Python")
    if python and len(python[0]) > MOST_EXPRESSION:
        raise refused(filename, f"has a Requires-Python of more than {MOST_EXPRESSION} letters")
    requires = _values(metadata, "Requires-Dist")
    for requirement in requires:
        if not _is_requirement(requirement):
            told = shown(requirement)
            raise refused(filename, f"requires {told} in its METADATA, which cannot be read")
    return Headers(python[0] if python else None, requires)


def _values(headers: Message, field: str) -> tuple[str, ...]:
    """Each value of a field, which may go on over several lines."""
    return tuple(" ".join(str(value).split()) for value in headers.get_all(field, []))


def _is_requirement(text: str) -> bool:
    """Whether pip, too, can read a requirement of a package."""
    try:
        return len(text) <= MOST_EXPRESSION and bool(Requirement(text))
    except (ValueError, RecursionError):
        return False


def _only(headers: Message, field: str) -> str:
    """The value of a field that must be there once; else what cannot be right."""
    values = [str(value) for value in headers.get_all(field, [])]
    return " and ".join(values)


def _is_version(text: str, version: Version) -> bool:
    try:
        return Version(text) == version
    except ValueError:
        # It is none, or has more digits than Python makes a number of.
        return False
