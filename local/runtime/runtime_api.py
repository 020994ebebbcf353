"""The Runtime API of one environment, where `awslambdaric` gets its invocations.

AWS docs, "Using the Lambda runtime API for custom runtimes".
"""

from __future__ import annotations

import contextlib
import json
import socket
import socketserver
import sys
import threading
from http.server import BaseHTTPRequestHandler
from typing import Any

from .exchange import Exchange
from .outcome import Outcome, too_large

PREFIX = "/2018-06-01/runtime"
MAX_RESPONSE = 6 * 1024 * 1024 + 100  # Lambda: 6,291,556 bytes
ERROR_TYPE_HEADER = "Lambda-Runtime-Function-Error-Type"


class RuntimeApi(socketserver.ThreadingTCPServer):
    """Serves an exchange over HTTP on a free loopback port (`HTTPServer` would look up its name first)."""

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
        """Says nothing when the client goes away in the middle: it was killed."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

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
                self._finish(request_id, too_large(len(body), MAX_RESPONSE), 413)
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
