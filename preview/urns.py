"""URNs: what Pulumi calls a resource, taken apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

_PREFIX = "urn:pulumi:"
STACK_TYPE = "pulumi:pulumi:Stack"


@dataclass(frozen=True, slots=True)
class Urn:
    """`urn:pulumi:STACK::PROJECT::QUALIFIED$TYPE::NAME` (Pulumi's documentation, "Resource names").

    Attributes:
        text: the whole.
        stack: the stack's name.
        project: the project's name.
        qualified: the types of parents and resource, joined by `$`.
        name: the resource's name in the program.
    """

    text: str
    stack: str = ""
    project: str = ""
    qualified: str = ""
    name: str = ""

    @classmethod
    def parsed(cls, text: str) -> Urn:
        """Takes one apart; what is none becomes a name without a type."""
        parts = text.removeprefix(_PREFIX).split("::", 3)
        if not text.startswith(_PREFIX) or len(parts) != 4:
            return cls(text, name=text)
        return cls(text, *parts)

    @property
    def type(self) -> str:
        """The resource's own type."""
        return self.qualified.rpartition("$")[2]

    @property
    def is_stack(self) -> bool:
        """Whether it is the stack itself."""
        return self.type == STACK_TYPE

    def __str__(self) -> str:
        return self.text


class StackName(NamedTuple):
    """A stack by project and name; either is empty where it is not known."""

    project: str
    stack: str

    def __str__(self) -> str:
        return "/".join(part for part in self if part) or "an unknown stack"


def short_type(token: str) -> str:
    """A type without its module: `aws:lambda/function:Function` is `Function`."""
    return token.rpartition(":")[2] or token


def plain_type(token: str) -> str:
    """A type as programs and terminals have it: `aws:lambda/function:Function` is `aws:lambda:Function`."""
    package, _, rest = token.partition(":")
    module, _, name = rest.rpartition(":")
    if not module:
        return token
    module, _, repeated = module.partition("/")
    same = not repeated or repeated.casefold() == name.casefold()
    return f"{package}:{module}:{name}" if same else token
