"""A provider of one kind of thing, kept in memory, whose inputs say how it behaves."""

from __future__ import annotations

import threading
import time
from typing import Any

import grpc
from google.protobuf import any_pb2, empty_pb2, struct_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from local.engine.values import from_struct, to_struct, unwrapped


class Things(provider_pb2_grpc.ResourceProviderServicer):
    """Makes things of any type.

    Inputs with a meaning: `fail`, `failUpdate`, `failDelete` (the call fails with that text), `partial`
    (made, but not as it should be), `partialUpdate` (the same of an update), `slow` and `slowRead`
    (seconds), `fixed` (cannot be changed in place), `first` (must be deleted before it is made anew),
    `vanish` (as if the provider died), `refused` (a check fails with that text).
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.things: dict[str, dict[str, Any]] = {}
        self.calls: list[str] = []
        self.made = 0
        self.configured: dict[str, Any] = {}
        # The settings that came over each connection, and the region in which a thing was made or deleted.
        self._settings: dict[str, dict[str, Any]] = {}
        self.regions: dict[str, Any] = {}

    def note(self, what: str) -> None:
        with self.lock:
            self.calls.append(what)

    def Attach(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        return empty_pb2.Empty()

    def Handshake(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        return provider_pb2.ProviderHandshakeResponse()

    def Cancel(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        self.note("cancel")
        return empty_pb2.Empty()

    def CheckConfig(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        same = request.olds == request.news
        changes = provider_pb2.DiffResponse.DIFF_NONE if same else provider_pb2.DiffResponse.DIFF_SOME
        return provider_pb2.DiffResponse(changes=changes)

    def Configure(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        self.configured = self._settings[context.peer()] = unwrapped(from_struct(request.args))
        return provider_pb2.ConfigureResponse(supportsPreview=True)

    def Check(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        news = from_struct(request.news)
        if "refused" in news:
            failure = provider_pb2.CheckFailure(property="refused", reason=news["refused"])
            return provider_pb2.CheckResponse(failures=[failure])
        return provider_pb2.CheckResponse(inputs=request.news)

    def Diff(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        olds, news = from_struct(request.olds), from_struct(request.news)
        keys = sorted({key for key in {*olds, *news} - {"made"} if olds.get(key) != news.get(key)})
        some = provider_pb2.DiffResponse.DIFF_SOME if keys else provider_pb2.DiffResponse.DIFF_NONE
        replaces = [key for key in keys if key == "fixed"]
        first = bool(news.get("first")) and bool(replaces)
        return provider_pb2.DiffResponse(
            changes=some, diffs=keys, replaces=replaces, deleteBeforeReplace=first
        )

    def Create(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        inputs = from_struct(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(properties=request.properties)
        self.note(f"create {request.name}")
        self.regions[request.name] = self._settings[context.peer()].get("region")
        time.sleep(inputs.get("slow", 0))
        if "vanish" in inputs:
            # What the engine sees of a provider whose process ends in a call.
            context.abort(grpc.StatusCode.UNAVAILABLE, "Socket closed")
        if "fail" in inputs:
            context.abort(grpc.StatusCode.UNKNOWN, inputs["fail"])
        with self.lock:
            self.made += 1
            outputs = {**inputs, "made": self.made}
            identity = f"{request.name}-{self.made}"
            self.things[identity] = outputs
        if "partial" in inputs:
            _abort_unfinished(context, identity, outputs, inputs["partial"])
        return provider_pb2.CreateResponse(id=identity, properties=to_struct(outputs))

    def Read(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        slow = from_struct(request.properties).get("slowRead", 0)
        if slow:
            self.note(f"read {request.name}")
            time.sleep(slow)
        found = self.things.get(request.id)
        if found is None:
            return provider_pb2.ReadResponse()
        inputs = request.inputs
        if not inputs.fields:
            # An import: what it was made of is all that is known of it.
            inputs = to_struct({name: value for name, value in found.items() if name != "made"})
        return provider_pb2.ReadResponse(id=request.id, properties=to_struct(found), inputs=inputs)

    def Update(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        news, olds = from_struct(request.news), from_struct(request.olds)
        if not request.preview:
            self.note(f"update {request.name}")
            if "failUpdate" in news:
                context.abort(grpc.StatusCode.UNKNOWN, news["failUpdate"])
            self.things[request.id] = {**news, "made": olds["made"]}
            if "partialUpdate" in news:
                _abort_unfinished(context, request.id, self.things[request.id], news["partialUpdate"])
        return provider_pb2.UpdateResponse(properties=to_struct({**news, "made": olds["made"]}))

    def Delete(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        self.note(f"delete {request.name}")
        self.regions[request.name] = self._settings[context.peer()].get("region")
        properties = from_struct(request.properties)
        if "failDelete" in properties:
            context.abort(grpc.StatusCode.UNKNOWN, properties["failDelete"])
        self.things.pop(request.id, None)
        return empty_pb2.Empty()

    def Invoke(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        answer = provider_pb2.InvokeResponse()
        region = self._settings[context.peer()].get("region")
        getattr(answer, "return").CopyFrom(to_struct({"echo": from_struct(request.args), "region": region}))
        return answer


def _abort_unfinished(
    context: grpc.ServicerContext, identity: str, outputs: dict[str, Any], reason: str
) -> None:
    detail = provider_pb2.ErrorResourceInitFailed(id=identity, reasons=[reason], inputs=struct_pb2.Struct())
    detail.properties.CopyFrom(to_struct(outputs))
    packed = any_pb2.Any()
    packed.Pack(detail)
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=reason, details=[packed])
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, reason)
