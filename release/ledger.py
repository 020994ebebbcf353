"""The ledger: which versions passed their smoke tests, alone and as the set of a release.

Two kinds of objects under `releases/` in the artifacts bucket: `<function>/<version>.json` for a version, and
`<function>=<version>,...json`, sorted, for a release all of whose smoke tests passed. Versions only grow, so
releases are ordered by their versions, and no clock is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

PREFIX = "releases/"
_VERSION = re.compile(r"releases/([^/=,]+)/([1-9][0-9]*)\.json", re.ASCII)
_SET = re.compile(r"releases/([^/=,]+=[1-9][0-9]*(?:,[^/=,]+=[1-9][0-9]*)*)\.json", re.ASCII)

Versions = Mapping[str, int]
"""The version of each function, by its short name."""


@dataclass(frozen=True, slots=True)
class ReleasedSet:
    """A release all of whose smoke tests passed.

    Attributes:
        versions: of its functions.
        at: when it was written down.
    """

    versions: Versions
    at: datetime | None = None

    @property
    def name(self) -> str:
        """Such as `api=5,cleanup=5,worker=5`."""
        return set_name(self.versions)

    @property
    def key(self) -> str:
        """Its object's key."""
        return f"{PREFIX}{self.name}.json"


@dataclass(frozen=True, slots=True)
class Ledger:
    """All that the bucket has.

    Attributes:
        sets: the releases, the newest first.
        versions: the single versions that passed, by function.
    """

    sets: tuple[ReleasedSet, ...]
    versions: Mapping[str, frozenset[int]]


def set_name(versions: Versions) -> str:
    """The name of a set of versions: sorted, so that the same set has the same name."""
    return ",".join(f"{name}={version}" for name, version in sorted(versions.items()))


def parse_set(text: str) -> dict[str, int] | None:
    """Reads a set's name; None where it is none."""
    found = _SET.fullmatch(f"{PREFIX}{text}.json")
    return None if found is None else _versions(found[1])


def read_ledger(objects: Iterable[tuple[str, datetime | None]]) -> Ledger:
    """Sorts the objects of the bucket.

    Args:
        objects: keys under `releases/`, and when they were written; others are left out.
    """
    sets: list[ReleasedSet] = []
    versions: dict[str, set[int]] = {}
    for key, at in objects:
        if found := _VERSION.fullmatch(key):
            versions.setdefault(found[1], set()).add(int(found[2]))
        elif found := _SET.fullmatch(key):
            sets.append(ReleasedSet(_versions(found[1]), at))
    return Ledger(
        tuple(sorted(sets, key=lambda each: _place(each.versions), reverse=True)),
        {name: frozenset(numbers) for name, numbers in versions.items()},
    )


def before(live: Versions, ledger: Ledger) -> list[dict[str, int]]:
    """What could have been live before.

    Args:
        live: what is live now. A release that moved only some aliases is in it as far as it came.
        ledger: of that stack.

    Returns:
        The versions to go back to, the newest set first. Each is at most what is live in every function, and
        less in one; functions that are no longer there are left out of it.
    """
    found: list[dict[str, int]] = []
    for each in sorted(ledger.sets, key=lambda each: _place(_within(each.versions, live)), reverse=True):
        target = _within(each.versions, live)
        older = all(version <= live[name] for name, version in target.items())
        if older and any(version < live[name] for name, version in target.items()) and target not in found:
            found.append(target)
    return found


def _within(versions: Versions, names: Iterable[str]) -> dict[str, int]:
    return {name: versions[name] for name in names if name in versions}


def _place(versions: Versions) -> tuple[int, int]:
    """Where a set stands among the others: no version ever shrinks, so their sum grows from set to set."""
    return sum(versions.values()), len(versions)


def _versions(text: str) -> dict[str, int]:
    pairs = (each.split("=") for each in text.split(","))
    return {name: int(version) for name, version in pairs}
