"""Where the members of a wheel are installed."""

from __future__ import annotations

from typing import NamedTuple

from packaging.utils import canonicalize_name
from packaging.version import Version

from .names import shown

# What installers write about their own doing into dist-info ("Recording installed projects"; PEP 610; uv).
_INSTALLERS_OWN = {"INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json", "RECORD"}
# The folders of `.data` ("Binary distribution format").
_SCHEMES = ("purelib", "platlib", "data", "headers", "scripts")


class DistInfo(NamedTuple):
    """A wheel's own dist-info; wheels may vendor another's further down.

    Attributes:
        folder: such as `typing_extensions-4.12.0.dist-info`.
        name: the package's normalised name.
        version: its version.
    """

    folder: str
    name: str
    version: Version


class PlaceError(ValueError):
    """A member of a wheel for which there is no place; the message says why."""


def is_named(folder: str, ending: str, name: str, version: Version) -> bool:
    """Whether a folder is called `<name>-<version><ending>`, whichever way both are spelt."""
    if not folder.endswith(ending):
        return False
    own_name, _, own_version = folder.removesuffix(ending).rpartition("-")
    try:
        return canonicalize_name(own_name) == name and Version(own_version) == version
    except ValueError:
        return False


def installed_path(member: str, dist_info: DistInfo) -> str | None:
    """Where a member of a wheel goes, as `uv pip install --target` has it.

    A `.pth` file goes where the wheel has it and does nothing there: Lambda puts `/opt/python` on the path
    itself, and Python's `site` reads such files only in site folders.

    Args:
        member: its path in the wheel.
        dist_info: the wheel's own.

    Returns:
        The path below the site folder. Libraries for all platforms and for one go to the same place; data
        goes to the root, headers to `include/<name>/`. None for scripts, which carry a path of the building
        machine and which nothing in Lambda looks for, and for what installers write themselves.

    Raises:
        PlaceError: it is of a kind that the wheel format does not know.
    """
    top, _, rest = member.partition("/")
    if top == dist_info.folder:
        return None if rest in _INSTALLERS_OWN else member
    if not top.endswith(".data"):
        return member
    if top != dist_info.folder.removesuffix(".dist-info") + ".data" and not is_named(
        top, ".data", dist_info.name, dist_info.version
    ):
        # pip spreads or refuses any such folder, uv leaves it as it is.
        raise PlaceError(f"{shown(member)} is data of another package")
    scheme, _, path = rest.partition("/")
    if not path or scheme not in _SCHEMES:
        raise PlaceError(f"{shown(member)} is data of an unknown kind; there are {', '.join(_SCHEMES)}")
    if scheme == "scripts" or (scheme == "data" and path.startswith("bin/")):
        return None
    if scheme == "headers":
        return f"include/{dist_info.name}/{path}"
    own, _, rest = path.partition("/")
    return None if own == dist_info.folder and rest in _INSTALLERS_OWN else path
