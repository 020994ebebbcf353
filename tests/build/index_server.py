"""A package index on a loopback port: Simple API as JSON or HTML, with faults to order."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Lock, Thread
from typing import Any

from .wheelhouse import make_wheel

JSON = "application/vnd.pypi.simple.v1+json"


def tiny_wheel(name: str, version: str, tag: str = "py3-none-any", *, text: str = "") -> bytes:
    """The bytes of a real wheel with one module; `text` makes its content differ."""
    stem = name.replace("-", "_")
    with TemporaryDirectory() as folder:
        files = {f"{stem}.py": f"# {text}\n".encode()}
        return make_wheel(Path(folder), stem, version, files, tag=tag).read_bytes()


@dataclass
class Published:
    """A file on the index, and what its page says about it."""

    filename: str
    content: bytes
    hashes: dict[str, str]
    requires_python: str | None = None
    yanked: str | None = None
    size: int | None = None

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass
class Index:
    """What the server serves; tests change it as they like."""

    kind: str = "json"
    projects: dict[str, list[Published]] = field(default_factory=dict)
    credentials: tuple[str, str] | None = None
    # For a path's last part, what goes wrong at the next requests, one after the other: a status as a number,
    # "cut" (closes in the middle of the body), "chunked-short" (a short body that looks whole), "hang".
    faults: dict[str, list[int | str]] = field(default_factory=dict)
    # What answers with a status as fault say of when to come again.
    retry_after: str = ""
    redirects: dict[str, str] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    # Called with the path of each request before it is answered.
    before: Callable[[str], object] = str
    # How many connections there are, and were at most.
    connections: int = 0
    most_connections: int = 0
    released: Event = field(default_factory=Event)
    counting: Lock = field(default_factory=Lock)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/simple/"

    def url_for(self, user: str, password: str) -> str:
        return f"http://{user}:{password}@127.0.0.1:{self.port}/simple/"

    def wheel(
        self, name: str, version: str, tag: str = "py3-none-any", *, text: str = "", **facts: Any
    ) -> Published:
        """Makes a tiny wheel and publishes it."""
        content = tiny_wheel(name, version, tag, text=text)
        return self.file(f"{name.replace('-', '_')}-{version}-{tag}.whl", content, project=name, **facts)

    def file(self, filename: str, content: bytes, *, project: str, **facts: Any) -> Published:
        """Publishes a file; the page tells its SHA-256 and size unless `facts` say otherwise."""
        facts = {
            "hashes": {"sha256": hashlib.sha256(content).hexdigest()},
            "size": len(content),
            **facts,
        }
        published = Published(filename, content, **facts)
        self.projects.setdefault(project, []).append(published)
        return published

    def asked(self, ending: str) -> int:
        """How many requests there were for a path that ends so."""
        return sum(path.endswith(ending) for path in self.requests)

    def page(self, project: str) -> tuple[str, bytes]:
        files = self.projects[project]
        if self.kind == "json":
            return JSON, json.dumps(
                {
                    "meta": {"api-version": "1.1"},
                    "name": project,
                    "files": [_entry(file) for file in files],
                    "versions": [],
                }
            ).encode()
        anchors = "".join(_anchor(file) for file in files)
        return "text/html", f"<!DOCTYPE html><html><body>{anchors}</body></html>".encode()


def _entry(file: Published) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "filename": file.filename,
        "url": f"../../files/{file.filename}",
        "hashes": file.hashes,
        "core-metadata": False,
        "requires-python": file.requires_python,
        "yanked": False if file.yanked is None else file.yanked or True,
    }
    return entry if file.size is None else {**entry, "size": file.size}


def _anchor(file: Published) -> str:
    fragment = "".join(f"#{name}={digits}" for name, digits in list(file.hashes.items())[:1])
    attributes = ""
    if file.requires_python is not None:
        attributes += f' data-requires-python="{html.escape(file.requires_python)}"'
    if file.yanked is not None:
        attributes += f' data-yanked="{html.escape(file.yanked)}"'
    return f'<a href="../../files/{file.filename}{fragment}"{attributes}>{file.filename}</a><br>\n'


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def setup(self) -> None:
        super().setup()
        index = self.server.index
        with index.counting:
            index.connections += 1
            index.most_connections = max(index.most_connections, index.connections)

    def finish(self) -> None:
        with self.server.index.counting:
            self.server.index.connections -= 1
        super().finish()

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        index = self.server.index
        index.requests.append(self.path)
        index.before(self.path)
        if index.credentials is not None and not self._authorised(index.credentials):
            self._send(401, "text/plain", b"no", {"WWW-Authenticate": 'Basic realm="index"'})
            return
        parts = self.path.partition("?")[0].strip("/").split("/")
        if parts[-1] in index.redirects:
            self._send(302, "text/plain", b"", {"Location": index.redirects[parts[-1]]})
            return
        faults = index.faults.get(parts[-1])
        fault = faults.pop(0) if faults else None
        if isinstance(fault, int):
            later = {"Retry-After": index.retry_after} if index.retry_after else None
            self._send(fault, "text/plain", b"", later)
            return
        self._answer(parts, fault)

    def _answer(self, parts: list[str], fault: str | None) -> None:
        index = self.server.index
        if parts[0] == "simple" and parts[-1] in index.projects:
            self._send(200, *index.page(parts[-1]), fault=fault)
            return
        for file in (file for files in index.projects.values() for file in files):
            if parts == ["files", file.filename]:
                self._send(200, "application/octet-stream", file.content, fault=fault)
                return
        self._send(404, "text/plain", b"")

    def _authorised(self, credentials: tuple[str, str]) -> bool:
        expected = base64.b64encode(":".join(credentials).encode()).decode()
        return self.headers.get("Authorization") == f"Basic {expected}"

    def _send(
        self,
        status: int,
        content_type: str,
        body: bytes,
        headers: dict[str, str] | None = None,
        *,
        fault: str | None = None,
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if fault == "chunked-short":
            self.send_header("Connection", "close")
            self.close_connection = True
        else:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "HEAD":
            return
        if fault is not None:
            self.wfile.write(body[: len(body) // 2])
            self.wfile.flush()
            self.close_connection = True
            if fault == "hang":
                self.server.index.released.wait(30)
            return
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base class' name)
        """Keeps the test output quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    index: Index

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no fault of the server's."""


@contextmanager
def serve(index: Index, certificate: Path | None = None) -> Iterator[Index]:
    """Serves an index on a free loopback port while the block runs; over TLS if it gets a certificate."""
    server = _Server(("127.0.0.1", 0), _Handler)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    server.index = index
    index.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield index
    finally:
        index.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
