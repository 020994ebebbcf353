"""The provider of the components: Pulumi's own, with checked inputs, and faults that are told in one line."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import grpc
import pulumi
from pulumi.errors import InputPropertiesError, InputPropertyError
from pulumi.provider import ConstructResult
from pulumi.provider.experimental.analyzer import ComponentDefinition
from pulumi.provider.experimental.component import ComponentProvider
from pulumi.provider.server import ComponentInitError, ProviderServicer
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from build import VERSION

from .package import COMPONENTS, NAME, described
from .values import faults, in_python

_MESSAGE_BYTES = 400 << 20
"""What the engine itself takes (sdk/go/common/util/rpcutil, GrpcChannelOptions)."""


class Components(ComponentProvider):
    """Makes the package's components, one for each call of Construct."""

    def __init__(self) -> None:
        """Infers the schema.

        Raises:
            Exception: a type of a component is none that a schema has.
        """
        super().__init__([*COMPONENTS], NAME, version=VERSION)
        self.schema = described(cast("str", self.schema))

    def construct(
        self,
        name: str,
        resource_type: str,
        inputs: pulumi.Inputs,
        options: pulumi.ResourceOptions | None = None,
    ) -> ConstructResult:
        """Makes a component.

        Raises:
            pulumi.RunError: there is no such component, or its inputs are wrong; all faults are told.
            ComponentInitError: it cannot be made.
        """
        component = resource_type.rpartition(":")[2]
        if resource_type != f"{NAME}:index:{component}" or component not in self._components:
            known = ", ".join(sorted(self._components))
            raise pulumi.RunError(f"the package {NAME} has no component {resource_type}: it has {known}")
        return super().construct(name, resource_type, inputs, options)

    def map_inputs(self, inputs: pulumi.Inputs, component_def: ComponentDefinition) -> pulumi.Inputs:
        """The inputs by the names that Python has for them, checked."""
        found = list(faults(inputs, component_def.inputs, self._type_defs))
        if found:
            raise pulumi.RunError(f"{component_def.name} cannot be made: {'; '.join(found)}")
        mapped: pulumi.Inputs = in_python(
            inputs, component_def.inputs, component_def.inputs_mapping, self._type_defs
        )
        return mapped


class Servicer(ProviderServicer):
    """Pulumi's servicer, whose errors are for the people who use the package.

    The SDK's own gives a traceback of the plugin to whoever made a mistake in a program.
    """

    async def Construct(  # noqa: N802 (the protocol's name)
        self, request: provider_pb2.ConstructRequest, context: grpc.aio.ServicerContext[Any, Any]
    ) -> provider_pb2.ConstructResponse:
        """Makes a component, or fails with one line."""
        try:
            made: provider_pb2.ConstructResponse = await self._construct(request, context)
        except Exception as error:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, told(error))
            raise
        return made


def told(error: Exception) -> str:
    """What to say of an error: its own words where it was raised for people, else its kind, too."""
    if isinstance(error, ComponentInitError):
        return told(error.inner)
    if isinstance(error, InputPropertiesError):
        return "; ".join([error.message, *(each["reason"] for each in error.errors or ())])
    if isinstance(error, InputPropertyError):
        return str(error.reason)
    if isinstance(error, pulumi.RunError) or type(error) is Exception:
        # The SDK raises bare exceptions with what the engine says.
        return str(error)
    return f"{type(error).__name__}: {error}"


def serve(engine: str) -> None:
    """Serves the provider on a loopback port, which it prints, until it is told to stop.

    Args:
        engine: the address of the engine's log.
    """
    asyncio.run(_serve(engine))


async def _serve(engine: str) -> None:
    options = [("grpc.max_receive_message_length", _MESSAGE_BYTES), ("grpc.max_send_message_length", -1)]
    server = grpc.aio.server(options=options)
    servicer = Servicer(Components(), [], engine_address=engine)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(port, flush=True)
    await server.wait_for_termination()
