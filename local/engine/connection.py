"""The way to a provider: a port that `PULUMI_DEBUG_PROVIDERS` names, or that of a process started for it."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import grpc
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from .errors import EngineError

READY_SECONDS = 20.0
_MESSAGE_BYTES = 400 << 20
# What grpc-go, and so the real engine, takes (defaultClientMaxHeaderListSize).
_TRAILER_BYTES = 16 << 20
_HOME = Path(__file__).resolve().parents[2]
_DEBUG = "PULUMI_DEBUG_PROVIDERS"


def attached(package: str) -> int | None:
    """The port that `PULUMI_DEBUG_PROVIDERS` (`PACKAGE:PORT,...`) has for a package.

    Raises:
        EngineError: what it has is no port.
    """
    for entry in os.environ.get(_DEBUG, "").split(","):
        name, _, port = entry.partition(":")
        if name == package:
            if not port.isdigit():
                raise EngineError(f"{_DEBUG} names no port for {package}: {entry!r}")
            return int(port)
    return None


def environment() -> Mapping[str, str]:
    """What a process needs that is started in another folder: the stand-in must be importable there."""
    path = os.pathsep.join([str(_HOME), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**os.environ, "PYTHONPATH": path}


@contextlib.contextmanager
def ended(process: subprocess.Popen[str], package: str) -> Iterator[int]:
    """Gives the port that a provider prints when it has started, and ends it with the context.

    Raises:
        EngineError: it prints none.
    """
    try:
        line = process.stdout.readline().strip() if process.stdout else ""
        if not line.isdigit():
            raise EngineError(f"the provider of package {package} did not start; it said {line!r}")
        yield int(line)
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def channel_to(package: str, port: int, folder: Path) -> Iterator[grpc.Channel]:
    """Connects to a provider, and tells it where the program is.

    Args:
        package: whose it is.
        port: on the loopback interface.
        folder: the program's.

    Raises:
        EngineError: it does not answer, or refuses.
    """
    options = [
        ("grpc.max_receive_message_length", _MESSAGE_BYTES),
        ("grpc.max_send_message_length", -1),
        # What fails tells its state in trailers: a large one would be lost, and the reason with it.
        ("grpc.max_metadata_size", _TRAILER_BYTES),
        ("grpc.absolute_max_metadata_size", _TRAILER_BYTES),
        # A connection of its own, which is what a provider tells the engine's providers apart by.
        ("grpc.use_local_subchannel_pool", 1),
    ]
    with grpc.insecure_channel(f"127.0.0.1:{port}", options=options) as channel:
        try:
            grpc.channel_ready_future(channel).result(timeout=READY_SECONDS)
        except grpc.FutureTimeoutError as error:
            raise EngineError(f"the provider of package {package} does not answer on port {port}") from error
        _greet(provider_pb2_grpc.ResourceProviderStub(channel), package, folder, port)
        yield channel


def _greet(stub: provider_pb2_grpc.ResourceProviderStub, package: str, folder: Path, port: int) -> None:
    # Attach and handshake are optional (provider.proto); a provider without them says so.
    calls: list[Callable[[], object]] = [
        lambda: stub.Attach(plugin_pb2.PluginAttach(address=f"127.0.0.1:{port}")),
        lambda: stub.Handshake(provider_pb2.ProviderHandshakeRequest(program_directory=str(folder))),
    ]
    for call in calls:
        try:
            call()
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.UNIMPLEMENTED:
                reason = error.details() or error.code().name
                raise EngineError(f"the provider of package {package} cannot be used: {reason}") from error
