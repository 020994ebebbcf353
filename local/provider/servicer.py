"""Pulumi's `ResourceProvider` service: requests into values, one operation, values into replies."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import grpc
from google.protobuf import any_pb2, empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2
from typing_extensions import override

from . import lifecycle
from .aws import Aws
from .check import Failure, Subject, check
from .clock import Clock
from .configuration import check_configuration, settings
from .diff import Change, Difference, explicit_name, top_level
from .errors import ProviderError, UnknownNameError
from .functions import FUNCTIONS, invoke
from .lifecycle import InitError
from .naming import Mode, Proposal
from .plan import plan
from .registry import RESOURCES, resource_type
from .resource import Resource
from .values import State, keep_secrets, marshal, reveal, unmarshal

VERSION = "7.51.1"
"""The version of Pulumi's AWS provider whose behaviour this one follows."""

Call = TypeVar("Call", bound=Callable[..., Any])

_KINDS: Mapping[tuple[Change, bool], Any] = {
    (Change.ADD, False): provider_pb2.PropertyDiff.ADD,
    (Change.ADD, True): provider_pb2.PropertyDiff.ADD_REPLACE,
    (Change.DELETE, False): provider_pb2.PropertyDiff.DELETE,
    (Change.DELETE, True): provider_pb2.PropertyDiff.DELETE_REPLACE,
    (Change.UPDATE, False): provider_pb2.PropertyDiff.UPDATE,
    (Change.UPDATE, True): provider_pb2.PropertyDiff.UPDATE_REPLACE,
}


def _answering(call: Call) -> Call:
    """Turns the provider's errors into the statuses that the engine expects."""

    @functools.wraps(call)
    def answer(self: Provider, request: Any, context: grpc.ServicerContext) -> Any:
        try:
            return call(self, request, context)
        except InitError as error:
            _abort_initialised(error, request, context)
        except UnknownNameError as error:
            context.abort(grpc.StatusCode.NOT_FOUND, str(error))
        except (ProviderError, ValueError, OSError) as error:
            context.abort(grpc.StatusCode.UNKNOWN, f"1 error occurred:\n\t* {error}\n\n")

    return answer  # type: ignore[return-value]  # wraps keeps the call's signature, which mypy cannot see


