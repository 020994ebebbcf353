"""What a resource type takes and gives: one table of properties a type, and the words to write it with."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .policy_document import same_json


class Kind(enum.Enum):
    """The shape of a property's value."""

    STRING = "a string"
    BOOLEAN = "a boolean"
    INTEGER = "a whole number"
    NUMBER = "a number"
    LIST = "a list"
    SET = "a list without order"
    MAP = "a map of strings"
    NUMBERS = "a map of numbers"
    OBJECT = "an object"
    ASSET = "an asset"
    ARCHIVE = "an archive"
    POLICY = "a policy document"


@dataclass(frozen=True, slots=True)
class AutoName:
    """How a property that was left out is named: `<resource>-<7 hex digits>`, refused if too long."""

    longest: int
    lower: bool = False
    suffix: Callable[[Mapping[str, Any]], str] = field(default=lambda _: "")


@dataclass(frozen=True, slots=True)
class Property:
    """One property of a resource type or of an object within it.

    `computed` is filled by AWS when left out, `output` can never be given, `default` is the upstream
    schema's, `replaces` makes a change a replacement. `same` decides whether two known values mean the same
    though they differ. `fields` are those of an object, or of the objects in a list. `named` takes the
    resource's own name when left out.
    """

    kind: Kind
    required: bool = False
    computed: bool = False
    output: bool = False
    default: Any = None
    replaces: bool = False
    fields: Mapping[str, Property] | None = None
    same: Callable[[Any, Any], bool] | None = None
    auto_name: AutoName | None = None
    named: bool = False

    @property
    def from_aws(self) -> bool:
        """Whether AWS decides the value when nobody gave one."""
        return self.computed or self.output


@dataclass(frozen=True, slots=True)
class Schema:
    """The table of one resource type.

    `refused` are the inputs that the real provider knows and this one does not. A type with `region` lies
    in a region, one with `tags` gets `tagsAll`. `deletes_first` is for the types whose replacement can
    never stand beside the original.
    """

    properties: Mapping[str, Property]
    refused: frozenset[str] = frozenset()
    deletes_first: bool = False

    @property
    def regional(self) -> bool:
        """Whether the type has the `region` input (IAM's have none)."""
        return "region" in self.properties

    @property
    def inputs(self) -> Mapping[str, Property]:
        """The properties that a program can give."""
        return {name: each for name, each in self.properties.items() if not each.output}


def string(**settings: Any) -> Property:
    """A string."""
    return Property(Kind.STRING, **settings)


def boolean(**settings: Any) -> Property:
    """A boolean."""
    return Property(Kind.BOOLEAN, **settings)


def integer(**settings: Any) -> Property:
    """A whole number."""
    return Property(Kind.INTEGER, **settings)


def number(**settings: Any) -> Property:
    """A number."""
    return Property(Kind.NUMBER, **settings)


def strings(**settings: Any) -> Property:
    """A list of strings whose order counts."""
    return Property(Kind.LIST, **settings)


def string_set(**settings: Any) -> Property:
    """A list of strings whose order does not count."""
    return Property(Kind.SET, **settings)


def mapping(**settings: Any) -> Property:
    """A map of strings with free names."""
    return Property(Kind.MAP, **settings)


def numbers(**settings: Any) -> Property:
    """A map of numbers with free names."""
    return Property(Kind.NUMBERS, **settings)


def document(fields: Mapping[str, Property], **settings: Any) -> Property:
    """An object with the given fields."""
    return Property(Kind.OBJECT, fields=fields, **settings)


def documents(fields: Mapping[str, Property], **settings: Any) -> Property:
    """A list of objects with the given fields."""
    return Property(Kind.LIST, fields=fields, **settings)


def policy(**settings: Any) -> Property:
    """A policy document: JSON text, or an object that becomes such."""
    return Property(Kind.POLICY, same=same_json, **settings)


def output(kind: Kind = Kind.STRING) -> Property:
    """Something that only AWS tells."""
    return Property(kind, output=True)


def table(
    properties: Mapping[str, Property],
    *,
    refused: Iterable[str] = (),
    region: bool = True,
    tags: bool = False,
    replaces: bool = False,
    deletes_first: bool = False,
) -> Schema:
    """A type's schema: its own properties and those that it has in common with others.

    `replaces` makes every input one that replaces.
    """
    full = dict(properties)
    if region:
        full["region"] = string(computed=True, replaces=True)
    if tags:
        full["tags"] = mapping()
        full["tagsAll"] = mapping(computed=True)
    if replaces:
        full = {name: each if each.output else replace(each, replaces=True) for name, each in full.items()}
    return Schema(full, frozenset(refused), deletes_first)
