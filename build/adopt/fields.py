"""Fields of a state's JSON, each read as what it has to be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_KINDS = {str: "a text", bool: "true or false", int: "a number", float: "a number", list: "a list"}


class UnlikeStateError(Exception):
    """A field is not what it is in a state; the message quotes no value, as that may be a secret."""


def text(entry: Mapping[str, Any], name: str) -> str:
    """A text that has to be there.

    Raises:
        UnlikeStateError: it is not.
    """
    if name not in entry:
        raise UnlikeStateError(f"a {name} is missing")
    value = entry[name]
    if not isinstance(value, str):
        raise UnlikeStateError(f"a {name} is {kind(value)} and no text")
    return value


def mapping(entry: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object, empty where it is null or not there.

    Raises:
        UnlikeStateError: it is something else.
    """
    value = entry.get(name)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise UnlikeStateError(f"{name} is {kind(value)} and no object")
    return value


def mappings(entry: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """A list of objects, empty where it is null or not there.

    Raises:
        UnlikeStateError: it is something else.
    """
    value = entry.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise UnlikeStateError(f"{name} is {kind(value)} and no list")
    for each in value:
        if not isinstance(each, Mapping):
            raise UnlikeStateError(f"one of {name} is {kind(each)} and no object")
    return value


def kind(value: object) -> str:
    """What a value of JSON is, in words."""
    return "null" if value is None else _KINDS.get(type(value), "an object")
