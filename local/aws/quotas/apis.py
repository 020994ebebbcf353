"""API Gateway: names, route keys, and how much an HTTP API can have."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from moto.apigatewayv2.models import Api, apigatewayv2_backends

from local import limits

from .asked import Asked, QuotaError

_PATH = re.compile(r"/v2/apis/(?P<api>[^/]+)(?:/.*)?")
# API reference, "Routes", "routeKey", for HTTP APIs; page "Create routes for HTTP APIs".
_ROUTE = re.compile(r"\$default|(?:ANY|DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT) /\S*")
_STAGE = re.compile(r"\$default|[A-Za-z0-9_-]+")


def _api(asked: Asked) -> None:
    _length(asked, "Name", limits.API_NAME, least=1)
    _length(asked, "Description", limits.API_DESCRIPTION)


def _stage(asked: Asked) -> None:
    name = asked.parameters.get("StageName", "")
    _length(asked, "StageName", limits.STAGE_NAME, least=1)
    _length(asked, "Description", limits.API_DESCRIPTION)
    if not _STAGE.fullmatch(name):
        raise _bad("Stage name only allows a-zA-Z0-9_- or $default")
    api = _found(asked)
    if api is not None and name not in api.stages:
        _count(len(api.stages), limits.STAGES_OF_API, "stages")


def _route(asked: Asked) -> None:
    key = asked.parameters.get("RouteKey", "")
    api = _found(asked)
    if api is None or api.protocol_type != "HTTP":
        return
    if not _ROUTE.fullmatch(key):
        raise _bad(f"The provided route key is not formatted properly for HTTP protocol: {key}")
    if any(route.route_key == key for route in api.routes.values()):
        raise QuotaError("ConflictException", f"Route with key {key} already exists for this API", 409)
    _count(len(api.routes), limits.ROUTES_OF_API, "routes")


def _integration(asked: Asked) -> None:
    _length(asked, "Description", limits.API_DESCRIPTION)
    api = _found(asked)
    if api is not None:
        _count(len(api.integrations), limits.INTEGRATIONS_OF_API, "integrations")


def _found(asked: Asked) -> Api | None:
    matched = _PATH.fullmatch(asked.request.path)
    return apigatewayv2_backends[asked.account][asked.region].apis.get(matched["api"]) if matched else None


def _length(asked: Asked, name: str, most: int, *, least: int = 0) -> None:
    value = asked.parameters.get(name)
    if value is not None and not least <= len(value) <= most:
        raise _bad(f"{name} must be between {least} and {most} characters long, not {len(value)}")


def _count(there: int, most: int, what: str) -> None:
    if there >= most:
        raise QuotaError("TooManyRequestsException", f"An API can have at most {most} {what}", 429)


def _bad(message: str) -> QuotaError:
    return QuotaError("BadRequestException", message)


CHECKS: Mapping[str, Callable[[Asked], None]] = {
    "CreateApi": _api,
    "UpdateApi": _api,
    "CreateStage": _stage,
    "CreateRoute": _route,
    "CreateIntegration": _integration,
}
