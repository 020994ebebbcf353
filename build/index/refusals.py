"""Why no wheel of a pin can be installed on the target, in one sentence that says what to do."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..lock.markers import PYTHONS
from ..lock.requirements import Pin
from ..target import Target
from ..wheel.names import shown
from .choice import Chooser, Wheel, hash_allowed, wheels
from .simple import ProjectFile
from .tags import platform_tags

_MANYLINUX = re.compile(r"manylinux_2_(\d+)_(.+)")
_LISTED = 6
_ANY_GLIBC = 99
_BUILD = "build a wheel of its sdist and serve it by --find-links"


def refusal(pin: Pin, files: Sequence[ProjectFile] | None, chooser: Chooser) -> str:
    """Says why `chooser` found nothing.

    Args:
        pin: what was wanted.
        files: what the indexes have for the pin's version; None when none of them knows the package.
        chooser: of the target.
    """
    if files is None:
        return f"{pin.name} ({pin.where}) is on none of the indexes; check its name and the index settings"
    if not files:
        return f"{pin} ({pin.where}) is not on the index, though other versions are; pin one of those"
    found = wheels(files)
    if not found:
        return _no_wheel(pin, files)
    fitting = [wheel for wheel in found if chooser.rank(wheel) is not None]
    if not fitting:
        sdist = "" if len(found) == len(files) else f", or {_BUILD}"
        return _no_tag(pin, found, chooser) + sdist
    python = [wheel for wheel in fitting if chooser.python_allowed(wheel.file)]
    if not python:
        needed = shown(fitting[0].file.requires_python or "")
        advice = f"pin another version{_other_python(found, chooser)}"
        return f"{pin} needs Python {needed}, and the target is {chooser.target.runtime}; {advice}"
    known = [wheel.file.filename for wheel in python if hash_allowed(pin, wheel.file) is False]
    return (
        f"{', '.join(known)} has none of the hashes that {pin.where} lists; lock again, for this target too"
    )


def _no_wheel(pin: Pin, files: Sequence[ProjectFile]) -> str:
    odd = [shown(file.filename) for file in files if file.filename.endswith(".whl")][:_LISTED]
    if odd:
        return f"{', '.join(odd)} is not a wheel's file name; build it again, or pin another version"
    return f"of {pin} only an sdist is published; build a wheel of it and serve it by --find-links"


def _no_tag(pin: Pin, found: Sequence[Wheel], chooser: Chooser) -> str:
    target = chooser.target
    glibc = ".".join(str(part) for part in target.glibc)
    head = f"{pin} has no wheel for {target.runtime} on {target.architecture} (glibc {glibc})"
    newer = Chooser(target, newest_glibc=_ANY_GLIBC)
    needed = sorted(
        {name for wheel in found if newer.rank(wheel) is not None for name in _glibc_names(wheel)}
    )
    if needed:
        advice = f"pin an older version{_other_python(found, chooser)}"
        return f"{head}: its wheels need {' or '.join(needed)}; {advice}"
    advice = f"pin another version{_other_python(found, chooser)}"
    return f"{head}: its wheels are for {_others(found, chooser)}; {advice}"


def _others(found: Sequence[Wheel], chooser: Chooser) -> str:
    """Tells what the wheels are for: other Pythons where the platform would do, else other platforms."""
    here = {*platform_tags(chooser.target, newest_glibc=_ANY_GLIBC), "any"}
    tags = {tag for wheel in found for tag in wheel.tags}
    names = sorted({f"{tag.interpreter}-{tag.abi}" for tag in tags if tag.platform in here}, key=_by_number)
    names = names or sorted({tag.platform for tag in tags}, key=_by_number)
    # The newest Pythons and platforms say most.
    more = f"{len(names) - _LISTED} more and " if len(names) > _LISTED else ""
    return more + ", ".join(names[-_LISTED:])


def _by_number(name: str) -> list[int | str]:
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]


def _glibc_names(wheel: Wheel) -> set[str]:
    names = {tag.platform for tag in wheel.tags}
    return {f"manylinux_2_{match[1]}" for name in names if (match := _MANYLINUX.fullmatch(name))}


def _other_python(found: Sequence[Wheel], chooser: Chooser) -> str:
    """The nearest runtime on which one of the wheels would do, as a piece of advice."""
    wanted = _minor(chooser.target.python)
    for python in sorted(PYTHONS, key=lambda each: abs(_minor(each) - wanted)):
        other = Chooser(Target(python, chooser.target.architecture))
        if any(other.rank(wheel) is not None and other.python_allowed(wheel.file) for wheel in found):
            return f" or use {other.target.runtime}"
    return ""


def _minor(python: str) -> int:
    return int(python.partition(".")[2])
