"""Runs a Pulumi program against a monitor that records what it registers, and answers as AWS would."""

from __future__ import annotations

import asyncio
import contextvars
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime import rpc, set_all_config
from pulumi.runtime.mocks import MockCallArgs, MockEngine, MockMonitor, MockResourceArgs, Mocks
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import Settings, configure
from pulumi.runtime.stack import run_in_stack

Answer = Callable[[Mapping[str, Any]], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Registered:
    """One resource as the engine would see it."""

    urn: str
    type: str
    name: str
    inputs: Mapping[str, Any]
    parent: str
    dependencies: frozenset[str]
    retained: bool
    imported: str
    protected: bool

    def json(self, name: str) -> Any:
        """An input that is JSON text."""
        return json.loads(self.inputs[name])


@dataclass(slots=True)
class Run:
    """What one run of a program registered."""

    resources: list[Registered] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)
    error: str = ""

    def all(self, kind: str) -> list[Registered]:
        """The resources whose type ends so, such as `Alias`."""
        return [each for each in self.resources if each.type.rpartition(":")[2] == kind]

    def one(self, kind: str, name: str | None = None) -> Registered:
        """The only resource of that type (and name)."""
        found = [each for each in self.all(kind) if name in (None, each.name)]
        assert len(found) == 1, f"{kind} {name}: {[each.urn for each in found]}"
        return found[0]

    def waits_for(self, later: Registered, earlier: Registered) -> bool:
        """Whether a resource can only be registered after another, directly or over others."""
        by_urn = {each.urn: each for each in self.resources}
        todo: list[str] = [later.urn]
        seen: set[str] = set()
        while todo:
            for urn in by_urn[todo.pop()].dependencies - seen:
                seen.add(urn)
                todo += [urn] if urn in by_urn else []
        return earlier.urn in seen


class _NoMocks(Mocks):
    """Is never asked: the monitor answers everything itself."""

    def call(self, args: MockCallArgs) -> Any:
        raise NotImplementedError(args.token)

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        raise NotImplementedError(args.typ)


class _Monitor(MockMonitor):
    """Records registrations with all that the engine is told of them."""

    def __init__(self, *, preview: bool, failing: str | None, answers: Mapping[str, Answer]) -> None:
        super().__init__(_NoMocks())
        self._answers = answers
        self.run = Run()
        self._preview = preview
        self._failing = failing

    def Invoke(self, request: Any) -> resource_pb2.ResourceInvokeResponse:  # noqa: N802
        # The mock's own makes an event loop in each thread that calls it, and closes none.
        answer = self._answers.get(request.tok.rpartition(":")[2])
        if answer is None:
            raise NotImplementedError(request.tok)
        given = struct_pb2.Struct()
        given.update(dict(answer(dict(request.args.items()))))
        # The member is called `return`, which only the generic way can name.
        response = resource_pb2.ResourceInvokeResponse()
        getattr(response, "return").CopyFrom(given)
        return response

    def RegisterResource(self, request: Any) -> resource_pb2.RegisterResourceResponse:  # noqa: N802
        urn = self.make_urn(request.parent, request.type, request.name)
        if request.custom and request.name == self._failing:
            raise RuntimeError(f"{request.name} failed")
        assert not request.ignoreChanges, f"{request.name} ignores changes of {request.ignoreChanges}"
        if request.type != "pulumi:pulumi:Stack":
            self.run.resources.append(_registered(urn, request))
        outputs = struct_pb2.Struct()
        outputs.CopyFrom(request.object)
        known = request.custom and not self._preview
        if known:
            outputs.update(_computed(request.type, request.name, dict(outputs.items())))
            if request.type.endswith(":Invocation"):
                outputs.update({"result": _answered(str(outputs["input"]))})
        return resource_pb2.RegisterResourceResponse(urn=urn, id=_id(urn) if known else "", object=outputs)

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802
        if "::pulumi:pulumi:Stack::" in request.urn:
            self.run.outputs = dict(rpc.deserialize_properties(request.outputs))
        return empty_pb2.Empty()


