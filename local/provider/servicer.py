"""Pulumi's `ResourceProvider` service: requests into values, one operation, values into replies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc
from typing_extensions import override

from . import lifecycle
from .answers import answering, diff_response, failures_of, ignored, name_of, proposal_of, type_of
from .aws import Aws
from .check import Subject, check
from .clock import Clock
from .configuration import check_configuration, settings
from .errors import ProviderError
from .functions import FUNCTIONS, invoke
from .plan import plan
from .registry import RESOURCES, resource_type
from .values import keep_secrets, marshal, reveal, unmarshal

VERSION = "7.51.1"
"""The version of Pulumi's AWS provider whose behaviour this one follows."""


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """One provider process, which may serve several of an engine's providers.

    An engine has a connection of its own for each of its providers, also where `PULUMI_DEBUG_PROVIDERS` names
    one port for all (pulumi/pulumi, `pkg/resource/plugin/provider_plugin.go`), and no request says whose it
    is. So what is configured holds for the connection over which that came.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._clock = Clock.of(environ)
        # By connection; the newest last, which also serves a connection that was made anew.
        self._configured: dict[str, Aws] = {}

    def _aws(self, context: grpc.ServicerContext) -> Aws:
        """The way to AWS that was configured over the same connection."""
        if not self._configured:
            raise ProviderError("the provider was not configured")
        return self._configured.get(context.peer()) or next(reversed(self._configured.values()))

    @override
    def Handshake(self, request: Any, context: Any) -> provider_pb2.ProviderHandshakeResponse:
        """Says what this provider understands."""
        return provider_pb2.ProviderHandshakeResponse(
            accept_secrets=True,
            accept_resources=False,
            accept_outputs=False,
            supports_autonaming_configuration=True,
        )

    @override
    def Attach(self, request: Any, context: Any) -> empty_pb2.Empty:
        """The engine found this process by PULUMI_DEBUG_PROVIDERS; nothing here calls it back."""
        return empty_pb2.Empty()

    @override
    def GetPluginInfo(self, request: Any, context: Any) -> plugin_pb2.PluginInfo:
        """The version whose behaviour is followed."""
        return plugin_pb2.PluginInfo(version=VERSION)

    @override
    def GetSchema(self, request: Any, context: Any) -> provider_pb2.GetSchemaResponse:
        """The names of all types and functions, enough for the engine to know what is here."""
        package = {
            "name": "aws",
            "version": VERSION,
            "description": "A stand-in for Pulumi's AWS provider",
            "resources": {token: {} for token in sorted(RESOURCES)},
            "functions": {token: {} for token in sorted(FUNCTIONS)},
        }
        return provider_pb2.GetSchemaResponse(schema=json.dumps(package))

    @override
    @answering
    def CheckConfig(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.CheckResponse:
        """Passes the provider's inputs on, if it knows them all."""
        given = unmarshal(request.news)
        return provider_pb2.CheckResponse(
            inputs=marshal(given), failures=failures_of(check_configuration(given))
        )

    @override
    @answering
    def DiffConfig(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        """Whether the provider's inputs have changed; that alone replaces nothing."""
        old, new = unmarshal(request.olds), unmarshal(request.news)
        names = sorted(
            name for name in {*old, *new} - {"version"} if reveal(old.get(name)) != reveal(new.get(name))
        )
        changes = provider_pb2.DiffResponse.DIFF_SOME if names else provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(changes=changes, diffs=names)

    @override
    @answering
    def Configure(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.ConfigureResponse:
        """Sets region, credentials and default tags."""
        given = unmarshal(request.args)
        if not given:
            given = {name.rsplit(":", 1)[-1]: value for name, value in request.variables.items()}
        self._clock.resume()
        wanted = settings(given, self._environ)
        known = self._configured.pop(context.peer(), None)
        if known is None or known.settings != wanted:
            known = Aws(wanted, self._environ, self._clock)
        self._configured[context.peer()] = known
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, supportsPreview=True, supports_autonaming_configuration=True
        )

    @override
    @answering
    def Check(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.CheckResponse:
        """Fills in the inputs and says what is wrong with them."""
        resource, aws = resource_type(type_of(request)), self._aws(context)
        given = unmarshal(request.news)
        subject = Subject(
            type_name=resource.type_name,
            name=name_of(request),
            seed=request.randomSeed,
            region=aws.region,
            default_tags=aws.settings.default_tags,
            proposal=proposal_of(request),
        )
        inputs, failures = check(resource.schema, subject, given, reveal(unmarshal(request.olds)))
        if not failures:
            failures = list(resource.validate(inputs))
        return provider_pb2.CheckResponse(
            inputs=marshal(keep_secrets(inputs, given)), failures=failures_of(failures)
        )

    @override
    @answering
    def Diff(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        """Compares the new inputs with the old outputs."""
        resource = resource_type(type_of(request))
        old, new = reveal(unmarshal(request.olds)), reveal(unmarshal(request.news))
        step = lifecycle.plan_update(resource, old, new, ignored(request))
        return diff_response(resource, step.difference, step.replaces, new)

    @override
    @answering
    def Create(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.CreateResponse:
        """Makes the object, or in a preview tells what is known of it already."""
        resource = resource_type(type_of(request))
        given = unmarshal(request.properties)
        inputs = reveal(given)
        if request.preview:
            planned = plan(resource.schema, inputs, None)
            return provider_pb2.CreateResponse(properties=marshal(keep_secrets(planned, given)))
        identity, state = lifecycle.create(resource, self._aws(context), inputs)
        return provider_pb2.CreateResponse(id=identity, properties=marshal(keep_secrets(state, given)))

    @override
    @answering
    def Read(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.ReadResponse:
        """Refreshes a resource, or adopts an object by its id; an empty answer says that it is gone."""
        resource = resource_type(type_of(request))
        old, given = unmarshal(request.properties), unmarshal(request.inputs)
        if not old:
            adopted = lifecycle.adopt(resource, self._aws(context), request.id)
            if adopted is None:
                return provider_pb2.ReadResponse()
            identity, state, inputs = adopted
            return provider_pb2.ReadResponse(id=identity, properties=marshal(state), inputs=marshal(inputs))
        found = lifecycle.refresh(resource, self._aws(context), request.id, reveal(old), reveal(given))
        if found is None:
            return provider_pb2.ReadResponse()
        state, inputs = found
        return provider_pb2.ReadResponse(
            id=request.id,
            properties=marshal(keep_secrets(keep_secrets(state, old), given)),
            inputs=marshal(keep_secrets(inputs, given)),
        )

    @override
    @answering
    def Update(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.UpdateResponse:
        """Changes the object in place, or in a preview tells what it will be."""
        resource = resource_type(type_of(request))
        old, given = reveal(unmarshal(request.olds)), unmarshal(request.news)
        step = lifecycle.plan_update(resource, old, reveal(given), ignored(request))
        if request.preview:
            return provider_pb2.UpdateResponse(properties=marshal(keep_secrets(step.planned, given)))
        if step.replaces:
            raise ProviderError(
                f"updating {request.urn}: {', '.join(sorted(step.replaces))} cannot change in place"
            )
        state = lifecycle.update(resource, self._aws(context), request.id, old, step)
        return provider_pb2.UpdateResponse(properties=marshal(keep_secrets(state, given)))

    @override
    @answering
    def Delete(self, request: Any, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Takes the object away."""
        resource = resource_type(type_of(request))
        try:
            resource.delete(self._aws(context), request.id, reveal(unmarshal(request.properties)))
        except ProviderError as error:
            raise ProviderError(f"deleting {request.urn}: {error}") from error
        return empty_pb2.Empty()

    @override
    @answering
    def Invoke(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.InvokeResponse:
        """Answers a function of the provider."""
        given = unmarshal(request.args)
        result, failures = invoke(self._aws(context), request.tok, given)
        # The protocol's member is called `return`, which Python only takes as a keyword in a mapping.
        return provider_pb2.InvokeResponse(**{"return": marshal(result)}, failures=failures_of(failures))

    @override
    def Cancel(self, request: Any, context: Any) -> empty_pb2.Empty:
        """Ends every wait that is under way."""
        self._clock.cancel()
        return empty_pb2.Empty()
