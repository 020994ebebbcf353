"""Answers and completes cross-origin requests as an HTTP API's CORS configuration says.

AWS docs, "Configure CORS for HTTP APIs in API Gateway".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import Headers
from werkzeug.wrappers import Request, Response

PREFIX = "access-control-"


def preflight(configuration: Mapping[str, Any] | None, request: Request) -> Response | None:
    """Answers a preflight request, which no route ever sees.

    Args:
        configuration: as API Gateway gives it back (`allowOrigins`, ...), or None.
        request: any request.

    Returns:
        The response, or None when the request is no preflight or the API has no configuration.
    """
    asked = request.headers.get("Access-Control-Request-Method")
    if not configuration or request.method != "OPTIONS" or "Origin" not in request.headers or not asked:
        return None
    response = Response(status=204)
    origin = _allowed_origin(configuration, request.headers["Origin"])
    if origin is not None:
        _add_common(response.headers, configuration, origin)
        for name, key in (("Allow-Methods", "allowMethods"), ("Allow-Headers", "allowHeaders")):
            if configuration.get(key):
                response.headers[f"Access-Control-{name}"] = ",".join(configuration[key])
        if configuration.get("maxAge"):
            response.headers["Access-Control-Max-Age"] = str(configuration["maxAge"])
    return response


def complete(configuration: Mapping[str, Any] | None, request: Request, response: Response) -> None:
    """Puts the configured headers on a response, in place of those that the function gave.

    Args:
        configuration: as for `preflight`; without one, the function's own headers stay.
        request: which the response answers.
        response: changed in place.
    """
    if not configuration:
        return
    for name in [name for name, _ in response.headers if name.lower().startswith(PREFIX)]:
        response.headers.remove(name)
    origin = _allowed_origin(configuration, request.headers.get("Origin"))
    if origin is not None:
        _add_common(response.headers, configuration, origin)


def _add_common(headers: Headers, configuration: Mapping[str, Any], origin: str) -> None:
    headers["Access-Control-Allow-Origin"] = origin
    if configuration.get("allowCredentials"):
        headers["Access-Control-Allow-Credentials"] = "true"
    if configuration.get("exposeHeaders"):
        headers["Access-Control-Expose-Headers"] = ",".join(configuration["exposeHeaders"])


def _allowed_origin(configuration: Mapping[str, Any], origin: str | None) -> str | None:
    if origin is None:
        return None
    allowed = configuration.get("allowOrigins") or []
    if "*" in allowed:
        return "*"
    for pattern in allowed:
        if pattern == origin or (pattern.endswith("*") and origin.startswith(pattern[:-1])):
            return origin
    return None
