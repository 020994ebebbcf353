"""The closure: whether everything that a package requires is in the layer, or in the runtime."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from packaging.markers import UndefinedEnvironmentName
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ..lock.markers import marker_environment
from .findings import ERROR, WARNING, Finding
from .runtimes import PACKAGES
from .subject import Subject


class _Wish(NamedTuple):
    asking: str
    requirement: Requirement


def check_closure(subject: Subject) -> Iterator[Finding]:
    """Finds requirements that nothing meets.

    Requirements behind an extra count where another package asks for that extra; which ones the lock's author
    asked for, the layer does not say.
    """
    environment = marker_environment(subject.target)
    unreadable: list[Finding] = []
    wishes = {name: list(_requirements(subject, name, unreadable)) for name in subject.distributions}
    yield from unreadable
    extras: dict[str, set[str]] = {name: set() for name in wishes}
    told: set[tuple[str, str]] = set()
    waiting = sorted(wishes)
    while waiting:
        asking = waiting.pop()
        for requirement in wishes[asking]:
            if not _applies(requirement, environment, extras[asking]):
                continue
            name = str(canonicalize_name(requirement.name))
            if (asking, str(requirement)) not in told:
                told.add((asking, str(requirement)))
                yield from _met(subject, asking, name, requirement)
            if name in extras and not requirement.extras <= extras[name]:
                extras[name] |= requirement.extras
                waiting.append(name)


def _requirements(subject: Subject, name: str, faults: list[Finding]) -> Iterator[Requirement]:
    for line in subject.distributions[name].requires:
        try:
            yield Requirement(line)
        except (ValueError, RecursionError):
            faults.append(
                Finding(WARNING, name, "", f"its requirement {line!r} cannot be read", "see that it is met")
            )


def _applies(requirement: Requirement, environment: dict[str, str], extras: set[str]) -> bool:
    if requirement.marker is None:
        return True
    try:
        return any(
            requirement.marker.evaluate({**environment, "extra": extra}) for extra in ("", *sorted(extras))
        )
    except (ValueError, UndefinedEnvironmentName, RecursionError):
        return False


def _met(subject: Subject, asking: str, name: str, requirement: Requirement) -> Iterator[Finding]:
    there = subject.distributions.get(name)
    if there is not None:
        if not requirement.specifier.contains(there.version, prereleases=True):
            what = f"it requires {requirement.name}{requirement.specifier}, and the layer has {there.version}"
            yield Finding(ERROR, asking, "", what, "lock both again")
    elif name in PACKAGES:
        what = (
            f"it requires {name}, which comes from the runtime, in a version that AWS changes without notice"
        )
        yield Finding(WARNING, asking, "", what, f"add {name} to the lock")
    else:
        what = f"it requires {requirement.name}{requirement.specifier}, which is not in the layer"
        todo = f"do not exclude {name}" if name in subject.left_out else f"add {name} to the lock"
        yield Finding(WARNING if name in subject.left_out else ERROR, asking, "", what, todo)
