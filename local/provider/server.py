"""Serves the provider on a loopback port."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from concurrent import futures

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from .errors import ProviderError
from .servicer import Provider

_THREADS = 32
_LARGEST_MESSAGE = 400 * 1024 * 1024
"""Bytes; the engine's own limit."""


@contextlib.contextmanager
def serve(port: int = 0, environ: Mapping[str, str] = os.environ) -> Iterator[int]:
    """Serves the provider as long as the context lasts and gives its port; 0 takes a free one.

    Args:
        port: The port on 127.0.0.1.
        environ: Where AWS_ENDPOINT_URL, credentials, region and LAMINA_CLOCK_SCALE come from.

    Raises:
        ProviderError: when the port is taken or a variable makes no sense.
    """
    options = [
        ("grpc.max_receive_message_length", _LARGEST_MESSAGE),
        ("grpc.max_send_message_length", _LARGEST_MESSAGE),
        ("grpc.so_reuseport", 0),
    ]
    server = grpc.server(futures.ThreadPoolExecutor(_THREADS, thread_name_prefix="provider"), options=options)
    provider = Provider(environ)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server)
    try:
        bound = server.add_insecure_port(f"127.0.0.1:{port}")
    except RuntimeError as error:
        raise ProviderError(f"cannot listen on 127.0.0.1:{port}: {error}") from None
    server.start()
    try:
        yield bound
    finally:
        server.stop(grace=1.0).wait()
