"""The terms on which a lock is read: what the command line says about it beside its name."""

from __future__ import annotations

from typing import NamedTuple


class Terms(NamedTuple):
    """What is wanted of a lock.

    Attributes:
        require_hashes: every file must be known by a hash in the lock.
        extras: of a project's lock, those that are wanted, as given.
        groups: dependency groups that are wanted beside the default ones, as given.
    """

    require_hashes: bool = False
    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
