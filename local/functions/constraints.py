"""Checks the values of a request against the constraints of the service's model, as AWS's front end does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

# Unicode categories of the models' (Java) patterns; Python has them as shorthands only, which are as wide
# wherever the models use them: in classes that have digits and the underscore as well.
_CATEGORIES = {r"\p{L}": r"\w", r"\p{N}": r"\d", r"\p{Z}": r"\s"}


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Compiles a pattern of the service's model.

    Args:
        pattern: in Java's syntax.
    """
    for category, shorthand in _CATEGORIES.items():
        pattern = pattern.replace(category, shorthand)
    return re.compile(pattern, re.DOTALL)


def faults_of(shape: Shape, value: Any, path: str = "") -> Iterator[str]:
    """Finds what is wrong with a value.

    Args:
        shape: of the value, from the service's model.
        value: already of the right kind (text, number, list, ...).
        path: where the value is, for the messages.

    Yields:
        One sentence for each broken constraint, in AWS's words.
    """
    if isinstance(shape, StructureShape):
        yield from _structure(shape, value, path)
    elif isinstance(shape, ListShape):
        yield from _size(shape, value, path)
        for number, item in enumerate(value, 1):
            yield from faults_of(shape.member, item, f"{path}.{number}.member")
    elif isinstance(shape, MapShape):
        for key, item in value.items():
            broken = [*_sentences(shape.key, key), *_sentences(shape.value, item)]
            yield from (
                f"{_at(shape.value, item, path)}: Map entry {key!r}: {sentence}" for sentence in broken
            )
    else:
        yield from (f"{_at(shape, value, path)}: {sentence}" for sentence in _sentences(shape, value))


def _structure(shape: StructureShape, value: Mapping[str, Any], path: str) -> Iterator[str]:
    for name, member in shape.members.items():
        where = f"{path}.{_lower(name)}" if path else _lower(name)
        if value.get(name) is not None:
            yield from faults_of(member, value[name], where)
        elif name in shape.required_members:
            yield f"Value null at '{where}' failed to satisfy constraint: Member must not be null"


def _size(shape: Shape, value: Any, path: str) -> Iterator[str]:
    yield from (
        f"{_at(shape, value, path)}: {sentence}" for sentence in _bounds(shape, len(value), "length ")
    )


def _sentences(shape: Shape, value: Any) -> Iterator[str]:
    if isinstance(value, bool):
        return
    if isinstance(value, int | float):
        yield from _bounds(shape, value, "value ")
    elif isinstance(value, str):
        if isinstance(shape, StringShape) and shape.enum and value not in shape.enum:
            yield f"Member must satisfy enum value set: [{', '.join(shape.enum)}]"
        yield from _bounds(shape, len(value), "length ")
        pattern = shape.metadata.get("pattern")
        if pattern and not compiled(pattern).fullmatch(value):
            yield f"Member must satisfy regular expression pattern: {pattern}"


def _bounds(shape: Shape, size: float, what: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least:
        yield f"Member must have {what}greater than or equal to {least}"
    if most is not None and size > most:
        yield f"Member must have {what}less than or equal to {most}"


def _at(shape: Shape, value: Any, path: str) -> str:
    shown = "***" if shape.metadata.get("sensitive") else value
    return f"Value '{shown}' at '{path}' failed to satisfy constraint"


def _lower(name: str) -> str:
    return name[0].lower() + name[1:]
