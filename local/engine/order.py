"""The order of deletion: nothing goes before what needs it has gone."""

from __future__ import annotations

from collections.abc import Callable, Sequence

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


def replaced_with(
    root: Resource, resources: Sequence[Resource], is_replaced: Callable[[Resource, list[str]], bool]
) -> list[Resource]:
    """What has to be deleted before a resource that is deleted before its replacement is made.

    These are what a change of the inputs that come from it, or from another of them, would replace, and what
    is deleted with it (`calculateDependentReplacements` in pulumi's step_generator.go).

    Args:
        root: what is to be replaced.
        resources: may need it; in the order of dependency.
        is_replaced: whether a resource would be replaced if the named inputs of it changed.

    Returns:
        They, in the order of dependency, without the root.
    """
    going = {root.urn}
    found = []
    for each in resources:
        if each is root or not each.custom or each.external:
            continue
        names = [
            name
            for name, urns in sorted(each.property_dependencies.items())
            if name in each.inputs and not going.isdisjoint(urns)
        ]
        if each.deleted_with in going or (names and is_replaced(each, names)):
            going.add(each.urn)
            found.append(each)
    return found


def kept_by_protection(resources: Sequence[Resource]) -> list[Resource]:
    """What must not be deleted: protected resources, and all that they need directly or not.

    Args:
        resources: in the order of dependency; a replaced original among them is protected no longer.
    """
    needed: set[str] = set()
    kept = []
    for each in reversed(resources):
        if not each.delete and (each.protect or each.urn in needed):
            needed |= each.needs()
            kept.append(each)
    return kept[::-1]
