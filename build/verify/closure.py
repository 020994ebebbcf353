"""The closure: whether everything that a package requires is in the layer, or in the runtime."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.requirements import Requirement

from ..lock.closure import Need, needs
from ..lock.markers import marker_environment
from ..wheel.names import shown
from .findings import ERROR, WARNING, Finding
from .runtimes import PACKAGES
from .subject import Subject


def check_closure(subject: Subject) -> Iterator[Finding]:
    """Finds requirements that nothing meets.

    Requirements behind an extra count where another package asks for that extra; which ones the lock's author
    asked for, the layer does not say.
    """
    environment = marker_environment(subject.target)
    unreadable: list[Finding] = []
    wishes = {name: list(_requirements(subject, name, unreadable)) for name in subject.distributions}
    yield from unreadable
    for need in needs(wishes, environment):
        yield from _met(subject, need)


def _requirements(subject: Subject, name: str, faults: list[Finding]) -> Iterator[Requirement]:
    for line in subject.distributions[name].requires:
        try:
            yield Requirement(line)
        except (ValueError, RecursionError):
            what = f"its requirement {shown(line)!r} cannot be read"
            faults.append(Finding(WARNING, name, "", what, "see that it is met"))


def _met(subject: Subject, need: Need) -> Iterator[Finding]:
    asking, name, requirement = need
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
