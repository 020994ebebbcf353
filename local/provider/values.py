"""Property values as Python values, and their form on the wire.

A property map is a dict of None, bool, int, float, str, list and dict; the four things that JSON cannot say
are `UNKNOWN`, `Secret`, `Asset` and its archive form. Signatures are those of Pulumi's
`sdk/go/common/resource/properties.go`.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from google.protobuf import json_format, struct_pb2

State: TypeAlias = dict[str, Any]
"""Inputs or outputs of one resource, by their Pulumi names."""

SIGNATURE = "4dabf18193072939515e22adb298388d"
ASSET_SIGNATURE = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE_SIGNATURE = "0def7320c3a5731c473e5ecbe6d01bc7"
SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105  # a mark, itself no secret
RESOURCE_SIGNATURE = "5cf8f73096256a8f31e491e813e4eb8e"
OUTPUT_SIGNATURE = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

DEFAULTS = "__defaults"
META = "__meta"


class Unknown(enum.Enum):
    """A value that only the update itself will tell."""

    UNKNOWN = UNKNOWN_TEXT

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown.UNKNOWN


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that is never shown."""

    value: Any

    def __repr__(self) -> str:
        return "Secret([hidden])"


@dataclass(frozen=True, slots=True, eq=False)
class Asset:
    """A file or an archive as the engine names it: its fields on the wire without the signature.

    Two are equal when their hashes are: that is all the upstream provider sees of a change.
    """

    archive: bool
    fields: Mapping[str, Any] = field(repr=False)

    @property
    def hash(self) -> str:
        """The hash that the engine computed, empty when it did not."""
        return str(self.fields.get("hash", ""))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Asset) or self.archive != other.archive:
            return NotImplemented if not isinstance(other, Asset) else False
        return self.hash == other.hash if self.hash and other.hash else self.fields == other.fields

    def __hash__(self) -> int:
        return hash((self.archive, self.hash))


def is_reserved(name: str) -> bool:
    """Whether a member of a property map is the protocol's own, such as `__defaults`."""
    return name.startswith("__")


def unmarshal(struct: struct_pb2.Struct) -> State:
    """A property map from the wire, with null members left out."""
    return {
        name: value
        for name, value in _from_wire(json_format.MessageToDict(struct)).items()
        if value is not None
    }


def _from_wire(value: Any) -> Any:
    if value == UNKNOWN_TEXT:
        return UNKNOWN
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_from_wire(item) for item in value]
    if isinstance(value, dict):
        if SIGNATURE in value:
            return _signed(value)
        return {name: _from_wire(item) for name, item in value.items()}
    return value


def _signed(value: dict[str, Any]) -> Any:
    signature = value[SIGNATURE]
    if signature == SECRET_SIGNATURE:
        return Secret(_from_wire(value.get("value")))
    if signature in (ASSET_SIGNATURE, ARCHIVE_SIGNATURE):
        fields = {name: _from_wire(item) for name, item in value.items() if name != SIGNATURE}
        return Asset(archive=signature == ARCHIVE_SIGNATURE, fields=fields)
    if signature == OUTPUT_SIGNATURE:
        element = _from_wire(value["value"]) if "value" in value else UNKNOWN
        return Secret(element) if value.get("secret") else element
    if signature == RESOURCE_SIGNATURE:
        return value.get("id") or UNKNOWN
    raise ValueError(f"a value with the unknown signature {signature}")


def marshal(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    """A property map in its form on the wire; None members are left out."""
    struct = struct_pb2.Struct()
    struct.update({name: _to_wire(value) for name, value in properties.items() if value is not None})
    return struct


def _to_wire(value: Any) -> Any:
    if value is UNKNOWN:
        return UNKNOWN_TEXT
    if isinstance(value, Secret):
        return {SIGNATURE: SECRET_SIGNATURE, "value": _to_wire(value.value)}
    if isinstance(value, Asset):
        signature = ARCHIVE_SIGNATURE if value.archive else ASSET_SIGNATURE
        return {SIGNATURE: signature, **{name: _to_wire(item) for name, item in value.fields.items()}}
    if isinstance(value, Mapping):
        return {name: _to_wire(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_to_wire(item) for item in value]
    return value


def has_unknown(value: Any) -> bool:
    """Whether the value is or holds something unknown."""
    if isinstance(value, Secret):
        return has_unknown(value.value)
    if isinstance(value, Mapping):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(has_unknown(item) for item in value)
    return value is UNKNOWN


def has_secret(value: Any) -> bool:
    """Whether the value is or holds a secret."""
    if isinstance(value, Mapping):
        return any(has_secret(item) for item in value.values())
    if isinstance(value, list):
        return any(has_secret(item) for item in value)
    return isinstance(value, Secret)


def reveal(value: Any) -> Any:
    """The value with every secret in it unwrapped, for AWS and for comparisons."""
    if isinstance(value, Secret):
        return reveal(value.value)
    if isinstance(value, Mapping):
        return {name: reveal(item) for name, item in value.items()}
    if isinstance(value, list):
        return [reveal(item) for item in value]
    return value


def keep_secrets(properties: Any, sources: Any) -> Any:
    """`properties` with a secret mark wherever `sources` has one at the same place.

    Pulumi's engine does this for providers that take no secrets (`annotateSecrets` in
    `pkg/resource/plugin`): members are matched by name; a list that holds a secret makes the whole list
    one; so does anything whose shape has changed.
    """
    if isinstance(properties, Secret) or not has_secret(sources):
        return properties
    if isinstance(sources, Mapping) and isinstance(properties, Mapping):
        return {name: keep_secrets(item, sources.get(name)) for name, item in properties.items()}
    return Secret(properties)
