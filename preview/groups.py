"""Resource changes by component: each with what lies below it, as deep as that goes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .changes import Act, ResourceChange
from .facts import Step
from .urns import Urn, short_type

_ORDER = {act: index for index, act in enumerate(Act)}


@dataclass(frozen=True, slots=True)
class Group:
    """A component, or a resource that stands by itself, and what changes in it.

    Attributes:
        urn: of the outermost component, or of the resource itself.
        changes: in the order of their URNs.
    """

    urn: Urn
    changes: tuple[ResourceChange, ...]

    @property
    def is_routine(self) -> bool:
        """Whether nothing in it is replaced or deleted but by design."""
        return all(change.by_design for change in self.changes)

    @property
    def own(self) -> ResourceChange | None:
        """What happens to the component or resource itself; None where only what is below it changes."""
        return next((change for change in self.changes if change.urn == self.urn), None)

    def fates(self) -> dict[str, dict[str, int]]:
        """What happens to which types how often, the gravest first; its own step is not counted."""
        found: dict[str, dict[str, int]] = {}
        for change in sorted(self.changes, key=_gravity):
            if change.is_custom and change.urn != self.urn:
                types = found.setdefault(change.fate, {})
                name = short_type(change.urn.type)
                types[name] = types.get(name, 0) + 1
        return found


def _gravity(change: ResourceChange) -> tuple[bool, bool, int]:
    """What is replaced or deleted and should not be comes first, what is superseded last."""
    return change.by_design, change.by_design and change.act is Act.DELETE, _ORDER[change.act]


def grouped(steps: Iterable[Step], changes: Iterable[ResourceChange]) -> tuple[Group, ...]:
    """The changes by their outermost component, in the order of their URNs.

    Args:
        steps: all of the preview: who is whose parent is known of those, too, that do not change.
        changes: what happens; what happens to the stack itself is the sum of it.
    """
    parents = {step.urn.text: step.state.parent for step in steps}
    found: dict[str, list[ResourceChange]] = {}
    for change in changes:
        if change.urn.is_stack:
            continue
        found.setdefault(_outermost(change, parents), []).append(change)
    groups = [Group(Urn.parsed(urn), tuple(members)) for urn, members in found.items()]
    return tuple(sorted(groups, key=lambda each: each.is_routine))


def _outermost(change: ResourceChange, parents: Mapping[str, str]) -> str:
    """The URN of the outermost ancestor below the stack, or of the resource itself where it has none."""
    urn = change.urn.text
    passed = {urn}
    while True:
        parent = parents.get(urn, "")
        # A state that somebody edited can be its own grandparent.
        if not parent or parent in passed or Urn.parsed(parent).is_stack:
            break
        passed.add(parent)
        urn = parent
    return urn