def _registered(urn: str, request: Any) -> Registered:
    return Registered(
        urn=urn,
        type=request.type,
        name=request.name,
        inputs=rpc.deserialize_properties(request.object),
        parent=request.parent,
        dependencies=frozenset(request.dependencies),
        retained=request.retainOnDelete,
        imported=request.importId,
        protected=request.protect,
    )


def _answered(event: str) -> str:
    """What a handler that knows the smoke event says; any other gives its event back."""
    smoke = json.loads(event).get("lamina", {}).get("smoke")
    return json.dumps({"lamina": {**smoke, "function": "f"}}) if smoke else event


def _id(urn: str) -> str:
    return "id-of-" + urn.rpartition("::")[2]


# What AWS (and Pulumi's naming) adds to the inputs of each type that the components may use.
_COMPUTED: Mapping[str, Mapping[str, str]] = {
    "Alias": {
        "arn": "arn:aws:lambda:{where}:function:{functionName}:{own}",
        "invokeArn": "arn:aws:apigateway:us-west-2:lambda:path/{functionName}:{own}/invocations",
    },
    "Api": {"apiEndpoint": "https://abc.example", "executionArn": "arn:aws:execute-api:{where}:abc"},
    "Bucket": {"bucket": "{named}", "arn": "arn:aws:s3:::{named}"},
    "BucketLifecycleConfiguration": {},
    "BucketObjectv2": {},
    "BucketOwnershipControls": {},
    "BucketPolicy": {},
    "BucketPublicAccessBlock": {},
    "BucketServerSideEncryptionConfiguration": {},
    "BucketVersioning": {},
    "EventRule": {"name": "{own}", "arn": "arn:aws:events:{where}:rule/{own}"},
    "EventSourceMapping": {"uuid": "5f3c"},
    "EventTarget": {},
    "Function": {
        "arn": "arn:aws:lambda:{where}:function:{own}",
        "version": "3",
        "qualifiedArn": "arn:aws:lambda:{where}:function:{own}:3",
    },
    "Integration": {},
    "Invocation": {},
    "LayerVersion": {"version": "7", "arn": "arn:aws:lambda:{where}:layer:{layerName}:7"},
    "LogGroup": {"name": "{own}", "arn": "arn:aws:logs:{where}:log-group:{own}"},
    "MetricAlarm": {},
    "Permission": {},
    "Queue": {"url": "https://sqs.example/{named}", "arn": "arn:aws:sqs:{where}:{named}"},
    "Role": {"name": "{own}", "arn": "arn:aws:iam::123456789012:role/{own}"},
    "RolePolicy": {},
    "Route": {},
    "Stage": {},
}


def _computed(kind: str, name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    named = f"{name}-1234567"
    words = {"named": named, "own": inputs.get("name", named), "where": "us-west-2:123456789012", **inputs}
    return {key: text.format(**words) for key, text in _COMPUTED[kind.rpartition(":")[2]].items()}


def run(
    program: Callable[[], object],
    *,
    preview: bool = False,
    config: Mapping[str, str] | None = None,
    secret: Sequence[str] = (),
    stack: str = "staging",
    failing: str | None = None,
    answers: Mapping[str, Answer] | None = None,
) -> Run:
    """Runs a program from nothing.

    Args:
        program: what `__main__.py` would do.
        preview: whether AWS' part of the outputs is unknown, as in a preview of a new stack.
        config: the stack's configuration, with namespaces.
        secret: the keys of it whose values are secret.
        stack: its name.
        failing: the name of a resource that AWS refuses; what the program then dies of is the run's `error`.
        answers: of the provider's functions, by the end of their names, such as `getObjects`.
    """
    monitor = _Monitor(preview=preview, failing=failing, answers=answers or {})

    # As Pulumi's host does: a run that fails leaves futures that nobody looks at.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)

    def fresh() -> None:
        logger = logging.getLogger("pulumi.program")
        configure(
            Settings(
                project="lamina", stack=stack, monitor=monitor, engine=MockEngine(logger), dry_run=preview
            )
        )
        set_all_config(dict(config or {}), list(secret))

        def body() -> None:
            program()

        asyncio.run(run_in_stack(body))

    try:
        contextvars.Context().run(fresh)
    except Exception as error:
        if failing is None:
            raise
        monitor.run.error = str(error)
    return monitor.run
