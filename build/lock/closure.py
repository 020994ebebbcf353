"""The closure: what packages require of each other on a target, extras followed as they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from packaging.markers import UndefinedEnvironmentName
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


class Need(NamedTuple):
    """One requirement that holds.

    Attributes:
        asking: the package that has it.
        name: of the package that it asks for, normalised.
        requirement: it.
    """

    asking: str
    name: str
    requirement: Requirement


def needs(
    requires: Mapping[str, Sequence[Requirement]],
    environment: Mapping[str, str],
    extras: Mapping[str, AbstractSet[str]] | None = None,
) -> Iterator[Need]:
    """Gives every requirement of a set of packages that holds on a target, each once.

    A marker that cannot be read there asks for nothing.

    Args:
        requires: normalised name of each package to all that its metadata lists.
        environment: the target's markers.
        extras: those that are wanted of a package from outside; others count where a package asks for them.
    """
    wanted = {name: set((extras or {}).get(name, ())) for name in requires}
    told: set[tuple[str, str]] = set()
    waiting = sorted(wanted)
    while waiting:
        asking = waiting.pop()
        for requirement in requires[asking]:
            if not _holds(requirement, environment, wanted[asking]):
                continue
            name = str(canonicalize_name(requirement.name))
            if (asking, str(requirement)) not in told:
                told.add((asking, str(requirement)))
                yield Need(asking, name, requirement)
            if name in wanted and not requirement.extras <= wanted[name]:
                wanted[name] |= requirement.extras
                waiting.append(name)


def _holds(requirement: Requirement, environment: Mapping[str, str], extras: AbstractSet[str]) -> bool:
    if requirement.marker is None:
        return True
    try:
        return any(
            requirement.marker.evaluate({**environment, "extra": extra}) for extra in ("", *sorted(extras))
        )
    except (ValueError, UndefinedEnvironmentName, RecursionError):
        return False
