"""What changes in a resource, property by property: from its inputs, and from what its provider says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .credentials import SECRET
from .facts import Step
from .values import HIDDEN, NOT_KNOWN, has_secret, structured, told

# What follows from another property that is told, or changes with every change.
_DERIVED = frozenset(
    {"etag", "lastModified", "qualifiedArn", "qualifiedInvokeArn", "sourceCodeSize", "tagsAll", "versionId"}
)
_PART = re.compile(r'\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|\.?([^.\[]+)')


class Absent:
    """The one value that stands for a property that is not there."""


ABSENT = Absent()


@dataclass(frozen=True, slots=True)
class Change:
    """One property, or one entry of it.

    Attributes:
        path: the names and indices that lead to it.
        old: as it is, presentable; ABSENT where it is not there.
        new: as it will be, likewise.
        forces: whether it is why the resource is replaced.
    """

    path: tuple[str | int, ...]
    old: Any
    new: Any
    forces: bool = False

    @property
    def name(self) -> str:
        """Its path as programs write it: `rules[0].status`."""
        parts = (f"[{each}]" if isinstance(each, int) else f".{each}" for each in self.path)
        return "".join(parts).removeprefix(".")


def changes_of(step: Step) -> tuple[Change, ...]:
    """What changes, in the order of the properties' names.

    Inputs are compared with inputs. What the provider names beside those is looked up in the outputs: a
    refresh may have found there what nobody asked for.
    """
    if step.old is None or step.new is None:
        return tuple(_whole(step))
    old, new = told(step.old), told(step.new)
    found = {change.path: change for change in _compared((), old, new)}
    named = [*map(parsed, step.detailed)] or [(name,) for name in (*step.differing, *step.replacing)]
    for path in named:
        if not any(_leads(path, other) or _leads(other, path) for other in found):
            found[path] = _named(step, path, old, new)
    forcing = [parsed(path) for path, kind in step.detailed.items() if kind.endswith("-replace")]
    forcing += [(name,) for name in step.replacing if not any(path[:1] == (name,) for path in forcing)]
    return tuple(
        Change(each.path, each.old, each.new, any(_leads(path, each.path) for path in forcing))
        for each in sorted(found.values(), key=lambda each: [str(part) for part in each.path])
        if not _DERIVED.intersection(map(str, each.path[:1]))
    )


def parsed(path: str) -> tuple[str | int, ...]:
    """A path as Pulumi writes it, taken apart: `tags["a.b"]`, `rules[0].status`."""
    return tuple(
        int(index) if index and len(index) < 9 else (quoted or index or plain)
        for quoted, index, plain in _PART.findall(path)
    )


def _whole(step: Step) -> Iterator[Change]:
    """All inputs of what is made; of what goes, they are in the program's history."""
    if step.new is not None:
        for name, value in sorted(told(step.new).items()):
            if name not in _DERIVED:
                yield Change((name,), ABSENT, value)


def _compared(path: tuple[str | int, ...], old: Any, new: Any) -> Iterator[Change]:
    """The differences of two values, entry by entry where both have entries."""
    one, other = structured(old), structured(new)
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for name in sorted({*one, *other}):
            yield from _compared((*path, name), one.get(name, ABSENT), other.get(name, ABSENT))
    elif _are_lists_alike(one, other):
        for index, pair in enumerate(zip(one, other, strict=True)):
            yield from _compared((*path, index), *pair)
    elif has_secret(old) or has_secret(new):
        # What is secret now may have been plain before, and the other way round: neither is told.
        yield from _secret(path, old, new)
    elif one != other:
        yield Change(path, one, other)


def _secret(path: tuple[str | int, ...], old: Any, new: Any) -> Iterator[Change]:
    # Whether one secret is another is known to nobody but the provider.
    if old is not HIDDEN or new is not HIDDEN:
        yield Change(path, ABSENT if old is ABSENT else HIDDEN, ABSENT if new is ABSENT else HIDDEN)


def _are_lists_alike(one: Any, other: Any) -> bool:
    """Whether two lists are told entry by entry: as long, and of entries that have names."""
    if not isinstance(one, list) or not isinstance(other, list) or len(one) != len(other):
        return False
    return any(isinstance(each, Mapping) for each in (*one, *other))


def _named(
    step: Step, path: tuple[str | int, ...], inputs: Mapping[str, Any], wanted: Mapping[str, Any]
) -> Change:
    """What the provider says that differs, though the inputs do not."""
    before, after = told(step.old, outputs=True), told(step.new, outputs=True)
    old = _at(before, path)
    old = _at(inputs, path) if old is ABSENT else old
    new = _at(wanted, path)
    kind = next((kind for text, kind in step.detailed.items() if parsed(text) == path), "")
    if new is ABSENT and not kind.startswith("delete"):
        new = _at(after, path)
        new = NOT_KNOWN if new is ABSENT else new
    # Where both are told alike, what differs may be what is not told, such as the password in a URL.
    if has_secret(old) or has_secret(new) or (old == new and SECRET in repr(old)):
        return Change(path, HIDDEN, HIDDEN)
    return Change(path, ABSENT if kind.startswith("add") else old, new)


def _at(value: Any, path: Sequence[str | int]) -> Any:
    for part in path:
        if isinstance(value, Mapping) and str(part) in value:
            value = value[str(part)]
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        elif value is HIDDEN or value is NOT_KNOWN:
            return value
        else:
            return ABSENT
    return value


def _leads(path: Sequence[str | int], other: Sequence[str | int]) -> bool:
    """Whether a path is another's beginning, or that path itself."""
    return list(map(str, other[: len(path)])) == list(map(str, path))
