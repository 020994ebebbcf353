"""Names for resources that were given none: stable within one operation, as the engine's random seed is."""

from __future__ import annotations

import enum
import hashlib
import secrets
from dataclasses import dataclass

from .errors import ProviderError

HEX_DIGITS = 7


class Mode(enum.IntEnum):
    """What the stack's `pulumi:autonaming` configuration asks for (`CheckRequest.AutonamingOptions.Mode`)."""

    PROPOSE = 0
    ENFORCE = 1
    DISABLE = 2


@dataclass(frozen=True, slots=True)
class Proposal:
    """The engine's own idea of a name."""

    name: str
    mode: Mode


def unique_name(base: str, seed: bytes, longest: int) -> str:
    """`base` and seven hex digits drawn from the seed (from chance if it is empty).

    Raises:
        ProviderError: when the result would be longer than `longest` characters.
    """
    if len(base) + HEX_DIGITS > longest:
        raise ProviderError(
            f"name '{base}' plus {HEX_DIGITS} random chars is longer than maximum length {longest}"
        )
    digits = hashlib.sha512(seed + base.encode()).hexdigest() if seed else secrets.token_hex(HEX_DIGITS)
    return base + digits[:HEX_DIGITS]


def auto_name(
    name: str, seed: bytes, longest: int, *, lower: bool = False, proposal: Proposal | None = None
) -> str:
    """The physical name of the resource `name`, as the bridge's `ComputeAutoNameDefault` makes it.

    Raises:
        ProviderError: when it is too long, or when the stack's configuration forbids such names.
    """
    if proposal is None:
        return unique_name((name.lower() if lower else name) + "-", seed, longest)
    if proposal.mode is Mode.DISABLE:
        raise ProviderError("automatic naming is disabled but no explicit name was provided")
    if proposal.mode is Mode.ENFORCE:
        return proposal.name
    proposed = proposal.name.lower() if lower else proposal.name
    if len(proposed) > longest:
        raise ProviderError(f"calculated name '{proposed}' exceeds maximum length of {longest}")
    return proposed
