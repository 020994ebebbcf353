"""How a planned state differs from the old one, path by path, and whether that takes a replacement.

The old side is the state, not the old inputs: after a refresh a change from outside shows as a difference.
The rules are those of the bridge's `detailed_diff.go`.
"""

from __future__ import annotations

import difflib
import enum
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .schema import Kind, Property, Schema
from .values import UNKNOWN, is_reserved


class Change(enum.Enum):
    """What happened to the value at one path."""

    ADD = "add"
    DELETE = "delete"
    UPDATE = "update"


@dataclass(frozen=True, slots=True)
class Difference:
    """Every path that changes, and the top-level properties among them that force a replacement."""

    changes: Mapping[str, Change]
    replaces: frozenset[str]

    @property
    def names(self) -> frozenset[str]:
        """The top-level properties that change."""
        return frozenset(top_level(path) for path in self.changes)


def top_level(path: str) -> str:
    """The property that a path starts with."""
    return re.split(r"[.\[]", path, maxsplit=1)[0]


def compare(schema: Schema, old: Mapping[str, Any], planned: Mapping[str, Any]) -> Difference:
    """The difference between a resource's outputs so far and its planned ones, both without secrets."""
    changes: dict[str, Change] = {}
    for name in sorted({*old, *planned}):
        each = schema.properties.get(name)
        if each is not None and not is_reserved(name):
            changes.update(_changes(name, each, old.get(name), planned.get(name)))
    replaces = frozenset(name for name in map(top_level, changes) if schema.properties[name].replaces)
    return Difference(changes, replaces)


def _changes(path: str, each: Property | None, old: Any, new: Any) -> Iterator[tuple[str, Change]]:
    if new is UNKNOWN:
        yield path, Change.ADD if _absent(old) else Change.UPDATE
    elif _zero(old) and _zero(new):
        return
    elif _absent(old):
        yield path, Change.ADD
    elif _absent(new):
        yield path, Change.DELETE
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        fields = each.fields if each is not None else None
        yield from _member_changes(path, fields, old, new)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _item_changes(path, each, old, new)
    elif old != new and not (each is not None and each.same and each.same(old, new)):
        yield path, Change.UPDATE


def _member_changes(
    path: str, fields: Mapping[str, Property] | None, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[tuple[str, Change]]:
    for name in sorted({*old, *new}):
        if is_reserved(name):
            continue
        if fields is not None:
            yield from _changes(_member(path, name), fields.get(name), old.get(name), new.get(name))
        elif name not in old:
            yield _member(path, name), Change.ADD
        elif name not in new:
            yield _member(path, name), Change.DELETE
        elif old[name] != new[name]:
            yield _member(path, name), Change.UPDATE


def _member(path: str, name: str) -> str:
    """A member's path: names that are no plain words are quoted, as in Pulumi's property paths."""
    return f"{path}.{name}" if re.fullmatch(r"[A-Za-z_$][\w$-]*", name) else f'{path}["{name}"]'


def _item_changes(
    path: str, each: Property | None, old: list[Any], new: list[Any]
) -> Iterator[tuple[str, Change]]:
    if each is not None and each.fields:
        element = Property(Kind.OBJECT, fields=each.fields)
        for place in range(max(len(old), len(new))):
            before = old[place] if place < len(old) else None
            after = new[place] if place < len(new) else None
            yield from _changes(f"{path}[{place}]", element, before, after)
        return
    if each is not None and each.kind is Kind.SET:
        removed = {place for place, item in enumerate(old) if item not in new}
        added = {place for place, item in enumerate(new) if item not in old}
    else:
        removed, added = _edits(old, new)
    for place in sorted(removed | added):
        if place in removed and place in added:
            yield f"{path}[{place}]", Change.UPDATE
        else:
            yield f"{path}[{place}]", Change.DELETE if place in removed else Change.ADD


def _edits(old: list[Any], new: list[Any]) -> tuple[set[int], set[int]]:
    """The places that are removed from the old list and added in the new one."""
    removed: set[int] = set()
    added: set[int] = set()
    matcher = difflib.SequenceMatcher(
        None, [repr(item) for item in old], [repr(item) for item in new], autojunk=False
    )
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        if kind != "equal":
            removed.update(range(start, end))
            added.update(range(new_start, new_end))
    return removed, added


def _absent(value: Any) -> bool:
    return value is None or value in ([], {})


def _zero(value: Any) -> bool:
    """Whether a value is what upstream's SDK cannot tell from one that was never set."""
    return value is None or (value is not UNKNOWN and value in (False, 0, "", [], {}))


def explicit_name(schema: Schema, inputs: Mapping[str, Any]) -> bool:
    """Whether the program itself gave a name that could have been made up.

    It is the bridge's `nameRequiresDeleteBeforeReplace`: such a resource cannot stand beside its
    replacement. Inputs without a list of defaults count as named by the provider.
    """
    defaults: Collection[str] | None = inputs.get("__defaults")
    if defaults is None:
        return False
    return any(
        each.auto_name is not None and name in inputs and name not in defaults
        for name, each in schema.properties.items()
    )
