"""A small server that answers as GitHub's REST API does, about the comments of pull requests."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

BOT = "github-actions[bot]"
_LIST = re.compile(r"/repos/([^/]+/[^/]+)/issues/(\d+)/comments")
_ONE = re.compile(r"/repos/([^/]+/[^/]+)/issues/comments/(\d+)")

Answer = tuple[int, Any, dict[str, str]]


@dataclass
class Hub:
    """One repository, `acme/shop`, with pull request 7.

    Attributes:
        comments: as the API shows them, the oldest first.
        login: whose every token is.
        knows_viewer: whether GraphQL is answered; `GET /user` is not for the token of GitHub Actions.
        faults: answers that come first, of requests whose method and path begin so; bytes come as they are.
        lost: methods whose next request is done, and its answer lost.
        requests: method and path of each, in order.
        tokens: the authorizations that came.
        racing: bodies that another run writes between the next two requests.
    """

    comments: list[dict[str, Any]] = field(default_factory=list)
    login: str = BOT
    knows_viewer: bool = True
    faults: list[tuple[str, Answer]] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    racing: list[str] = field(default_factory=list)
    url: str = ""

    def add(self, body: str, login: str = BOT) -> dict[str, Any]:
        """A comment, as if it had been there before."""
        number = 1 + max((each["id"] for each in self.comments), default=100)
        user = {"login": login, "type": "Bot" if login.endswith("[bot]") else "User"}
        made = {
            "id": number,
            "body": body,
            "user": user,
            "html_url": f"https://hub/acme/shop/pull/7#{number}",
        }
        self.comments.append(made)
        return made

    def bodies(self, login: str = BOT) -> list[str]:
        """What the comments of an account say."""
        return [each["body"] for each in self.comments if each["user"]["login"] == login]

    def answered(self, method: str, target: str, content: Any) -> Answer:
        """The answer to a request."""
        parts = urlsplit(target)
        self.requests.append(f"{method} {parts.path}")
        for index, (start, answer) in enumerate(self.faults):
            if f"{method} {parts.path}".startswith(start):
                del self.faults[index]
                return answer
        if parts.path == "/graphql":
            viewer = {"data": {"viewer": {"login": self.login}}}
            return (200, viewer, {}) if self.knows_viewer else (404, {"message": "Not Found"}, {})
        if parts.path == "/user":
            return self._user()
        if (found := _LIST.fullmatch(parts.path)) and found.groups() == ("acme/shop", "7"):
            return (
                self._created(content) if method == "POST" else self._page(parts.path, parse_qs(parts.query))
            )
        if (found := _ONE.fullmatch(parts.path)) and found[1] == "acme/shop":
            return self._changed(method, int(found[2]), content)
        return 404, {"message": "Not Found"}, {}

    def _user(self) -> Answer:
        if self.login.endswith("[bot]"):
            return 403, {"message": "Resource not accessible by integration"}, {}
        return 200, {"login": self.login, "type": "User"}, {}

    def _page(self, path: str, query: Mapping[str, Sequence[str]]) -> Answer:
        size, number = (
            int(query.get(name, [default])[0]) for name, default in (("per_page", "30"), ("page", "1"))
        )
        size = min(size, 100)
        links = {}
        if number * size < len(self.comments):
            last = -(-len(self.comments) // size)
            address = f"<{self.url}{path}?per_page={size}&page="
            links["Link"] = f'{address}{number + 1}>; rel="next", {address}{last}>; rel="last"'
        return 200, self.comments[(number - 1) * size : number * size], links

    def _created(self, content: Any) -> Answer:
        if len(content["body"]) > 65536:
            fault = {"resource": "IssueComment", "field": "data", "message": "Body is too long"}
            return 422, {"message": "Validation Failed", "errors": [fault]}, {}
        while self.racing:
            self.add(self.racing.pop())
        return 201, self.add(content["body"], self.login), {}

    def _changed(self, method: str, number: int, content: Any) -> Answer:
        found = [each for each in self.comments if each["id"] == number]
        if not found:
            return 404, {"message": "Not Found"}, {}
        if method == "DELETE":
            self.comments.remove(found[0])
            return 204, None, {}
        found[0]["body"] = content["body"]
        return 200, found[0], {}


@contextmanager
def served(hub: Hub) -> Iterator[Hub]:
    """Serves it on a port of its own; its `url` says where."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _do(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            content = json.loads(self.rfile.read(length)) if length else None
            hub.tokens.add(self.headers.get("Authorization", ""))
            code, answer, headers = hub.answered(self.command, self.path, content)
            if self.command in hub.lost:
                hub.lost.remove(self.command)
                self.close_connection = True
                return
            if not isinstance(answer, bytes):
                answer = b"" if answer is None else json.dumps(answer).encode()
            self.send_response(code)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = do_PATCH = do_DELETE = _do  # noqa: N815 (http.server's names)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        hub.url = f"http://127.0.0.1:{server.server_port}"
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
