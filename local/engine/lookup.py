"""A lookup: what the program wants to know of a resource that is not the stack's."""

from __future__ import annotations

from dataclasses import dataclass

from pulumi.runtime.proto import resource_pb2

from .errors import UnsupportedError
from .goal import REFUSED_OF_PLUGINS
from .state import Resource
from .urn import child
from .values import Properties, from_struct


@dataclass(frozen=True, slots=True)
class Lookup:
    """A resource that the program looks up; the attributes are those of ReadResourceRequest."""

    urn: str
    type: str
    id: str
    parent: str
    inputs: Properties
    version: str
    dependencies: tuple[str, ...]
    additional_secret_outputs: tuple[str, ...]
    provider: str

    def as_resource(self, provider: str) -> Resource:
        """The resource as far as the program knows it.

        Args:
            provider: the reference to its provider.
        """
        return Resource(
            urn=self.urn,
            type=self.type,
            custom=True,
            external=True,
            id=self.id,
            inputs=self.inputs,
            parent=self.parent,
            provider=provider,
            dependencies=self.dependencies,
            additional_secret_outputs=self.additional_secret_outputs,
        )


def read_lookup(request: resource_pb2.ReadResourceRequest, stack: str, project: str) -> Lookup:
    """Reads the request for a resource that is not the stack's.

    Raises:
        UnsupportedError: it has an option that this engine would have to ignore.
    """
    for name, what in REFUSED_OF_PLUGINS.items():
        if getattr(request, name):
            raise UnsupportedError(f"{what} (of {request.type} {request.name})")
    return Lookup(
        urn=child(stack, project, request.type, request.name, request.parent),
        type=request.type,
        id=request.id,
        parent=request.parent,
        inputs=from_struct(request.properties),
        version=request.version,
        dependencies=tuple(sorted(request.dependencies)),
        additional_secret_outputs=tuple(request.additionalSecretOutputs),
        provider=request.provider,
    )
