"""Runs the embedded AWS on a loopback port of this process."""

from __future__ import annotations

import socket
import tempfile
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import make_server

from local.endpoint import HOST, endpoint_of
from local.functions.service import LambdaService

from .calls import Calls
from .front import Front
from .moto_services import MotoServices, fresh_backends

STOP_SECONDS = 0.1  # how soon it notices that it shall end


@dataclass(frozen=True, slots=True)
class Server:
    """The embedded AWS while it runs.

    Attributes:
        port: that it listens on.
        service: Lambda.
        calls: the record of AWS calls.
    """

    port: int
    service: LambdaService
    calls: Calls

    @property
    def endpoint(self) -> str:
        """Its URL."""
        return endpoint_of(self.port)


class _QuietHandler(MotoRequestHandler):
    """Leaves the standard streams alone: calls are recorded by the front."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's name
        """Says nothing."""


@contextmanager
def serve(
    folder: Path | None = None,
    *,
    port: int = 0,
    identity: str | None = None,
    managed_policies: bool = True,
    **service: Any,
) -> Iterator[Server]:
    """Serves the embedded AWS on a thread, empty at first, until the context ends.

    Args:
        folder: for uploaded code and running functions; by default a temporary one.
        port: to listen on; 0 takes a free one.
        identity: what `/_lamina/health` says; by default a new id.
        managed_policies: whether IAM has AWS's own policies.
        service: keyword arguments of `LambdaService` (clock, ids, delays).

    Yields:
        The server.

    Raises:
        OSError: the port is in use.
    """
    with (
        tempfile.TemporaryDirectory(prefix="lamina-aws-") as temporary,
        fresh_backends(managed_policies=managed_policies),
    ):
        listener = _listen(port)
        endpoint = endpoint_of(listener.port)
        lambda_service = LambdaService(folder or Path(temporary), endpoint, **service)
        front = Front(lambda_service, MotoServices(endpoint), identity or str(uuid.uuid4()))
        listener.app = front
        thread = threading.Thread(
            target=listener.serve_forever, args=(STOP_SECONDS,), name="embedded-aws", daemon=True
        )
        thread.start()
        try:
            yield Server(listener.port, lambda_service, front.calls)
        finally:
            listener.shutdown()
            thread.join()
            listener.server_close()
            lambda_service.close()


def _listen(port: int) -> Any:
    # The application needs to know the port, so it is put in place once the socket is bound. The socket is
    # made here because werkzeug ends the process when a port is in use.
    with socket.create_server((HOST, port), backlog=128) as bound:
        number = bound.getsockname()[1]
        return make_server(
            HOST, number, lambda *_: [], threaded=True, request_handler=_QuietHandler, fd=bound.fileno()
        )
