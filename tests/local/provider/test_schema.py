"""The tables of properties against the SDK that programs use."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from local.provider.functions import FUNCTIONS
from local.provider.registry import RESOURCES
from local.provider.schema import Property

_ARGUMENTS = {
    "BucketVersioning": "BucketVersioningInitArgs",
    "BucketServerSideEncryptionConfiguration": "BucketServerSideEncryptionConfigurationInitArgs",
}


def _module(type_name: str) -> Any:
    module = type_name.split(":")[1].split("/", maxsplit=1)[0]
    if module == "index":
        return importlib.import_module("pulumi_aws")
    return importlib.import_module(f"pulumi_aws.{'lambda_' if module == 'lambda' else module}")


def _arguments(type_name: str) -> Any:
    """The SDK's class of arguments of a resource type."""
    class_name = type_name.rsplit(":", 1)[1]
    return getattr(_module(type_name), _ARGUMENTS.get(class_name, f"{class_name}Args"))


def _name(member: property) -> str:
    """The name on the wire of a property of the SDK."""
    return str(vars(member.fget)["_pulumi_name"])


def _members(owner: type) -> dict[str, bool]:
    """The SDK's names of an input type's members, and whether they are required."""
    return {
        _name(each): "NoneType" not in str(each.fget.__annotations__["return"])
        for each in vars(owner).values()
        if isinstance(each, property) and each.fget is not None
    }


def _nested(
    owner: type, module: Any, fields: Mapping[str, Property], path: str
) -> Iterator[tuple[str, Any, Any]]:
    for each in vars(owner).values():
        if not isinstance(each, property) or each.fget is None:
            continue
        name = _name(each)
        annotation = str(each.fget.__annotations__["return"])
        inner = next((word for word in re.findall(r"\w+", annotation) if word.endswith("Args")), None)
        if inner and name in fields and fields[name].fields is not None:
            yield f"{path}.{name}", getattr(module, inner), fields[name]
            yield from _nested(getattr(module, inner), module, fields[name].fields or {}, f"{path}.{name}")


@pytest.mark.parametrize("type_name", sorted(RESOURCES))
def test_every_input_of_the_sdk_is_known_or_refused_by_name(type_name: str) -> None:
    schema = RESOURCES[type_name].schema
    given = set(schema.inputs) - {"tagsAll"}
    assert given | schema.refused == set(_members(_arguments(type_name)))
    assert not given & schema.refused


@pytest.mark.parametrize("type_name", sorted(RESOURCES))
def test_what_the_sdk_requires_is_required_and_nothing_else(type_name: str) -> None:
    ours = {name for name, each in RESOURCES[type_name].schema.inputs.items() if each.required}
    assert ours == {name for name, required in _members(_arguments(type_name)).items() if required}


@pytest.mark.parametrize("type_name", sorted(RESOURCES))
def test_every_output_exists_in_the_sdk(type_name: str) -> None:
    resource = getattr(_module(type_name), type_name.rsplit(":", 1)[1])
    theirs = {_name(each) for each in vars(resource).values() if isinstance(each, property)}
    assert set(RESOURCES[type_name].schema.properties) == theirs - RESOURCES[type_name].schema.refused


@pytest.mark.parametrize("type_name", sorted(RESOURCES))
def test_nested_inputs_exist_in_the_sdk_with_what_it_requires(type_name: str) -> None:
    schema = RESOURCES[type_name].schema
    for path, theirs, ours in _nested(_arguments(type_name), _module(type_name), schema.inputs, type_name):
        members = _members(theirs)
        assert set(ours.fields) <= set(members), path
        required = {name for name, each in ours.fields.items() if each.required}
        assert required == {name for name, needed in members.items() if needed}, path


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_every_argument_of_a_function_exists_in_the_sdk(function: str) -> None:
    source, name = _module(function), function.rsplit(":", 1)[1]
    python_name = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
    text = inspect.getsource(getattr(source, python_name))
    for argument in FUNCTIONS[function].arguments:
        assert f"__args__['{argument}']" in text
