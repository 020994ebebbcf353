"""Property values as the protocol has them: JSON with signed objects for secrets and assets, and unknowns."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from google.protobuf import struct_pb2

from .errors import UnsupportedError

Properties = dict[str, Any]

# sdk/go/common/resource/plugin/rpc.go and resource/sig in pulumi/pulumi.
SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105  (a mark, not a secret)
ASSET = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

MASK = "[secret]"


def from_struct(struct: struct_pb2.Struct) -> Properties:
    """Reads properties; whole numbers become int, as they were before they went through JSON's one kind."""
    return {key: _from_value(value) for key, value in struct.fields.items()}


def _from_value(value: struct_pb2.Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return from_struct(value.struct_value)
    if kind == "list_value":
        return [_from_value(each) for each in value.list_value.values]
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    return None if kind in {None, "null_value"} else getattr(value, kind)


def to_struct(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    """Writes properties."""
    struct = struct_pb2.Struct()
    struct.update(properties)
    return struct


def is_secret(value: Any) -> bool:
    """Whether a value is a secret's wrapping."""
    return isinstance(value, dict) and value.get(SIGNATURE) == SECRET


def secret(value: Any) -> Properties:
    """Wraps a value as a secret."""
    return value if is_secret(value) else {SIGNATURE: SECRET, "value": value}


def mapped(value: Any, change: Callable[[Any], Any]) -> Any:
    """The value with every part of it changed, from the outside in."""
    changed = change(value)
    if isinstance(changed, dict):
        return {key: mapped(each, change) for key, each in changed.items()}
    if isinstance(changed, list):
        return [mapped(each, change) for each in changed]
    return changed


def unwrapped(value: Any) -> Any:
    """The value with its secrets in clear: for providers that take no wrapped ones, never for people."""
    return mapped(value, lambda each: unwrapped(each["value"]) if is_secret(each) else each)


def masked(value: Any) -> Any:
    """The value as people may see it."""
    return mapped(value, lambda each: MASK if is_secret(each) else each)


def has_unknown(value: Any) -> bool:
    """Whether any part of a value will be known only when it was made."""
    if isinstance(value, dict):
        return any(has_unknown(each) for each in value.values())
    if isinstance(value, list):
        return any(has_unknown(each) for each in value)
    return isinstance(value, str) and value == UNKNOWN


def has_secret(value: Any) -> bool:
    """Whether any part of a value is a secret."""
    if is_secret(value):
        return True
    if isinstance(value, dict):
        return any(has_secret(each) for each in value.values())
    return isinstance(value, list) and any(has_secret(each) for each in value)


def secret_like(value: Any, model: Any) -> Any:
    """The value, secret wherever the model is: a provider given inputs in clear gives them back so.

    A list is secret as a whole where one of its elements is, since a provider may give them back in another
    order (`annotateSecrets` in pulumi's provider_plugin.go).
    """
    if _is_object(value) and _is_object(model):
        return {key: secret_like(each, model.get(key)) for key, each in value.items()}
    if not is_secret(value) and has_secret(model):
        return secret(unwrapped(value))
    return value


def _is_object(value: Any) -> bool:
    return isinstance(value, dict) and SIGNATURE not in value


def with_hashes(value: Any, folder: Path) -> Any:
    """The value with the hash of each asset's content, by which assets are compared.

    Args:
        value: as the program sent it.
        folder: what relative paths count from.

    Raises:
        UnsupportedError: it holds an archive, or an asset that lies elsewhere than in a file or a text.
        OSError: an asset's file cannot be read.
    """

    def hashed(each: Any) -> Any:
        if not isinstance(each, dict) or SIGNATURE not in each:
            return each
        if each[SIGNATURE] == ARCHIVE:
            raise UnsupportedError("archives")
        if each[SIGNATURE] != ASSET or each.get("hash"):
            return each
        if each.get("path"):
            with (folder / each["path"]).open("rb") as content:
                return {**each, "hash": hashlib.file_digest(content, "sha256").hexdigest()}
        if "text" in each:
            return {**each, "hash": hashlib.sha256(each["text"].encode()).hexdigest()}
        raise UnsupportedError("assets from a URI")

    return mapped(value, hashed)


def with_known_assets(value: Any, known: Any) -> Any:
    """The value with assets as they were, where their content is the same.

    Providers are told an asset's hash alone and give it back so, and a program cannot be given such an asset.
    """
    if isinstance(value, dict) and isinstance(known, dict):
        if value.get(SIGNATURE) == known.get(SIGNATURE) == ASSET:
            return known if value.get("hash") == known.get("hash") else value
        return {key: with_known_assets(each, known.get(key)) for key, each in value.items()}
    if isinstance(value, list) and isinstance(known, list) and len(value) == len(known):
        return [with_known_assets(each, other) for each, other in zip(value, known, strict=True)]
    return value


def without_paths(value: Any) -> Any:
    """The value with assets known by their hash alone: where a file lies makes no difference."""

    def bare(each: Any) -> Any:
        if isinstance(each, dict) and each.get(SIGNATURE) == ASSET and each.get("hash"):
            return {SIGNATURE: ASSET, "hash": each["hash"]}
        return each

    return mapped(value, bare)
