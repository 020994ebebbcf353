"""The front of the embedded AWS: sends each request to the service that it is for, and records it."""

from __future__ import annotations

import dataclasses
import json
import logging
import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from werkzeug.exceptions import BadRequest, ClientDisconnected
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.utils import send_file
from werkzeug.wrappers import Request, Response

from local.functions import protocol
from local.functions.errors import LambdaError
from local.functions.service import LambdaService, scope_of
from local.runtime.deployment import InvocationResult

from .calls import Calls
from .faults import Faults, Rule, RuleError, close_connection
from .http_api import MOUNT, HttpApis
from .http_integration import IntegrationError
from .moto_services import SERVICES, MotoServices
from .operations import Named, name_request
from .refusals import failed, not_served
from .ticks import fire, scheduled_rules

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

LOG = logging.getLogger(__name__)
OWN = "/_lamina/"


class Front:
    """The WSGI application of the embedded AWS.

    `/_lamina/health` tells who answers, `/_lamina/calls` which AWS calls there were (DELETE forgets them),
    `/_lamina/faults` lists the fault rules (POST puts one, DELETE takes all back, and on `faults/ID` one),
    `/_lamina/archives/NAME` gives uploaded code back, a POST to `/_lamina/tick` fires the scheduled rules (or
    the one of `?rule=NAME`), and `/_execute-api/API/...` serves HTTP APIs.

    Args:
        service: Lambda.
        moto: everything else.
        identity: an id of this server, told by its health.
    """

    def __init__(self, service: LambdaService, moto: MotoServices, identity: str) -> None:
        self.calls = Calls()
        self.faults = Faults()
        self._service = service
        self._moto = moto
        self._identity = identity
        apis = HttpApis(invoke=self._invoke, policy=service.policy)
        self._application = DispatcherMiddleware(self._serve, {MOUNT: apis})

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answers one request (PEP 3333)."""
        return self._application(environ, start_response)

    def _serve(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        response = self._own(request) if request.path.startswith(OWN) else self._aws(request)
        return response(environ, start_response)

    def _aws(self, request: Request) -> Response:
        """Answers an AWS call, or closes its connection, as the fault rules want it; and records it."""
        named, serve = self._routed(request)
        try:
            answer, fault = self.faults.answer(named, request, serve)
        except ClientDisconnected:
            # Of a client that was killed while it sent; nothing took place, and nobody hears an answer.
            return close_connection(request)
        self.calls.add(named.service, named.operation, answer.status_code if answer else 0, fault)
        return answer or close_connection(request)

    def _routed(self, request: Request) -> tuple[Named, Callable[[], Response]]:
        """Names a call, and gives what answers it."""
        scope = scope_of(request)
        operation = protocol.find_operation(request)
        if (scope is not None and scope[1] == "lambda") or (scope is None and operation is not None):
            name = operation.name if operation is not None else f"{request.method} {request.path}"
            return Named("lambda", name, "rest-json"), lambda: self._service.respond(request)
        named = name_request(request)
        if named.service not in SERVICES:
            return named, lambda: not_served(named)
        return named, lambda: self._by_moto(named, request)

    def _by_moto(self, named: Named, request: Request) -> Response:
        try:
            return self._moto.respond(named, request)
        except ClientDisconnected:
            raise
        except Exception as error:
            LOG.exception("%s of %s failed", named.operation, named.service)
            return failed(named, error)

    def _own(self, request: Request) -> Response:
        routes: dict[str, Callable[[Request], Response]] = {
            "health": self._health,
            "calls": self._show_calls,
            "faults": self._faults,
            "tick": self._tick,
        }
        kind, _, rest = request.path.removeprefix(OWN).partition("/")
        if kind == "archives" and request.method == "GET":
            path = self._service.archive(rest)
            if path is not None:
                return send_file(path, request.environ, mimetype="application/zip")
        elif kind == "faults" and rest and request.method == "DELETE":
            if self.faults.delete(rest):
                return _json({"faults": self.faults.shown()})
        elif kind in routes and not rest:
            return routes[kind](request)
        return _json({"message": f"{request.path} is nothing of the embedded AWS"}, 404)

    def _health(self, _: Request) -> Response:
        return _json({"id": self._identity, "pid": os.getpid()})

    def _show_calls(self, request: Request) -> Response:
        shown = self.calls.shown()
        if request.method == "DELETE":
            self.calls.reset()
        return _json(shown)

    def _faults(self, request: Request) -> Response:
        if request.method == "POST":
            try:
                return _json({"id": self.faults.put(Rule.parse(request.get_json(force=True)))}, 201)
            except (RuleError, BadRequest) as error:
                return _json({"message": getattr(error, "description", None) or str(error)}, 400)
        if request.method == "DELETE":
            self.faults.delete()
        return _json({"faults": self.faults.shown()})

    def _tick(self, request: Request) -> Response:
        if request.method != "POST":
            return _json({"message": f"{request.path} wants a POST"}, 405)
        name = request.args.get("rule")
        rules = [rule for rule in scheduled_rules(name) if name or rule.state == "ENABLED"]
        fired = [each for rule in rules for each in fire(rule, self._service, self._service.clock)]
        return _json({"fired": [dataclasses.asdict(each) for each in fired]})

    def _invoke(self, function_arn: str, payload: bytes) -> InvocationResult:
        try:
            return self._service.invoke(function_arn, payload)
        except LambdaError as error:
            raise IntegrationError(f"{function_arn}: {error}") from error


def _json(content: object, status: int = 200) -> Response:
    return Response(json.dumps(content), status, content_type="application/json")
