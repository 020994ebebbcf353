"""What a state becomes: resources of the program, what is left to Terraform, and what is made anew."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Adopted:
    """A resource that the program takes over.

    Attributes:
        resource: its path in the program.
        id: by which Pulumi imports it.
        origin: its address in Terraform, or "" where nobody said.
        name: its name in AWS, where the program would give it another one.
        notes: what the first `pulumi up` changes of it and people should know.
    """

    resource: str
    id: str
    origin: str = ""
    name: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Left:
    """A resource that stays as it is, with Terraform: its address, its id, and why."""

    origin: str
    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Created:
    """A resource that the program makes anew: its path, and why."""

    resource: str
    reason: str


@dataclass(frozen=True, slots=True)
class Mapping:
    """All of a state, and all of the program.

    Attributes:
        stack: that it is for, or "".
        doubts: what could not be decided, one sentence each.
    """

    adopted: tuple[Adopted, ...]
    left: tuple[Left, ...] = ()
    created: tuple[Created, ...] = ()
    doubts: tuple[str, ...] = ()
    stack: str = ""

    def as_json(self) -> dict[str, Any]:
        """The mapping in the names of its file."""
        return {
            "stack": self.stack,
            "adopted": [_adopted(each) for each in self.adopted],
            "left": [{"from": each.origin, "id": each.id, "reason": each.reason} for each in self.left],
            "created": [{"resource": each.resource, "reason": each.reason} for each in self.created],
            "doubts": list(self.doubts),
        }


def _adopted(each: Adopted) -> MappingOf[str, Any]:
    entry: dict[str, Any] = {"resource": each.resource, "from": each.origin, "id": each.id}
    entry |= {"name": each.name} if each.name else {}
    return entry | ({"notes": list(each.notes)} if each.notes else {})
