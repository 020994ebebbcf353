"""What a preview says, as plain facts: resources, what is meant to become of them, and what was told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .urns import Urn


@dataclass(frozen=True, slots=True)
class State:
    """A resource as it was or will be (apitype.ResourceV3 in pulumi/pulumi).

    What `additionalSecretOutputs` names has the engine's mask for a value, in inputs and outputs.

    Attributes:
        type: its type's token, such as `aws:lambda/alias:Alias`.
        inputs: what the program asks for.
        outputs: what the provider answered.
        id: what the provider calls it; empty where it is yet to be made.
        parent: its parent's URN; empty where it has none.
        custom: whether a provider manages it; components are managed by none.
        protect: whether Pulumi refuses to delete it.
        pending: whether an earlier run replaced it and has yet to delete it.
        retain: whether it stays where it is when the stack lets go of it.
        made_of: by property, the URNs of the resources that its value is made of.
    """

    type: str
    inputs: Mapping[str, Any] = field(default_factory=dict)
    outputs: Mapping[str, Any] = field(default_factory=dict)
    id: str = ""
    parent: str = ""
    custom: bool = True
    protect: bool = False
    pending: bool = False
    retain: bool = False
    made_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """As a preview has it: what tells of drift reads that."""
        return {"type": self.type, "custom": self.custom, "inputs": self.inputs, "outputs": self.outputs}


@dataclass(frozen=True, slots=True)
class Step:
    """What the engine means to do about one resource.

    Attributes:
        op: the kind of step, as the engine names it.
        urn: of the resource.
        old: as it is; None where it is not there yet.
        new: as it will be; None where it goes.
        differing: the properties that differ, as the provider says.
        replacing: those that cannot be changed in place.
        detailed: the path of each difference to its kind (`add`, `update-replace`, …).
    """

    op: str
    urn: Urn
    old: State | None
    new: State | None
    differing: tuple[str, ...] = ()
    replacing: tuple[str, ...] = ()
    detailed: Mapping[str, str] = field(default_factory=dict)

    @property
    def type(self) -> str:
        """The resource's type."""
        return self.urn.type

    @property
    def state(self) -> State:
        """The newest of its states."""
        return self.new or self.old or State(self.urn.type)

    def as_json(self) -> dict[str, Any]:
        """As a preview has it: what tells of drift reads that."""
        shown: dict[str, Any] = {"op": self.op, "urn": str(self.urn), "diffReasons": list(self.differing)}
        if self.old is not None:
            shown["oldState"] = self.old.as_json()
        return shown


@dataclass(frozen=True, slots=True)
class Preview:
    """A preview.

    Attributes:
        steps: in the engine's order.
        config: the stack's settings, secrets among them hidden by the engine.
        errors: what went wrong, as it was told.
        warnings: what the engine or the program warned of, with the URN that it is about.
        unchanged: how many resources stay as they are.
        made: whether there was one; without, layers are all that is known.
    """

    steps: tuple[Step, ...] = ()
    config: Mapping[str, str] = field(default_factory=dict)
    errors: tuple[str, ...] = ()
    warnings: tuple[tuple[str, str], ...] = ()
    unchanged: int = 0
    made: bool = True
