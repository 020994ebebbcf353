"""Checked inputs: names and kinds, region and tags, policies as text, made-up names, upstream's defaults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .errors import ProviderError
from .naming import Proposal, auto_name
from .policy_document import policy_text
from .schema import Kind, Property, Schema
from .values import DEFAULTS, UNKNOWN, Asset, State, has_unknown, is_reserved, reveal


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that is wrong with the inputs: the path of the property, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Subject:
    """The resource whose inputs are checked, and what its provider brings along."""

    type_name: str
    name: str
    seed: bytes = b""
    region: str = ""
    default_tags: Mapping[str, str] | None = None
    proposal: Proposal | None = None


def check(
    schema: Schema, subject: Subject, new: Mapping[str, Any], old: Mapping[str, Any]
) -> tuple[State, list[Failure]]:
    """The inputs as the provider will work with them, and all that is wrong with them.

    Args:
        schema: The type's table.
        subject: The resource.
        new: The program's inputs; secrets are looked through.
        old: The checked inputs of the last run, whose defaults are kept.
    """
    given = {
        name: value for name, value in reveal(new).items() if not is_reserved(name) and value is not None
    }
    failures = list(_unknown_names(schema, subject.type_name, given))
    given = {name: value for name, value in given.items() if name in schema.inputs}
    inputs, wrong = _members(schema.inputs, given, "")
    failures += wrong
    if schema.regional:
        inputs.setdefault("region", subject.region)
    if "tagsAll" in schema.properties:
        inputs["tagsAll"] = _all_tags(inputs.get("tags"), subject.default_tags or {})
    defaults: dict[str, Any] = {}
    try:
        defaults.update(_names(schema, subject, inputs, old))
    except ProviderError as error:
        failures.append(Failure("", f"could not make instance of '{subject.type_name}': {error}"))
    defaults.update(_schema_defaults(schema.inputs, inputs, old))
    inputs = {**inputs, **defaults, DEFAULTS: sorted(defaults)}
    failures += _missing(schema.inputs, inputs, "")
    return inputs, failures


def check_arguments(fields: Mapping[str, Property], given: Mapping[str, Any]) -> tuple[State, list[Failure]]:
    """A function's arguments in their kinds, and all that is wrong with them."""
    plain = {
        name: value for name, value in reveal(given).items() if not is_reserved(name) and value is not None
    }
    found, failures = _members(fields, plain, "")
    return found, [*failures, *_missing(fields, found, "")]


def _unknown_names(schema: Schema, type_name: str, given: Mapping[str, Any]) -> Iterator[Failure]:
    for name in sorted(given):
        if name in schema.refused:
            yield Failure(
                name,
                f"{type_name}.{name} is not known to the stand-in, only to the real provider",
            )
        elif name not in schema.inputs:
            yield Failure(name, f"{type_name} has no property {name}: not known to the stand-in")


def _members(
    fields: Mapping[str, Property], given: Mapping[str, Any], path: str
) -> tuple[State, list[Failure]]:
    found: State = {}
    failures: list[Failure] = []
    for name, value in given.items():
        here = f"{path}.{name}" if path else name
        if name not in fields:
            failures.append(Failure(here, f"{here} is not known to the stand-in"))
            continue
        found[name], wrong = _value(fields[name], value, here)
        failures += wrong
    return found, failures


def _value(each: Property, value: Any, path: str) -> tuple[Any, list[Failure]]:
    if each.kind is Kind.POLICY:
        return (UNKNOWN if has_unknown(value) else policy_text(value)), []
    if value is UNKNOWN:
        return value, []
    if each.fields is not None:
        return _nested(each, value, path)
    try:
        return _coerced(each.kind, value), []
    except ValueError:
        return value, [Failure(path, f"{path} must be {each.kind.value}, not {_kind_of(value)}")]


def _nested(each: Property, value: Any, path: str) -> tuple[Any, list[Failure]]:
    fields = each.fields or {}
    if each.kind is Kind.LIST and isinstance(value, list):
        pairs = [
            _nested(Property(Kind.OBJECT, fields=fields), item, f"{path}[{place}]")
            if item is not UNKNOWN
            else (item, [])
            for place, item in enumerate(value)
        ]
        return [item for item, _ in pairs], [failure for _, wrong in pairs for failure in wrong]
    if each.kind is not Kind.OBJECT or not isinstance(value, Mapping):
        return value, [Failure(path, f"{path} must be {each.kind.value}, not {_kind_of(value)}")]
    given = {name: item for name, item in value.items() if not is_reserved(name) and item is not None}
    found, failures = _members(fields, given, path)
    defaults = _schema_defaults(fields, found, {})
    return {**found, **defaults, DEFAULTS: sorted(defaults)}, [
        *failures,
        *_missing(fields, {**found, **defaults}, path),
    ]


