"""Aliases: the URNs that a resource may have had before, from its own aliases and from its parent's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .urn import child, parse


@dataclass(frozen=True, slots=True)
class Alias:
    """One alias of a registration: a whole URN, or the parts in which the old one differs (alias.proto)."""

    urn: str = ""
    name: str = ""
    type: str = ""
    stack: str = ""
    project: str = ""
    parent: str = ""
    no_parent: bool = False

    @classmethod
    def read(cls, message: Any) -> Alias:
        """Reads one from its message."""
        if message.urn:
            return cls(urn=message.urn)
        spec = message.spec
        return cls("", spec.name, spec.type, spec.stack, spec.project, spec.parentUrn, spec.noParent)


def old_urns(urn: str, parent: str, aliases: Sequence[Alias], renamed: Mapping[str, str]) -> list[str]:
    """The URNs to look for in the state, the likeliest first.

    A parent that was found under an old URN hands it down: its children were under that one, too, and those
    that are named after it had its old name in theirs (`generateAliases` in pulumi's step_generator.go).

    Args:
        urn: the resource's own.
        parent: its parent's, or "".
        aliases: the resource's.
        renamed: the old URN of each resource that was found under one in this run.
    """
    own = parse(urn)
    found = [_collapsed(urn, parent, alias, renamed) for alias in aliases]
    if parent in renamed:
        before, above = renamed[parent], parse(parent).name
        for each in (own, *map(parse, found)):
            rest = each.name.removeprefix(above)
            name = parse(before).name + rest if each.name.startswith(above) else each.name
            found.append(child(own.stack, own.project, each.type, name, before))
    return [each for each in dict.fromkeys(found) if each != urn]


def _collapsed(urn: str, parent: str, alias: Alias, renamed: Mapping[str, str]) -> str:
    if alias.urn:
        return alias.urn
    own = parse(urn)
    above = renamed.get(alias.parent, alias.parent) or parent
    return child(
        alias.stack or own.stack,
        alias.project or own.project,
        alias.type or own.type,
        alias.name or own.name,
        "" if alias.no_parent else above,
    )
