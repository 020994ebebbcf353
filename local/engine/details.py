"""A step's properties: what was, what will be, and which differ, a line each, as `--diff` shows them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from .events import StepEvent
from .values import ASSET, SIGNATURE, UNKNOWN, Properties, masked

_SHORT_HASH = 7
_INDENT = "        "


def property_lines(event: StepEvent) -> Iterator[str]:
    """The lines of a step, secrets masked."""
    resource = event.new or event.old
    if resource is None:
        return
    if resource.id:
        yield f"{_INDENT}[id={resource.id}]"
    yield f"{_INDENT}[urn={resource.urn}]"
    old: Properties = masked(event.old.inputs) if event.old else {}
    new: Properties = masked(event.new.inputs) if event.new else {}
    if event.label in {"drift", "gone"}:
        # What drifted is what is really there, and that is in the outputs.
        old, new = (masked(each.outputs) if each else {} for each in (event.old, event.new))
    yield from _compared(old, new, both=event.old is not None and event.new is not None)


def drift_lines(event: StepEvent) -> Iterator[str]:
    """What a refresh found to be other than the state had it: a line each value, secrets masked."""
    old: Properties = masked(event.old.outputs) if event.old else {}
    new: Properties = masked(event.new.outputs) if event.new else {}
    for name in event.difference.keys:
        for path, before, after in _differences(name, old.get(name), new.get(name)):
            yield f"{_INDENT}{path} is {_or_none(after)}, the state had {_or_none(before)}"


def _differences(path: str, old: Any, new: Any) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(old, dict) and isinstance(new, dict):
        for name in sorted({*old, *new}):
            yield from _differences(f"{path}.{name}", old.get(name), new.get(name))
    elif old != new:
        yield path, old, new


def _or_none(value: Any) -> str:
    return "none" if value is None else value_text(value)


def _compared(old: Properties, new: Properties, *, both: bool) -> Iterator[str]:
    names = sorted(name for name in {*old, *new} if name != "__defaults")
    width = max((len(name) for name in names), default=0)
    for name in names:
        shown = f"{name:<{width}}"
        if not both:
            yield f"{_INDENT}{shown}: {value_text(new.get(name, old.get(name)))}"
        elif name not in old:
            yield f"      + {shown}: {value_text(new[name])}"
        elif name not in new:
            yield f"      - {shown}: {value_text(old[name])}"
        elif old[name] != new[name]:
            yield f"      ~ {shown}: {value_text(old[name])} => {value_text(new[name])}"
        else:
            yield f"{_INDENT}{shown}: {value_text(new[name])}"


def value_text(value: Any) -> str:
    """A value on one line; unknowns and assets by what they are."""
    if value == UNKNOWN:
        return "[unknown]"
    if isinstance(value, dict) and value.get(SIGNATURE) == ASSET:
        return f"asset(file:{value.get('hash', '')[:_SHORT_HASH]}) {{ {value.get('path', 'text')} }}"
    if isinstance(value, dict):
        inner = ", ".join(
            f"{key}: {value_text(each)}" for key, each in sorted(value.items()) if key != "__defaults"
        )
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list):
        return f"[{', '.join(value_text(each) for each in value)}]"
    return json.dumps(value, ensure_ascii=False)
