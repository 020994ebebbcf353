"""A provider as one resource of the state configures it; its refusals become errors of a resource."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from .errors import ResourceError, UnsupportedError
from .state import Resource
from .values import Properties, from_struct, has_unknown, secret_like, to_struct, unwrapped

PACKAGE = "aws"
# What the engine itself keeps among a provider's inputs.
_INTERNAL = "__internal"
_REMOVED = "Stream removed"


class PartialFailureError(ResourceError):
    """A resource was made or changed, but is not as it should be.

    Attributes:
        id: what the provider calls it.
        properties: what it is.
    """

    def __init__(self, urn: str, detail: provider_pb2.ErrorResourceInitFailed) -> None:
        """Takes what the provider reported."""
        super().__init__(urn, "; ".join(detail.reasons))
        self.reasons = tuple(detail.reasons)
        self.id = detail.id
        self.properties = from_struct(detail.properties)


class ProviderGoneError(ResourceError):
    """The provider ended in the middle of a call, so what became of it is not known."""


class Provider:
    """One of the package's providers, over a connection of its own."""

    def __init__(self, channel: grpc.Channel) -> None:
        """Takes the channel to it."""
        self.stub = provider_pb2_grpc.ResourceProviderStub(channel)
        self._lock = threading.Lock()
        self._configured: Properties | None = None
        self.accepts_secrets = False
        self.supports_preview = True

    def check(self, urn: str, type_: str, name: str, olds: Properties, news: Properties) -> Properties:
        """Its own inputs, as it takes them.

        Raises:
            ResourceError: it refuses them.
        """
        # Before a provider has said whether it takes secrets, it gets none (provider_plugin.go, CheckConfig).
        request = provider_pb2.CheckRequest(
            urn=urn, name=name, type=type_, olds=_in_clear(without_internal(olds)), news=_in_clear(news)
        )
        answer = self.call(urn, self.stub.CheckConfig, request)
        refuse(urn, type_, name, answer.failures)
        checked: Properties = secret_like(from_struct(answer.inputs), news)
        return checked

    def difference(self, old: Resource, news: Properties) -> provider_pb2.DiffResponse:
        """How what it was configured with differs from other inputs."""
        request = provider_pb2.DiffRequest(
            urn=old.urn,
            name=old.name,
            type=old.type,
            olds=_in_clear(without_internal(old.outputs)),
            old_inputs=_in_clear(without_internal(old.inputs)),
            news=_in_clear(without_internal(news)),
        )
        answer: provider_pb2.DiffResponse = self.call(old.urn, self.stub.DiffConfig, request)
        return answer

    def configure(self, resource: Resource) -> None:
        """Configures it, unless it is so already.

        Raises:
            ResourceError: it refuses.
            UnsupportedError: its inputs are not known, as in a preview where they come from other resources.
        """
        with self._lock:
            inputs = without_internal(resource.inputs)
            if self._configured == inputs:
                return
            if has_unknown(inputs):
                raise UnsupportedError(f"providers whose inputs are not known yet (here {resource.name})")
            variables = {
                f"{PACKAGE}:config:{key}": str(unwrapped(each))
                for key, each in inputs.items()
                if key != "version"
            }
            request = provider_pb2.ConfigureRequest(
                variables=variables,
                args=to_struct(inputs),
                acceptSecrets=True,
                acceptResources=True,
                sends_old_inputs=True,
                sends_old_inputs_to_delete=True,
                id=resource.id,
                urn=resource.urn,
                name=resource.name,
                type=resource.type,
            )
            answer = self.call(resource.urn, self.stub.Configure, request)
            self.accepts_secrets = answer.acceptSecrets
            self.supports_preview = answer.supportsPreview
            self._configured = inputs

    def sent(self, properties: Mapping[str, Any]) -> Any:
        """Properties as this provider takes them."""
        return to_struct(properties if self.accepts_secrets else unwrapped(dict(properties)))

    def call(self, urn: str, method: Callable[[Any], Any], request: Any) -> Any:
        """Calls it.

        Raises:
            ResourceError: it refused.
            ProviderGoneError: it is gone.
            PartialFailureError: the resource is there, but not as it should be.
        """
        return called(PACKAGE, urn, method, request)

    def cancel(self) -> None:
        """Asks it to give up what it waits for."""
        with contextlib.suppress(grpc.RpcError):
            self.stub.Cancel(empty_pb2.Empty(), timeout=2)


def called(package: str, urn: str, method: Callable[[Any], Any], request: Any) -> Any:
    """Calls a provider of any package.

    Raises:
        ResourceError: it refused.
        ProviderGoneError: it is gone.
        PartialFailureError: the resource is there, but not as it should be.
    """
    try:
        return method(request)
    except grpc.RpcError as error:
        detail = _initialisation(error)
        if detail is not None:
            raise PartialFailureError(urn, detail) from error
        if _gone(error):
            raise ProviderGoneError(
                urn, f"the provider of package {package} is gone ({error.details()})"
            ) from error
        raise ResourceError(urn, str(error.details() or error.code().name)) from error


def with_internal(inputs: Properties) -> Properties:
    """A provider's inputs as the state has them."""
    return {**inputs, _INTERNAL: {}}


def without_internal(inputs: Properties) -> Properties:
    """A provider's inputs without what the engine keeps there."""
    return {key: each for key, each in inputs.items() if key != _INTERNAL}


def refuse(urn: str, type_: str, name: str, failures: Any) -> None:
    """Turns what a check found into an error that tells all of it.

    Raises:
        ResourceError: there are failures.
    """
    if failures:
        told = [f"{each.property}: {each.reason}" if each.property else each.reason for each in failures]
        raise ResourceError(urn, f"{type_} resource '{name}' has a problem: {'; '.join(told)}")


def package_of(type_: str) -> str:
    """The package of a resource type or a function.

    Raises:
        UnsupportedError: no provider of it is known.
    """
    package = type_.partition(":")[0]
    if package != PACKAGE:
        raise UnsupportedError(f"the package {package} (of {type_})")
    return package


def _in_clear(properties: Properties) -> Any:
    return to_struct(unwrapped(properties))


def _initialisation(error: grpc.RpcError) -> provider_pb2.ErrorResourceInitFailed | None:
    # Every error of a call is a Call, too, which the types do not say.
    trailing: Iterable[tuple[str, bytes]] = getattr(error, "trailing_metadata", tuple)() or ()
    for key, value in trailing:
        if key == "grpc-status-details-bin":
            for detail in status_pb2.Status.FromString(value).details:
                found = provider_pb2.ErrorResourceInitFailed()
                if detail.Unpack(found):
                    return found
    return None


def _gone(error: grpc.RpcError) -> bool:
    # gRPC has two ways to say that the other end went away in the middle of a call.
    removed = error.code() == grpc.StatusCode.UNKNOWN and _REMOVED in str(error.details())
    return removed or error.code() == grpc.StatusCode.UNAVAILABLE
