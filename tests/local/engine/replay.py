"""A provider that answers as one did in a recorded run, and notes what it is asked."""

from __future__ import annotations

import contextlib
import json
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2, json_format
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

RECORDINGS = Path(__file__).parents[2] / "data" / "recordings"

Call = dict[str, Any]

# What differs from run to run, or is said about the two ends of the wire rather than about resources.
_VOLATILE = {"randomSeed", "resourceStatusAddress", "resourceStatusToken", "acceptResources", "acceptSecrets"}
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_HASH = re.compile(r"[0-9a-f]{64}")


def recorded(run: str) -> list[Call]:
    """The calls to the provider in a recorded run, in the order in which they ended."""
    lines = (RECORDINGS / f"{run}.grpc.jsonl").read_text("utf-8").splitlines()
    calls = [json.loads(line) for line in lines]
    return [call for call in calls if call["call"].startswith("ResourceProvider/")]


def essential(value: Any) -> Any:
    """A request or a state without what differs from run to run."""
    if isinstance(value, dict):
        return {key: essential(each) for key, each in value.items() if key not in _VOLATILE}
    if isinstance(value, list):
        return [essential(each) for each in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return _HASH.sub("HASH", _UUID.sub("UUID", value)) if isinstance(value, str) else value


def method(call: Call) -> str:
    return str(call["call"]).removeprefix("ResourceProvider/")


class Replay(provider_pb2_grpc.ResourceProviderServicer):
    """Answers each request as an equal one was answered in the recording."""

    def __init__(self, run: str) -> None:
        self._lock = threading.Lock()
        self.left = recorded(run)
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.unknown: list[str] = []

    def _answer(self, name: str, request: Any, context: grpc.ServicerContext, made: Callable[[], Any]) -> Any:
        asked = essential(json_format.MessageToDict(request))
        with self._lock:
            self.asked.append((name, asked))
            call = next((each for each in self.left if method(each) == name and _same(each, asked)), None)
            if call is None:
                self.unknown.append(f"{name} {json.dumps(asked, sort_keys=True)}")
                context.abort(grpc.StatusCode.UNKNOWN, f"this {name} is not in the recording")
                raise AssertionError
            self.left.remove(call)
        if call.get("errors"):
            context.abort(grpc.StatusCode.UNKNOWN, call["errors"][0].partition("desc = ")[2])
        return json_format.ParseDict(call["response"] or {}, made(), ignore_unknown_fields=True)

    def Attach(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        return empty_pb2.Empty()

    def Handshake(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        return provider_pb2.ProviderHandshakeResponse()

    def CheckConfig(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        return self._answer("CheckConfig", request, context, provider_pb2.CheckResponse)

    def DiffConfig(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        return self._answer("DiffConfig", request, context, provider_pb2.DiffResponse)

    def Configure(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        return self._answer("Configure", request, context, provider_pb2.ConfigureResponse)

    def Check(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        return self._answer("Check", request, context, provider_pb2.CheckResponse)

    def Diff(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        return self._answer("Diff", request, context, provider_pb2.DiffResponse)

    def Create(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        return self._answer("Create", request, context, provider_pb2.CreateResponse)

    def Read(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        return self._answer("Read", request, context, provider_pb2.ReadResponse)

    def Update(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        return self._answer("Update", request, context, provider_pb2.UpdateResponse)

    def Delete(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        return self._answer("Delete", request, context, empty_pb2.Empty)

    def Cancel(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        return empty_pb2.Empty()


def _same(call: Call, asked: dict[str, Any]) -> bool:
    wanted = essential(call["request"])
    # The unknown provider id of a preview is a made-up one here; both are no resource's business.
    if method(call) == "Configure":
        return bool({**wanted, "id": ""} == {**asked, "id": ""})
    return bool(wanted == asked)


@contextlib.contextmanager
def serving(servicer: provider_pb2_grpc.ResourceProviderServicer) -> Iterator[int]:
    """Serves a provider on a loopback port."""
    server = grpc.server(ThreadPoolExecutor(32))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield port
    finally:
        server.stop(None).wait()
