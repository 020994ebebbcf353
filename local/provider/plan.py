"""The state that an operation is to reach: new inputs over the old state, unknown what only AWS will tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .schema import Kind, Property, Schema
from .values import UNKNOWN, State, has_unknown, is_reserved


def plan(schema: Schema, new: Mapping[str, Any], old: Mapping[str, Any] | None) -> State:
    """The planned outputs: inputs as given, else upstream's default, else AWS's old value.

    Args:
        schema: The type's table.
        new: Checked inputs without secrets; may hold unknowns.
        old: The outputs so far without secrets, None for a resource that is to be created.
    """
    planned = {
        name: _planned(each, new.get(name), (old or {}).get(name), old is None)
        for name, each in schema.properties.items()
    }
    return {name: value for name, value in planned.items() if value is not None}


def _planned(each: Property, given: Any, old: Any, creating: bool) -> Any:
    if each.output or given is None:
        return _unset(each, old, creating)
    if given is UNKNOWN:
        return UNKNOWN
    if each.fields is not None and isinstance(given, Mapping):
        return _planned_fields(each.fields, given, old, creating)
    if each.fields is not None and isinstance(given, list):
        olds = old if isinstance(old, list) else []
        return [
            _planned_fields(each.fields, item, olds[place] if place < len(olds) else None, creating)
            if isinstance(item, Mapping)
            else item
            for place, item in enumerate(given)
        ]
    if each.same and old is not None and not has_unknown(given) and each.same(old, given):
        return old
    return given


def _unset(each: Property, old: Any, creating: bool) -> Any:
    if each.default is not None and not each.output:
        return each.default
    if each.from_aws:
        return UNKNOWN if creating else old
    return None


def _planned_fields(
    fields: Mapping[str, Property], given: Mapping[str, Any], old: Any, creating: bool
) -> State:
    olds = old if isinstance(old, Mapping) else {}
    planned = {
        name: _planned(each, given.get(name), olds.get(name), creating) for name, each in fields.items()
    }
    return {name: value for name, value in planned.items() if value is not None}


def known(planned: Mapping[str, Any]) -> State:
    """The planned state without what is still unknown, as an operation sends it."""
    return {name: _known(value) for name, value in planned.items() if value is not UNKNOWN}


def _known(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _known(item) for name, item in value.items() if item is not UNKNOWN}
    if isinstance(value, list):
        return [_known(item) for item in value if item is not UNKNOWN]
    return value


def merged(state: Mapping[str, Any], read: Mapping[str, Any]) -> State:
    """The state after a read: what was read wins, None in it takes a property away."""
    both = {**state, **read}
    return {name: value for name, value in both.items() if value is not None and value is not UNKNOWN}


def refreshed_inputs(inputs: Mapping[str, Any], state: Mapping[str, Any], schema: Schema) -> State:
    """The inputs as a refresh reports them: those that were given, with their values in the state.

    The bridge's `ExtractInputsFromOutputs`: a property that the state no longer has is dropped; a default
    that has changed is no longer one; an empty list of defaults is left out.
    """
    found: State = {}
    changed: set[str] = set()
    for name, value in inputs.items():
        if is_reserved(name):
            continue
        if name not in state:
            changed.add(name)
            continue
        found[name] = _refreshed(schema.properties.get(name), value, state[name])
        if found[name] != value:
            changed.add(name)
    defaults = [name for name in inputs.get("__defaults", []) if name not in changed]
    if defaults:
        found["__defaults"] = defaults
    return found


def _refreshed(each: Property | None, given: Any, actual: Any) -> Any:
    if each is not None and each.same and each.same(given, actual):
        return given
    if isinstance(given, Mapping) and isinstance(actual, Mapping):
        fields = (each.fields if each else None) or {}
        return {
            name: _refreshed(fields.get(name), value, actual[name])
            for name, value in given.items()
            if name in actual and not is_reserved(name)
        }
    if isinstance(given, list) and isinstance(actual, list):
        return _refreshed_list(each, given, actual)
    return actual


def _refreshed_list(each: Property | None, given: list[Any], actual: list[Any]) -> list[Any]:
    if each is not None and each.kind is Kind.SET:
        return [item for item in given if item in actual]
    element = Property(Kind.OBJECT, fields=each.fields) if each is not None and each.fields else None
    return [_refreshed(element, item, other) for item, other in zip(given, actual, strict=False)]


def imported_inputs(state: Mapping[str, Any], schema: Schema) -> State:
    """The inputs of an imported resource: every input in the state that is neither empty nor its default.

    The bridge's `extractSchemaInputs`.
    """
    return {**_imported(state, schema.inputs), "__defaults": []}


def _imported(state: Mapping[str, Any], fields: Mapping[str, Property]) -> State:
    found: State = {}
    for name, each in fields.items():
        value = state.get(name)
        if each.fields and isinstance(value, Mapping):
            value = {**_imported(value, each.fields), "__defaults": []}
            empty = len(value) == 1
        elif each.fields and isinstance(value, list):
            value = [{**_imported(item, each.fields), "__defaults": []} for item in value]
            empty = not value
        else:
            empty = value == each.default if each.default is not None else not value
        if value is not None and (each.required or not empty):
            found[name] = value
    return found


def forget(state: State, names: Iterable[str]) -> State:
    """The state with the named properties unknown."""
    return {**state, **dict.fromkeys(names, UNKNOWN)}
