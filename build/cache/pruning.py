"""Pruning: what was not used for long, what is too much, and what nobody can use any more."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .entries import told
from .kinds import WHEELS
from .survey import Entry, entries, is_old
from .use import alone

_PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Pruned:
    """What a prune did.

    Attributes:
        removed: the entries that are gone.
        kept: those that stay.
    """

    removed: tuple[Entry, ...]
    kept: tuple[Entry, ...]


def prune(
    root: Path, *, older_than: float | None = None, max_size: int | None = None, patience: float = _PATIENCE
) -> Pruned:
    """Removes entries of a cache; builds that begin meanwhile wait.

    Whatever is asked for, also what no build can use goes: entries of old formats, facts of wheels that are
    gone, and temporary files, which nobody has open while no build runs.

    Args:
        root: the cache's folder.
        older_than: what was not used for so many seconds is removed.
        max_size: what was used longest ago is removed until so many bytes are left.
        patience: for how many seconds to wait for running builds.

    Raises:
        FailureError: builds still use the cache after that time, or its folder cannot be written.
    """
    if not root.is_dir():
        return Pruned((), ())
    with told(root), alone(root, patience=patience):
        found = list(entries(root))
        doomed = {entry for entry in found if entry.temporary or is_old(entry)}
        groups = _groups(entry for entry in found if entry not in doomed)
        doomed |= {entry for group in groups if _is_orphan(group) for entry in group}
        living = [group for group in groups if not _is_orphan(group)]
        doomed |= {entry for group in _unwanted(living, older_than, max_size) for entry in group}
        for entry in sorted(doomed):
            entry.path.unlink(missing_ok=True)
    return Pruned(
        tuple(entry for entry in found if entry in doomed),
        tuple(entry for entry in found if entry not in doomed),
    )


def _groups(found: Iterable[Entry]) -> list[list[Entry]]:
    groups: defaultdict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in found:
        groups[entry.group].append(entry)
    return sorted(groups.values(), key=_used)


def _used(group: Iterable[Entry]) -> float:
    return max(entry.used for entry in group)


def _is_orphan(group: list[Entry]) -> bool:
    return group[0].group[0] == "" and not any(entry.kind == WHEELS for entry in group)


def _unwanted(
    groups: list[list[Entry]], older_than: float | None, max_size: int | None
) -> Iterable[list[Entry]]:
    """Which groups go, of those that are sorted by their last use."""
    before = None if older_than is None else time.time() - older_than
    size = sum(entry.size for group in groups for entry in group)
    for group in groups:
        too_old = before is not None and _used(group) < before
        too_much = max_size is not None and size > max_size
        if too_old or too_much:
            size -= sum(entry.size for entry in group)
            yield group
