"""URNs: a resource's name within all stacks, from its type, its name and its parent's type."""

from __future__ import annotations

from typing import NamedTuple

STACK_TYPE = "pulumi:pulumi:Stack"
PROVIDER_PREFIX = "pulumi:providers:"


class Urn(NamedTuple):
    """The parts of `urn:pulumi:<stack>::<project>::<qualified type>::<name>` (Pulumi documentation, "URNs").

    Attributes:
        stack: the stack's name.
        project: the project's.
        qualified_type: the types of all parents below the stack and the own one, with `$` between them.
        name: the resource's; it may hold `::`.
    """

    stack: str
    project: str
    qualified_type: str
    name: str

    @property
    def type(self) -> str:
        """The resource's own type."""
        return self.qualified_type.rpartition("$")[2]

    def __str__(self) -> str:
        return f"urn:pulumi:{self.stack}::{self.project}::{self.qualified_type}::{self.name}"


def parse(urn: str) -> Urn:
    """Takes a URN apart.

    Raises:
        ValueError: it is none.
    """
    parts = urn.split("::", 3)
    if len(parts) != 4 or not parts[0].startswith("urn:pulumi:"):
        raise ValueError(f"not a URN: {urn!r}")
    return Urn(parts[0].removeprefix("urn:pulumi:"), *parts[1:])


def child(stack: str, project: str, type_: str, name: str, parent: str) -> str:
    """The URN of a resource.

    Args:
        stack: the stack's name.
        project: the project's.
        type_: the resource's own type.
        name: its name.
        parent: the parent's URN, or "".
    """
    qualified = type_
    if parent:
        above = parse(parent)
        if above.type != STACK_TYPE:
            qualified = f"{above.qualified_type}${type_}"
    return str(Urn(stack, project, qualified, name))


def is_default_provider(urn: str) -> bool:
    """Whether it is a provider that the engine made (IsDefaultProvider in sdk/go/common/providers)."""
    parts = parse(urn)
    return parts.type.startswith(PROVIDER_PREFIX) and parts.name.startswith("default")


def short_type(type_: str) -> str:
    """A type as people read it: `aws:s3/bucket:Bucket` is shown as `aws:s3:Bucket`."""
    package, _, rest = type_.partition(":")
    module, _, member = rest.rpartition(":")
    return f"{package}:{module.partition('/')[0]}:{member}" if module else type_
