"""What requests of Pulumi's `ResourceProvider` service name, and the replies and errors that answer them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import grpc
from google.protobuf import any_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from .check import Failure
from .diff import Change, Difference, explicit_name, top_level
from .errors import ProviderError, UnknownNameError
from .lifecycle import InitError
from .naming import Mode, Proposal
from .resource import Resource
from .values import State, keep_secrets, marshal, unmarshal

Call = TypeVar("Call", bound=Callable[..., Any])
_KINDS: Mapping[tuple[Change, bool], Any] = {
    (Change.ADD, False): provider_pb2.PropertyDiff.ADD,
    (Change.ADD, True): provider_pb2.PropertyDiff.ADD_REPLACE,
    (Change.DELETE, False): provider_pb2.PropertyDiff.DELETE,
    (Change.DELETE, True): provider_pb2.PropertyDiff.DELETE_REPLACE,
    (Change.UPDATE, False): provider_pb2.PropertyDiff.UPDATE,
    (Change.UPDATE, True): provider_pb2.PropertyDiff.UPDATE_REPLACE,
}


def answering(call: Call) -> Call:
    """Turns the provider's errors into the statuses that the engine expects."""

    @functools.wraps(call)
    def answer(
        self: provider_pb2_grpc.ResourceProviderServicer, request: Any, context: grpc.ServicerContext
    ) -> Any:
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


def type_of(request: Any) -> str:
    """The resource type that a request is about; engines before 3.133 only sent it within the URN."""
    return str(request.type or request.urn.split("::")[2].split("$")[-1])


def name_of(request: Any) -> str:
    """The resource's own name, which such engines only sent within the URN, too."""
    return str(request.name or request.urn.split("::", 3)[3])


def proposal_of(request: Any) -> Proposal | None:
    """The name that the engine proposes, and whether it has to be that one."""
    if not request.HasField("autonaming"):
        return None
    return Proposal(request.autonaming.proposed_name, Mode(request.autonaming.mode))


def ignored(request: Any) -> frozenset[str]:
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


def failures_of(found: list[Failure]) -> list[provider_pb2.CheckFailure]:
    """What is wrong with inputs, as the engine wants to hear it."""
    return [provider_pb2.CheckFailure(property=each.path, reason=each.reason) for each in found]


def diff_response(
    resource: Resource, difference: Difference, replaces: frozenset[str], inputs: State
) -> provider_pb2.DiffResponse:
    """The reply to Diff: what changes, what of that replaces, and in which order."""
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