def _coerced(kind: Kind, value: Any) -> Any:
    """The value in its property's kind; texts of numbers and booleans are read, as the bridge does.

    Raises:
        ValueError: when it has another kind.
    """
    if value is UNKNOWN or (kind in (Kind.ASSET, Kind.ARCHIVE) and isinstance(value, Asset)):
        return value
    if kind in (Kind.LIST, Kind.SET) and isinstance(value, list):
        return [_coerced(Kind.STRING, item) for item in value]
    if kind is Kind.MAP and isinstance(value, Mapping):
        return {name: _coerced(Kind.STRING, item) for name, item in value.items() if not is_reserved(name)}
    if kind is Kind.NUMBERS and isinstance(value, Mapping):
        return {name: _number(item) for name, item in value.items() if not is_reserved(name)}
    return _scalar(kind, value)


def _number(value: Any) -> Any:
    if value is UNKNOWN:
        return value
    if isinstance(value, bool):
        raise ValueError(value)  # noqa: TRY004 (a number that is none, like a text that is none)
    return float(value)


def _scalar(kind: Kind, value: Any) -> str | bool | int | float:
    if kind is Kind.STRING and isinstance(value, (str, bool, int, float)):
        return str(value).lower() if isinstance(value, bool) else str(value)
    if kind is Kind.BOOLEAN and (isinstance(value, bool) or value in ("true", "false")):
        return value in (True, "true")
    if kind is Kind.INTEGER and isinstance(value, (int, str)) and not isinstance(value, bool):
        return int(value)
    if kind is Kind.NUMBER and isinstance(value, (int, float, str)) and not isinstance(value, bool):
        return float(value)
    raise ValueError(kind)


def _kind_of(value: Any) -> str:
    names = {
        bool: "a boolean",
        int: "a number",
        float: "a number",
        str: "a string",
        list: "a list",
        dict: "an object",
    }
    return names.get(type(value), "an asset or archive")


def _missing(fields: Mapping[str, Property], inputs: Mapping[str, Any], path: str) -> list[Failure]:
    names = [name for name, each in fields.items() if each.required and name not in inputs]
    return [
        Failure(
            f"{path}.{name}" if path else name,
            f'Missing required argument. The argument "{name}" is required, but no definition was found.',
        )
        for name in sorted(names)
    ]


def _all_tags(tags: Any, defaults: Mapping[str, str]) -> Any:
    return UNKNOWN if has_unknown(tags) else {**defaults, **(tags or {})}


def _old_default(name: str, old: Mapping[str, Any]) -> Any:
    """The value that an earlier run filled in; without a list of defaults, any may have been."""
    return old.get(name) if DEFAULTS not in old or name in old[DEFAULTS] else None


def _names(
    schema: Schema, subject: Subject, inputs: State, old: Mapping[str, Any]
) -> Iterator[tuple[str, Any]]:
    for name, each in schema.inputs.items():
        if each.named and name not in inputs:
            yield name, _old_default(name, old) or subject.name
        rule = each.auto_name
        if rule is None or name in inputs or f"{name}Prefix" in inputs:
            continue
        kept = _old_default(name, old)
        if kept is not None:
            yield name, kept
            continue
        suffix = rule.suffix(inputs)
        made = auto_name(
            subject.name,
            subject.seed,
            rule.longest - len(suffix),
            lower=rule.lower,
            proposal=subject.proposal,
        )
        yield name, made if made.endswith(suffix) else made + suffix


def _schema_defaults(
    fields: Mapping[str, Property], inputs: Mapping[str, Any], old: Mapping[str, Any]
) -> State:
    """Upstream's defaults that end up in the inputs: those that are not falsy."""
    found: State = {}
    for name, each in fields.items():
        if name in inputs or each.default is None:
            continue
        kept = _old_default(name, old)
        if kept is not None or each.default:
            found[name] = each.default if kept is None else kept
    return found
