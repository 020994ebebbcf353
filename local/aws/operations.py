"""Tells which operation of which AWS service a request is, from the SDK's descriptions of the services."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from urllib.parse import parse_qsl

import botocore.session
from botocore.exceptions import UnknownServiceError
from botocore.model import OperationModel, ServiceModel, StructureShape
from werkzeug.wrappers import Request

from local.functions.service import scope_of

UNKNOWN = "unknown"
# Services that are signed for under another name than the SDK's, or share one.
MODELS = {"apigateway": "apigatewayv2", "monitoring": "cloudwatch"}


@dataclass(frozen=True, slots=True)
class Named:
    """A request's service and operation.

    Attributes:
        service: the name that the request was signed for; `s3` where it was not signed.
        operation: its name, or method and path where the SDK knows none.
        protocol: `json`, `query`, `rest-json` or `rest-xml`.
    """

    service: str
    operation: str
    protocol: str


def name_request(request: Request) -> Named:
    """Names a request.

    Args:
        request: any; its body is read only where the operation is in it.

    Returns:
        What it is, as far as it can be told.
    """
    scope = scope_of(request)
    target = request.headers.get("X-Amz-Target", "")
    action = _action(request)
    if scope is None and not target and action is None:
        return Named("s3", _rest_operation("s3", request), "rest-xml")
    service = scope[1] if scope else UNKNOWN
    if target:
        return Named(service, target.rpartition(".")[2], "json")
    model = service_model(service)
    if action is not None:
        return Named(service, action, "query")
    if model is not None and model.protocol.startswith("rest-"):
        return Named(service, _rest_operation(model.service_name, request), model.protocol)
    return Named(service, f"{request.method} {request.path}", "rest-json")


def _action(request: Request) -> str | None:
    """Gives the operation of the query protocol, and leaves the body to be read again by whoever answers."""
    if request.mimetype != "application/x-www-form-urlencoded":
        return request.args.get("Action")
    body = request.get_data(parse_form_data=False)
    request.environ["wsgi.input"] = io.BytesIO(body)
    return dict(parse_qsl(body.decode(errors="replace"))).get("Action")


@cache
def service_model(service: str) -> ServiceModel | None:
    """The SDK's description of the service of that name, or None."""
    try:
        return botocore.session.get_session().get_service_model(MODELS.get(service, service))
    except UnknownServiceError:
        return None


def error_status(service: str, code: str) -> int | None:
    """The HTTP status that a service declares for an error, None where it declares no such error.

    Args:
        service: the name that requests are signed for.
        code: AWS's name of the error.
    """
    described = service_model(service)
    for shape in described.error_shapes if described is not None else ():
        declared = shape.metadata.get("error", {})
        if declared.get("code", shape.name) == code:
            status: int | None = declared.get("httpStatusCode")
            return status
    return None


@dataclass(frozen=True, slots=True)
class _Route:
    """What a request must look like to be an operation of a REST service."""

    name: str
    method: str
    path: re.Pattern[str]
    literals: tuple[tuple[str, str], ...]
    query: tuple[str, ...]
    headers: tuple[str, ...]
    deprecated: bool

    def matches(self, request: Request) -> bool:
        return (
            self.path.fullmatch(request.path) is not None
            and all(request.args.get(name) == value for name, value in self.literals)
            and all(name in request.args for name in self.query)
            and all(name in request.headers for name in self.headers)
        )

    @property
    def strictness(self) -> int:
        return len(self.literals) + len(self.query) + len(self.headers)


@cache
def _routes(service: str) -> tuple[_Route, ...]:
    """Gives the routes of a service, the stricter ones first, and of equal ones those that are in use."""
    model = service_model(service)
    names = model.operation_names if model is not None else []
    routes = [_route(model.operation_model(name)) for name in names] if model is not None else []
    return tuple(sorted(routes, key=lambda route: (-route.strictness, route.deprecated)))


def _route(operation: OperationModel) -> _Route:
    path, _, query = operation.http["requestUri"].partition("?")
    literals = [part.partition("=") for part in query.split("&") if part]
    parts = re.split(r"(\{\w+\+?\})", path.rstrip("/"))
    pattern = "".join(_pattern(part) for part in parts)
    return _Route(
        name=operation.name,
        method=operation.http["method"],
        path=re.compile(f"{pattern}/?"),
        literals=tuple((name, value) for name, _, value in literals),
        query=tuple(_required(operation, "querystring")),
        headers=tuple(_required(operation, "header")),
        deprecated=operation.deprecated,
    )


def _pattern(part: str) -> str:
    if not part.startswith("{"):
        return re.escape(part)
    return ".+" if part.endswith("+}") else "[^/]+"


def _required(operation: OperationModel, location: str) -> Iterator[str]:
    shape = operation.input_shape
    if not isinstance(shape, StructureShape):
        return
    for name in shape.required_members:
        serialization = shape.members[name].serialization
        if serialization.get("location") == location:
            yield serialization["name"]


def _rest_operation(service: str, request: Request) -> str:
    for route in _routes(service):
        if route.method == request.method and route.matches(request):
            return route.name
    return f"{request.method} {request.path}"
