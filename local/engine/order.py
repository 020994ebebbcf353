"""The order of deletion: nothing goes before what needs it has gone."""

from __future__ import annotations

from collections.abc import Sequence

from .state import Resource


def deletion_waves(resources: Sequence[Resource]) -> list[list[Resource]]:
    """Groups resources so that each group can be deleted at once, when those before it are gone.

    Args:
        resources: in the order of dependency: each stands behind what it needs.

    Returns:
        The groups; every resource is in a later one than all that need it.
    """
    waves: list[list[Resource]] = []
    depth: dict[int, int] = {}
    for index in range(len(resources) - 1, -1, -1):
        resource = resources[index]
        # A replaced original shares its URN with its replacement, and whoever needs one waits for both.
        needed_by = [
            depth[later]
            for later in range(index + 1, len(resources))
            if resource.urn in resources[later].needs()
        ]
        wave = max(needed_by, default=-1) + 1
        depth[index] = wave
        while len(waves) <= wave:
            waves.append([])
        waves[wave].append(resource)
    return waves


def dependents(urn: str, resources: Sequence[Resource]) -> list[Resource]:
    """All that needs a resource, directly or through others, in the order of dependency."""
    reached = {urn}
    found = []
    for resource in resources:
        if resource.urn not in reached and resource.needs() & reached:
            reached.add(resource.urn)
            found.append(resource)
    return found
