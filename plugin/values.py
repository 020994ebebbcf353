"""The inputs of a component as they come over the wire: checked by the schema, and put in Python's terms.

Pulumi's SDK looks for required inputs alone: an input that nobody knows would be passed over in silence, and
a text where a number belongs would fail somewhere within a component. Programs in typed languages are checked
when they are compiled; all others are here.
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


def in_python(
    given: Mapping[str, Any], properties: Properties, names: Mapping[str, str], types: Types
) -> Any:
    """A component's inputs as its constructor takes them.

    The SDK's own way (`ComponentProvider.map_inputs`) fails for a whole number that is an output.

    Args:
        given: by the names that the schema has for them; without faults.
        properties: of the component.
        names: those that Python has for the properties.
        types: the package's own types, by name.
    """
    return {
        names[name]: _value_in_python(given[name], each, types)
        for name, each in properties.items()
        if given.get(name) is not None
    }


def _value_in_python(value: Any, wanted: PropertyDefinition, types: Types) -> Any:
    if isinstance(value, float) and value.is_integer():
        # The protocol's only kind of number.
        return int(value)
    if isinstance(value, dict) and wanted.ref:
        found = _type(wanted, types)
        return in_python(value, found.properties, found.properties_mapping, types)
    if isinstance(value, dict) and wanted.additional_properties:
        members = wanted.additional_properties
        return {key: _value_in_python(each, members, types) for key, each in value.items()}
    if isinstance(value, list) and wanted.items:
        return [_value_in_python(each, wanted.items, types) for each in value]
    return value


def _type(wanted: PropertyDefinition, types: Types) -> TypeDefinition:
    return types[(wanted.ref or "").rpartition(":")[2]]


def _of_value(value: Any, wanted: PropertyDefinition, types: Types, path: str) -> Iterator[str]:
    if isinstance(value, pulumi.Output | Unknown):
        if wanted.plain:
            yield f"the input {path} must be a plain value: it decides what is made, so no output will do"
    elif wanted.ref:
        if isinstance(value, dict):
            yield from faults(value, _type(wanted, types).properties, types, f"{path}.")
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
