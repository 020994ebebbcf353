"""The engine's side of the provider protocol, as small as tests need it."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping
from typing import Any

import grpc
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from local.provider.values import State, marshal, unmarshal


@dataclasses.dataclass
class Made:
    """A resource as the engine keeps it."""

    type_name: str
    name: str
    identity: str
    inputs: State
    outputs: State


class CheckError(AssertionError):
    """The provider refused the inputs; maps paths to reasons."""

    def __init__(self, failures: Mapping[str, str]) -> None:
        super().__init__(str(failures))
        self.failures = failures


class Engine:
    """Drives a provider over gRPC."""

    def __init__(self, port: int) -> None:
        self.channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self.stub: Any = provider_pb2_grpc.ResourceProviderStub(self.channel)
        self._seeds = itertools.count(1)

    def configure(self, **args: Any) -> Any:
        return self.stub.Configure(
            provider_pb2.ConfigureRequest(args=marshal(args), acceptSecrets=True, acceptResources=True)
        )

    def check(self, type_name: str, name: str, inputs: State, old: State | None = None) -> State:
        request = provider_pb2.CheckRequest(
            urn=urn(type_name, name),
            type=type_name,
            name=name,
            news=marshal(inputs),
            olds=marshal(old or {}),
            randomSeed=next(self._seeds).to_bytes(32, "big"),
        )
        answer = self.stub.Check(request)
        if answer.failures:
            raise CheckError({each.property: each.reason for each in answer.failures})
        return unmarshal(answer.inputs)

    def preview(self, type_name: str, name: str, inputs: State) -> State:
        checked = self.check(type_name, name, inputs)
        request = provider_pb2.CreateRequest(
            urn=urn(type_name, name), type=type_name, name=name, properties=marshal(checked), preview=True
        )
        return unmarshal(self.stub.Create(request).properties)

    def create(self, type_name: str, name: str, inputs: State) -> Made:
        checked = self.check(type_name, name, inputs)
        request = provider_pb2.CreateRequest(
            urn=urn(type_name, name), type=type_name, name=name, properties=marshal(checked)
        )
        answer = self.stub.Create(request)
        return Made(type_name, name, answer.id, checked, unmarshal(answer.properties))

    def diff(self, made: Made, inputs: State, ignored: tuple[str, ...] = ()) -> Any:
        return self.stub.Diff(
            provider_pb2.DiffRequest(
                id=made.identity,
                urn=urn(made.type_name, made.name),
                type=made.type_name,
                name=made.name,
                olds=marshal(made.outputs),
                old_inputs=marshal(made.inputs),
                news=marshal(self.check(made.type_name, made.name, inputs, made.inputs)),
                ignoreChanges=ignored,
            )
        )

    def update(self, made: Made, inputs: State, *, preview: bool = False) -> Made:
        checked = self.check(made.type_name, made.name, inputs, made.inputs)
        answer = self.stub.Update(
            provider_pb2.UpdateRequest(
                id=made.identity,
                urn=urn(made.type_name, made.name),
                type=made.type_name,
                name=made.name,
                olds=marshal(made.outputs),
                old_inputs=marshal(made.inputs),
                news=marshal(checked),
                preview=preview,
            )
        )
        return dataclasses.replace(made, inputs=checked, outputs=unmarshal(answer.properties))

    def refresh(self, made: Made) -> Made | None:
        answer = self.stub.Read(
            provider_pb2.ReadRequest(
                id=made.identity,
                urn=urn(made.type_name, made.name),
                type=made.type_name,
                name=made.name,
                properties=marshal(made.outputs),
                inputs=marshal(made.inputs),
            )
        )
        if not answer.id:
            return None
        return dataclasses.replace(
            made, inputs=unmarshal(answer.inputs), outputs=unmarshal(answer.properties)
        )

    def adopt(self, type_name: str, name: str, identity: str) -> Made | None:
        answer = self.stub.Read(
            provider_pb2.ReadRequest(id=identity, urn=urn(type_name, name), type=type_name, name=name)
        )
        if not answer.id:
            return None
        return Made(type_name, name, answer.id, unmarshal(answer.inputs), unmarshal(answer.properties))

    def delete(self, made: Made) -> None:
        self.stub.Delete(
            provider_pb2.DeleteRequest(
                id=made.identity,
                urn=urn(made.type_name, made.name),
                type=made.type_name,
                name=made.name,
                properties=marshal(made.outputs),
                old_inputs=marshal(made.inputs),
            )
        )

    def invoke(self, function: str, arguments: State) -> State:
        answer = self.stub.Invoke(provider_pb2.InvokeRequest(tok=function, args=marshal(arguments)))
        if answer.failures:
            raise CheckError({each.property: each.reason for each in answer.failures})
        return unmarshal(getattr(answer, "return"))


def urn(type_name: str, name: str) -> str:
    return f"urn:pulumi:test::project::{type_name}::{name}"


def kinds(diff: Any) -> dict[str, str]:
    """The detailed difference as path to kind."""
    return {path: provider_pb2.PropertyDiff.Kind.Name(each.kind) for path, each in diff.detailedDiff.items()}


def init_error(error: grpc.RpcError) -> Any:
    """The state that a failed operation left, None when it left nothing."""
    call: Any = error
    for name, value in call.trailing_metadata() or ():
        if name == "grpc-status-details-bin":
            status = status_pb2.Status.FromString(value)
            found = provider_pb2.ErrorResourceInitFailed()
            status.details[0].Unpack(found)
            return found
    return None
