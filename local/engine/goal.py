"""A goal: what the program wants of a resource, read from its registration; unknown options are refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pulumi.runtime.proto import resource_pb2

from .errors import UnsupportedError
from .urn import PROVIDER_PREFIX, Urn, child, parse
from .values import Properties, from_struct


@dataclass(frozen=True, slots=True)
class Goal:
    """A resource as the program registers it; the attributes are those of RegisterResourceRequest.

    Attributes:
        urn: made from type, name and parent.
        old_urns: what it may have been called before (aliases).
        delete_before_replace: None where the program leaves it to the provider.
    """

    urn: str
    type: str
    name: str
    parent: str
    custom: bool
    inputs: Properties
    version: str
    dependencies: tuple[str, ...]
    property_dependencies: Mapping[str, list[str]]
    protect: bool
    retain_on_delete: bool
    delete_before_replace: bool | None
    ignore_changes: tuple[str, ...]
    replace_on_changes: tuple[str, ...]
    additional_secret_outputs: tuple[str, ...]
    deleted_with: str
    custom_timeouts: Mapping[str, float]
    old_urns: tuple[str, ...]


def read_goal(request: resource_pb2.RegisterResourceRequest, stack: str, project: str) -> Goal:
    """Reads a registration.

    Raises:
        UnsupportedError: it has an option that this engine would have to ignore.
    """
    _refuse_unknown(request)
    urn = child(stack, project, request.type, request.name, request.parent)
    return Goal(
        urn=urn,
        type=request.type,
        name=request.name,
        parent=request.parent,
        custom=request.custom,
        inputs=from_struct(request.object),
        version=request.version,
        dependencies=tuple(request.dependencies),
        property_dependencies={name: list(each.urns) for name, each in request.propertyDependencies.items()},
        protect=request.protect,
        retain_on_delete=request.retainOnDelete,
        delete_before_replace=request.deleteBeforeReplace if request.deleteBeforeReplaceDefined else None,
        ignore_changes=tuple(request.ignoreChanges),
        replace_on_changes=tuple(request.replaceOnChanges),
        additional_secret_outputs=tuple(request.additionalSecretOutputs),
        deleted_with=request.deletedWith,
        custom_timeouts=_timeouts(request),
        old_urns=(*request.aliasURNs, *(_alias(each, parse(urn), request) for each in request.aliases)),
    )


def _refuse_unknown(request: resource_pb2.RegisterResourceRequest) -> None:
    refused = {
        "remote components": request.remote,
        "importing": request.importId,
        "explicit providers": request.provider
        or (request.custom and request.type.startswith(PROVIDER_PREFIX)),
        "packages by reference": request.packageRef,
        "plugin downloads": request.pluginDownloadURL,
        "transforms": request.transforms,
        "replaceWith": request.replace_with,
        "replacement triggers": request.HasField("replacement_trigger"),
        "resource hooks": any(getattr(request.hooks, each.name) for each in request.hooks.DESCRIPTOR.fields),
        "variable mappings": request.envVarMappings,
    }
    for what, asked in refused.items():
        if asked:
            raise UnsupportedError(f"{what} (of {request.type} {request.name})")


def _timeouts(request: resource_pb2.RegisterResourceRequest) -> dict[str, float]:
    given = request.customTimeouts
    named = {"create": given.create, "update": given.update, "delete": given.delete}
    return {operation: _seconds(text, request.name) for operation, text in named.items() if text}


def _seconds(text: str, name: str) -> float:
    """Reads a duration as Go writes it, such as `1h5m` or `30s`."""
    units = {"h": 3600.0, "m": 60.0, "s": 1.0}
    total, number = 0.0, ""
    for character in text:
        if character.isdigit() or character == ".":
            number += character
        elif character in units and number:
            total, number = total + float(number) * units[character], ""
        else:
            raise UnsupportedError(f"the duration {text!r} (of {name})")
    return total


def _alias(alias: Any, own: Urn, request: resource_pb2.RegisterResourceRequest) -> str:
    if alias.urn:
        return str(alias.urn)
    spec = alias.spec
    parent = "" if spec.noParent else (spec.parentUrn or request.parent)
    return child(
        spec.stack or own.stack,
        spec.project or own.project,
        spec.type or own.type,
        spec.name or own.name,
        parent,
    )
