"""What every resource type has to say for itself; the order of its calls is the business of `lifecycle`."""

# ruff: noqa: ARG002, B027  # what a type may leave out does nothing with its arguments

from __future__ import annotations

import abc
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, ClassVar

from typing_extensions import override

from .aws import Aws
from .check import Failure
from .errors import ProviderError
from .schema import Schema
from .values import State


class Resource(abc.ABC):
    """One resource type. States hold no secrets and nothing unknown; `new` is the planned state."""

    type_name: ClassVar[str]
    schema: ClassVar[Schema]

    @abc.abstractmethod
    def create(self, aws: Aws, new: State) -> str:
        """Makes the object and gives its id. A failure here leaves nothing that a state has to know."""

    def settle(self, aws: Aws, identity: str, new: State) -> None:
        """What follows once the object has its id: waits and calls. A failure here keeps it in the state."""

    @abc.abstractmethod
    def read(self, aws: Aws, identity: str, state: State) -> State | None:
        """What AWS says of the object, None when it is gone.

        A property left out keeps its value, one that is None is dropped.
        """

    def update(self, aws: Aws, identity: str, old: State, new: State, changed: AbstractSet[str]) -> None:
        """Brings the object to the new state; `changed` names the properties that differ, tags aside."""

    def retag(
        self, aws: Aws, identity: str, state: State, new: Mapping[str, str], removed: list[str]
    ) -> None:
        """Sets the tags in `new` and takes away those in `removed`."""

    @abc.abstractmethod
    def delete(self, aws: Aws, identity: str, state: State) -> None:
        """Takes the object away; that it is gone already is fine."""

    def validate(self, inputs: Mapping[str, Any]) -> Iterator[Failure]:
        """What is wrong with checked inputs beyond names and kinds. Inputs may be unknown."""
        yield from ()

    def imported(self, aws: Aws, identity: str) -> tuple[str, State]:
        """The id and the first bit of state for an object that is to be imported under `identity`."""
        return identity, {}

    def adjusted(self, old: State, planned: State) -> State:
        """The planned state of an update without what upstream takes for no change."""
        return planned

    def unknown_after(self, old: State, new: State, changed: AbstractSet[str]) -> frozenset[str]:
        """The outputs that an update with these changes makes unknown."""
        return frozenset()

    def replaced_by(self, old: State, new: State, changed: AbstractSet[str]) -> frozenset[str]:
        """The properties, beyond those that the schema says, whose change makes a replacement here."""
        return frozenset()

    def retried_after_failure(self, error: ProviderError) -> frozenset[str]:
        """The properties that keep their old values after an update failed so: the next run tries again."""
        return frozenset()


class Immutable(Resource):
    """A type whose every input makes another object when it changes."""

    @override
    def update(self, aws: Aws, identity: str, old: State, new: State, changed: AbstractSet[str]) -> None:
        raise ProviderError(f"updating {self.type_name} ({identity}): nothing of it can change in place")


def split_import(identity: str, separator: str, *names: str) -> list[str]:
    """The parts of an import id.

    Raises:
        ValueError: when it has another number of parts, or an empty one.
    """
    parts = identity.split(separator, len(names) - 1)
    if len(parts) != len(names) or not all(parts):
        raise ValueError(f"unexpected format of ID ({identity}), expected {separator.join(names)}")
    return parts
