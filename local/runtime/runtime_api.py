"""The Runtime API of one environment, where `awslambdaric` gets its invocations.

AWS docs, "Using the Lambda runtime API for custom runtimes".
"""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from . import platform_log
from .platform_log import Outcome

PREFIX = "/2018-06-01/runtime"
MAX_RESPONSE = 6 * 1024 * 1024 + 100  # Lambda: 6,291,556 bytes
ERROR_TYPE_HEADER = "Lambda-Runtime-Function-Error-Type"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """What the runtime client gets to handle.

    Attributes:
        request_id: the id of the request.
        event: the payload.
        deadline: in milliseconds since 1970.
        arn: what was invoked, with its qualifier.
        trace_id: the header of X-Ray.
        client_context: as JSON, or None.
    """

    request_id: str
    event: bytes
    deadline: int
    arn: str
    trace_id: str
    client_context: str | None = None

    def headers(self) -> dict[str, str]:
        """Gives the headers that describe the invocation to the runtime client."""
        given = {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": self.request_id,
            "Lambda-Runtime-Deadline-Ms": str(self.deadline),
            "Lambda-Runtime-Invoked-Function-Arn": self.arn,
            "Lambda-Runtime-Trace-Id": self.trace_id,
        }
        if self.client_context is not None:
            given["Lambda-Runtime-Client-Context"] = self.client_context
        return given


class Exchange:
    """Hands one invocation at a time from whoever invokes to the runtime client, and its outcome back."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting = False
        self._pending: Invocation | None = None
        self._running: Invocation | None = None
        self._outcome: Outcome | None = None
        self._init_error: Outcome | None = None
        self._returncode: int | None = None

    # The side that invokes.

    def wait_until_ready(self, until: float) -> bool:
        """Waits until the client asks for work.

        Args:
            until: on the monotonic clock.

        Returns:
            False when the process ended or reported that it cannot start, or when the time is over.
        """
        with self._changed:
            while not self._waiting and self._init_error is None and self._returncode is None:
                if not self._changed.wait(until - time.monotonic()):
                    return False
            return self._waiting and self._returncode is None

    def submit(self, invocation: Invocation) -> None:
        """Gives the client something to do.

        Args:
            invocation: what; the one before has its outcome.
        """
        with self._changed:
            self._pending, self._outcome = invocation, None
            self._changed.notify_all()

    def wait_for_outcome(self, until: float) -> Outcome | None:
        """Waits for the answer to what was submitted.

        Args:
            until: on the monotonic clock.

        Returns:
            The outcome, or None when the process ended or the time is over.
        """
        with self._changed:
            while self._outcome is None and self._returncode is None:
                if not self._changed.wait(until - time.monotonic()):
                    return None
            return self._outcome

    @property
    def init_error(self) -> Outcome | None:
        """Why the client could not start, if it said so."""
        return self._init_error

    @property
    def returncode(self) -> int | None:
        """What the process ended with, once it has."""
        return self._returncode

    def process_ended(self, returncode: int) -> None:
        """Tells everybody who waits that nothing will come any more.

        Args:
            returncode: as `subprocess` gives it.
        """
        with self._changed:
            self._returncode = returncode
            self._changed.notify_all()

    # The side of the runtime client.

    def next(self) -> Invocation | None:
        """Waits for work.

        Returns:
            The invocation, or None when the process has ended meanwhile.
        """
        with self._changed:
            self._waiting = True
            self._changed.notify_all()
            while self._pending is None and self._returncode is None:
                self._changed.wait()
            self._waiting = False
            self._running, self._pending = self._pending, None
            return self._running

    def finish(self, request_id: str, outcome: Outcome) -> bool:
        """Takes the outcome of an invocation.

        Args:
            request_id: which one.
            outcome: how it ended.

        Returns:
            False when that is not the one that runs.
        """
        with self._changed:
            if self._running is None or self._running.request_id != request_id:
                return False
            self._running, self._outcome = None, outcome
            self._changed.notify_all()
            return True

    def fail_init(self, outcome: Outcome) -> None:
        """Takes the reason why the client cannot start.

        Args:
            outcome: what its invocation ends with.
        """
        with self._changed:
            self._init_error = outcome
            self._changed.notify_all()


class RuntimeApi(ThreadingHTTPServer):
    """Serves an exchange over HTTP on a free loopback port."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, exchange: Exchange) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.exchange = exchange
        self._stopped = False
        self._thread = threading.Thread(target=self._serve, name="runtime-api", daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """`host:port`, for AWS_LAMBDA_RUNTIME_API."""
        return f"127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Says nothing: a client that goes away in the middle was killed."""

    def stop(self) -> None:
        """Stops listening."""
        self._stopped = True
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.server_address[1])).close()
        self._thread.join()
        self.server_close()

    def _serve(self) -> None:
        """Accepts until stopped; `serve_forever` would wake up twice a second for each environment."""
        while not self._stopped:
            request, client = self.get_request()
            self.process_request(request, client)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: RuntimeApi

    def do_GET(self) -> None:
        if self.path != f"{PREFIX}/invocation/next":
            self._answer(404, {"errorType": "NotFound", "errorMessage": self.path})
            return
        invocation = self.server.exchange.next()
        if invocation is None:
            self.close_connection = True
            return
        self._send(200, invocation.event, invocation.headers())

    def do_POST(self) -> None:
        body = self._body()
        match self.path.removeprefix(f"{PREFIX}/").split("/"):
            case ["invocation", request_id, "response"] if len(body) > MAX_RESPONSE:
                self._finish(request_id, platform_log.too_large(len(body), MAX_RESPONSE), 413)
            case ["invocation", request_id, "response"]:
                self._finish(request_id, Outcome(body, None), 202)
            case ["invocation", request_id, "error"]:
                self._finish(request_id, Outcome(body, self._error_type(body)), 202)
            case ["init", "error"]:
                self.server.exchange.fail_init(Outcome(body, self._error_type(body), fatal=True))
                self._answer(202, {"status": "OK"})
            case _:
                self._answer(404, {"errorType": "NotFound", "errorMessage": self.path})

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # its name there
        """Says nothing: the function's log is the place to look."""

    def _finish(self, request_id: str, outcome: Outcome, status: int) -> None:
        if not self.server.exchange.finish(request_id, outcome):
            self._answer(400, {"errorType": "InvalidRequestID", "errorMessage": "Invalid request ID"})
        elif status == 202:
            self._answer(202, {"status": "OK"})
        else:
            self._answer(status, {"errorType": outcome.error, "errorMessage": "see the function's log"})

    def _error_type(self, body: bytes) -> str:
        named = self.headers.get(ERROR_TYPE_HEADER)
        if named:
            return str(named)
        try:
            return str(json.loads(body).get("errorType") or "Unhandled")
        except (ValueError, AttributeError):
            return "Unhandled"

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return b"".join(self._chunks())
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _chunks(self) -> list[bytes]:
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return chunks

    def _answer(self, status: int, content: dict[str, Any]) -> None:
        self._send(status, json.dumps(content).encode(), {"Content-Type": "application/json"})

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