def _abort_initialised(error: InitError, request: Any, context: grpc.ServicerContext) -> None:
    """Fails with the state that the object has, as the bridge's `initializationError` does."""
    verb = "creating" if isinstance(request, provider_pb2.CreateRequest) else "updating"
    reason = f"{verb} {request.urn}: 1 error occurred:\n\t* {error}\n\n"
    given = unmarshal(request.properties if verb == "creating" else request.news)
    detail = provider_pb2.ErrorResourceInitFailed(
        id=error.identity,
        properties=marshal(keep_secrets(error.state, given)),
        reasons=[reason],
        inputs=marshal(given),
    )
    packed = any_pb2.Any()
    packed.Pack(detail)
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=reason, details=[packed])
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, reason)


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
    @_answering
    def CheckConfig(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.CheckResponse:
        """Passes the provider's inputs on, if it knows them all."""
        given = unmarshal(request.news)
        return provider_pb2.CheckResponse(
            inputs=marshal(given), failures=_failures(check_configuration(given))
        )

    @override
    @_answering
    def DiffConfig(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        """Whether the provider's inputs have changed; that alone replaces nothing."""
        old, new = unmarshal(request.olds), unmarshal(request.news)
        names = sorted(
            name for name in {*old, *new} - {"version"} if reveal(old.get(name)) != reveal(new.get(name))
        )
        changes = provider_pb2.DiffResponse.DIFF_SOME if names else provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(changes=changes, diffs=names)

    @override
    @_answering
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
    @_answering
    def Check(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.CheckResponse:
        """Fills in the inputs and says what is wrong with them."""
        resource, aws = resource_type(_type(request)), self._aws(context)
        given = unmarshal(request.news)
        subject = Subject(
            type_name=resource.type_name,
            name=_name(request),
            seed=request.randomSeed,
            region=aws.region,
            default_tags=aws.settings.default_tags,
            proposal=_proposal(request),
        )
        inputs, failures = check(resource.schema, subject, given, reveal(unmarshal(request.olds)))
        if not failures:
            failures = list(resource.validate(inputs))
        return provider_pb2.CheckResponse(
            inputs=marshal(keep_secrets(inputs, given)), failures=_failures(failures)
        )

    @override
    @_answering
    def Diff(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        """Compares the new inputs with the old outputs."""
        resource = resource_type(_type(request))
        old, new = reveal(unmarshal(request.olds)), reveal(unmarshal(request.news))
        step = lifecycle.plan_update(resource, old, new, _ignored(request))
        return _diff_response(resource, step.difference, step.replaces, new)

    @override
    @_answering
    def Create(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.CreateResponse:
        """Makes the object, or in a preview tells what is known of it already."""
        resource = resource_type(_type(request))
        given = unmarshal(request.properties)
        inputs = reveal(given)
        if request.preview:
            planned = plan(resource.schema, inputs, None)
            return provider_pb2.CreateResponse(properties=marshal(keep_secrets(planned, given)))
        identity, state = lifecycle.create(resource, self._aws(context), inputs)
        return provider_pb2.CreateResponse(id=identity, properties=marshal(keep_secrets(state, given)))

    @override
    @_answering
    def Read(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.ReadResponse:
        """Refreshes a resource, or adopts an object by its id; an empty answer says that it is gone."""
        resource = resource_type(_type(request))
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
    @_answering
    def Update(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.UpdateResponse:
        """Changes the object in place, or in a preview tells what it will be."""
        resource = resource_type(_type(request))
        old, given = reveal(unmarshal(request.olds)), unmarshal(request.news)
        step = lifecycle.plan_update(resource, old, reveal(given), _ignored(request))
        if request.preview:
            return provider_pb2.UpdateResponse(properties=marshal(keep_secrets(step.planned, given)))
        if step.replaces:
            raise ProviderError(
                f"updating {request.urn}: {', '.join(sorted(step.replaces))} cannot change in place"
            )
        state = lifecycle.update(resource, self._aws(context), request.id, old, step)
        return provider_pb2.UpdateResponse(properties=marshal(keep_secrets(state, given)))

    @override
    @_answering
    def Delete(self, request: Any, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Takes the object away."""
        resource = resource_type(_type(request))
        try:
            resource.delete(self._aws(context), request.id, reveal(unmarshal(request.properties)))
        except ProviderError as error:
            raise ProviderError(f"deleting {request.urn}: {error}") from error
        return empty_pb2.Empty()

    @override
    @_answering
    def Invoke(self, request: Any, context: grpc.ServicerContext) -> provider_pb2.InvokeResponse:
        """Answers a function of the provider."""
        given = unmarshal(request.args)
        result, failures = invoke(self._aws(context), request.tok, given)
        # The protocol's member is called `return`, which Python only takes as a keyword in a mapping.
        return provider_pb2.InvokeResponse(**{"return": marshal(result)}, failures=_failures(failures))

    @override
    def Cancel(self, request: Any, context: Any) -> empty_pb2.Empty:
        """Ends every wait that is under way."""
        self._clock.cancel()
        return empty_pb2.Empty()


def _type(request: Any) -> str:
    """The resource type that a request is about; engines before 3.133 only sent it within the URN."""
    return str(request.type or request.urn.split("::")[2].split("$")[-1])


def _name(request: Any) -> str:
    return str(request.name or request.urn.split("::", 3)[3])


def _proposal(request: Any) -> Proposal | None:
    if not request.HasField("autonaming"):
        return None
    return Proposal(request.autonaming.proposed_name, Mode(request.autonaming.mode))


def _ignored(request: Any) -> frozenset[str]:
    """The top-level properties that the program wants left as they are.

    Raises:
        ProviderError: for a path into a property, which the stand-in does not know.
    """
    nested = sorted(path for path in request.ignoreChanges if path != top_level(path))
    if nested:
        raise ProviderError(
            f"ignoreChanges within a property is not known to the stand-in: {', '.join(nested)}"
        )
    return frozenset(request.ignoreChanges)


def _failures(found: list[Failure]) -> list[provider_pb2.CheckFailure]:
    return [provider_pb2.CheckFailure(property=each.path, reason=each.reason) for each in found]


def _diff_response(
    resource: Resource, difference: Difference, replaces: frozenset[str], inputs: State
) -> provider_pb2.DiffResponse:
    schema = resource.schema
    replaced = replaces & difference.names
    stables = sorted(
        name for name, each in schema.properties.items() if each.replaces and name not in replaced
    )
    some = bool(difference.changes)
    return provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME if some else provider_pb2.DiffResponse.DIFF_NONE,
        replaces=sorted(replaced),
        stables=stables,
        deleteBeforeReplace=bool(replaced) and (schema.deletes_first or explicit_name(schema, inputs)),
        diffs=sorted(difference.names),
        detailedDiff={
            path: provider_pb2.PropertyDiff(kind=_KINDS[change, top_level(path) in replaced])
            for path, change in difference.changes.items()
        },
        hasDetailedDiff=True,
    )
