"""The provider: found or started, configured once, and called; its refusals become errors of a resource."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

from .errors import EngineError, ResourceError, UnsupportedError
from .guard import guarded
from .state import Resource
from .urn import PROVIDER_PREFIX, child, parse
from .values import Properties, from_struct, secret_like, to_struct, unwrapped

PACKAGE = "aws"
_MESSAGE_BYTES = 400 << 20
# What grpc-go, and so the real engine, takes (defaultClientMaxHeaderListSize).
_TRAILER_BYTES = 16 << 20
_REMOVED = "Stream removed"
READY_SECONDS = 20.0
_HOME = Path(__file__).resolve().parents[2]
_DEBUG = "PULUMI_DEBUG_PROVIDERS"


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
    """The provider of package aws, as one stack configures it."""

    def __init__(self, channel: grpc.Channel, stack: str, project: str, settings: Properties) -> None:
        """Takes a channel to it, and the stack's settings for its package."""
        self.stub = provider_pb2_grpc.ResourceProviderStub(channel)
        self._stack, self._project, self._settings = stack, project, settings
        self._lock = threading.Lock()
        self._configured = False
        self.accepts_secrets = False
        self.supports_preview = True

    def urn(self, version: str) -> str:
        """The URN of the default provider for a version of the package."""
        name = f"default_{version.replace('.', '_')}" if version else "default"
        return child(self._stack, self._project, PROVIDER_PREFIX + PACKAGE, name, "")

    def resource(self, version: str, old: Resource | None) -> Resource:
        """The default provider as a resource of the state, checked.

        Args:
            version: of the package, as the program asks for it.
            old: the same, of the last run.
        """
        urn = self.urn(version)
        name, type_ = parse(urn).name, PROVIDER_PREFIX + PACKAGE
        wanted: Properties = {**self._settings, **({"version": version} if version else {})}
        before = {key: each for key, each in (old.inputs if old else {}).items() if key != "__internal"}
        # Before a provider has said whether it takes secrets, it gets none (provider_plugin.go, CheckConfig).
        request = provider_pb2.CheckRequest(
            urn=urn, name=name, type=type_, olds=_in_clear(before), news=_in_clear(wanted)
        )
        answer = self.call(urn, self.stub.CheckConfig, request)
        refuse(urn, type_, name, answer.failures)
        inputs: Properties = secret_like(from_struct(answer.inputs), wanted)
        if old:
            compared = provider_pb2.DiffRequest(
                urn=urn,
                name=name,
                type=type_,
                olds=_in_clear(old.outputs),
                old_inputs=_in_clear(before),
                news=_in_clear(inputs),
            )
            self.call(urn, self.stub.DiffConfig, compared)
        return Resource(
            urn=urn,
            type=type_,
            custom=True,
            id=old.id if old else str(uuid.uuid4()),
            inputs={**inputs, "__internal": {}},
            outputs=inputs,
        )

    def configure(self, resource: Resource) -> None:
        """Configures it, at the first time."""
        with self._lock:
            if self._configured:
                return
            inputs = {key: each for key, each in resource.inputs.items() if key != "__internal"}
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
            self._configured = True

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
        try:
            return method(request)
        except grpc.RpcError as error:
            detail = _initialisation(error)
            if detail is not None:
                raise PartialFailureError(urn, detail) from error
            kind = ProviderGoneError if _gone(error) else ResourceError
            raise kind(urn, _reason(error)) from error


def _in_clear(properties: Properties) -> Any:
    return to_struct(unwrapped(properties))


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


@contextlib.contextmanager
def connected(stack: str, project: str, settings: Properties, folder: Path) -> Iterator[Provider]:
    """Gives the provider: the one that PULUMI_DEBUG_PROVIDERS names, else one started for as long as needed.

    Args:
        stack: the stack's name.
        project: the project's.
        settings: the stack's for the package.
        folder: the project's; relative paths of assets count from there.

    Raises:
        EngineError: it cannot be reached or started.
    """
    with contextlib.ExitStack() as stack_of_parts:
        port = _attached() or stack_of_parts.enter_context(_started(folder))
        options = [
            ("grpc.max_receive_message_length", _MESSAGE_BYTES),
            ("grpc.max_send_message_length", -1),
            # What fails tells its state in trailers: a large one would be lost, and the reason with it.
            ("grpc.max_metadata_size", _TRAILER_BYTES),
            ("grpc.absolute_max_metadata_size", _TRAILER_BYTES),
        ]
        channel = stack_of_parts.enter_context(grpc.insecure_channel(f"127.0.0.1:{port}", options=options))
        try:
            grpc.channel_ready_future(channel).result(timeout=READY_SECONDS)
        except grpc.FutureTimeoutError as error:
            raise EngineError(f"the provider of package {PACKAGE} does not answer on port {port}") from error
        provider = Provider(channel, stack, project, settings)
        _handshake(provider, folder, port)
        yield provider


def _handshake(provider: Provider, folder: Path, port: int) -> None:
    # Attach and handshake are optional (provider.proto); a provider without them says so.
    calls: list[tuple[Callable[[Any], Any], Any]] = [
        (provider.stub.Attach, plugin_pb2.PluginAttach(address=f"127.0.0.1:{port}")),
        (provider.stub.Handshake, provider_pb2.ProviderHandshakeRequest(program_directory=str(folder))),
    ]
    for method, request in calls:
        try:
            method(request)
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.UNIMPLEMENTED:
                raise EngineError(
                    f"the provider of package {PACKAGE} cannot be used: {_reason(error)}"
                ) from error


def _attached() -> int | None:
    for entry in os.environ.get(_DEBUG, "").split(","):
        package, _, port = entry.partition(":")
        if package == PACKAGE:
            if not port.isdigit():
                raise EngineError(f"{_DEBUG} names no port for {PACKAGE}: {entry!r}")
            return int(port)
    return None


@contextlib.contextmanager
def _started(folder: Path) -> Iterator[int]:
    path = os.pathsep.join([str(_HOME), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, "PYTHONPATH": path}
    with guarded("local.provider", cwd=folder, env=environment, stdout=subprocess.PIPE) as process:
        try:
            line = process.stdout.readline().strip() if process.stdout else ""
            if not line.isdigit():
                raise EngineError(f"the stand-in provider did not start; it said {line!r}")
            yield int(line)
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def cancel(provider: Provider) -> None:
    """Asks it to give up what it waits for."""
    with contextlib.suppress(grpc.RpcError):
        provider.stub.Cancel(empty_pb2.Empty(), timeout=2)


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


def _reason(error: grpc.RpcError) -> str:
    if _gone(error):
        return f"the provider of package {PACKAGE} is gone ({error.details()})"
    return str(error.details() or error.code().name)
