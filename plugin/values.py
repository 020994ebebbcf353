"""The inputs of a component as they come over the wire: checked against the schema, whole numbers made whole.

Pulumi's SDK looks for required inputs alone: an input that nobody knows would be passed over in silence, and a
text where a number belongs would fail somewhere within a component. Programs in typed languages are checked when
they are compiled; all others are here.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

import pulumi
from pulumi.output import Unknown
from pulumi.provider.experimental.analyzer import PropertyDefinition, PropertyType, TypeDefinition

Properties = Mapping[str, PropertyDefinition]
Types = Mapping[str, TypeDefinition]

_KINDS: Mapping[PropertyType, tuple[str, tuple[type, ...]]] = {
    PropertyType.STRING: ("a text", (str,)),
    PropertyType.INTEGER: ("a whole number", (int, float)),
    PropertyType.NUMBER: ("a number", (int, float)),
    PropertyType.BOOLEAN: ("true or false", (bool,)),
    PropertyType.ARRAY: ("a list", (list,)),
    PropertyType.OBJECT: ("a mapping", (dict,)),
}


def faults(given: Mapping[str, Any], properties: Properties, types: Types, path: str = "") -> Iterator[str]:
    """What is wrong with a component's inputs.

    Args:
        given: by the names that the schema has for them; what comes as an output is not looked into.
        properties: of the component, or of the type at `path`.
        types: the package's own types, by name.
        path: where the inputs lie, with a dot at its end; empty for the component's own.

    Returns:
        A phrase for each fault: never with a value in it, which may be a secret.
    """
    for name in sorted(set(given) - set(properties)):
        near = difflib.get_close_matches(name, properties, n=1)
        yield f"there is no input {path}{name}" + (f" (is it {path}{near[0]}?)" if near else "")
    for name, each in sorted(properties.items()):
        value = given.get(name)
        if value is not None:
            yield from _of_value(value, each, types, f"{path}{name}")
        elif not each.optional:
            yield f"the input {path}{name} is missing"


def whole(value: Any) -> Any:
    """The value with whole numbers as int: the protocol's only kind of number is a float."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: whole(each) for key, each in value.items()}
    return [whole(each) for each in value] if isinstance(value, list) else value


def _of_value(value: Any, wanted: PropertyDefinition, types: Types, path: str) -> Iterator[str]:
    if isinstance(value, pulumi.Output | Unknown):
        if wanted.plain:
            yield f"the input {path} must be a plain value: it decides what is made, and outputs come too late"
    elif wanted.ref:
        if isinstance(value, dict):
            yield from faults(value, types[wanted.ref.rpartition(":")[2]].properties, types, f"{path}.")
        else:
            yield f"the input {path} must be a mapping"
    elif wanted.type and not _is_a(value, wanted.type):
        yield f"the input {path} must be {_KINDS[wanted.type][0]}"
    else:
        yield from _of_members(value, wanted, types, path)


def _of_members(value: Any, wanted: PropertyDefinition, types: Types, path: str) -> Iterator[str]:
    if isinstance(value, list) and wanted.items:
        for index, each in enumerate(value):
            yield from _of_value(each, wanted.items, types, f"{path}[{index}]")
    if isinstance(value, dict) and wanted.additional_properties:
        for key, each in sorted(value.items()):
            yield from _of_value(each, wanted.additional_properties, types, f"{path}.{key}")


def _is_a(value: Any, kind: PropertyType) -> bool:
    """Whether a value is of a kind; a boolean is a number to Python, and to nobody else."""
    if isinstance(value, bool):
        return kind is PropertyType.BOOLEAN
    if kind is PropertyType.INTEGER and isinstance(value, float) and not value.is_integer():
        return False
    return isinstance(value, _KINDS[kind][1])
