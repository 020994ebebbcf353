"""Turns a request to an HTTP API into the event of payload format 2.0.

AWS docs, "Create AWS Lambda proxy integrations for HTTP APIs in API Gateway", "Lambda function input".
"""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from werkzeug.wrappers import Request

TEXT_TYPES = frozenset({"application/json", "application/javascript", "application/xml"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, with everything that was decided about it before a function sees it.

    Attributes:
        request: as it came; its body may be read again.
        path: as the client sees it behind the API's endpoint, decoded.
        account: twelve digits.
        api_id: of the API.
        stage: its name.
        route_key: such as `$default`.
        path_parameters: the values of the route's variables.
        stage_variables: of the stage.
        request_id: new.
        trace_id: the X-Ray trace.
        time: when it came in, in UTC.
    """

    request: Request
    path: str
    account: str
    api_id: str
    stage: str
    route_key: str
    path_parameters: Mapping[str, str]
    stage_variables: Mapping[str, str]
    request_id: str
    trace_id: str
    time: dt.datetime

    @property
    def domain(self) -> str:
        """The host that the client asked for, without a port."""
        return self.request.host.rpartition(":")[0] or self.request.host

    @property
    def source_ip(self) -> str:
        """The client's address."""
        return self.request.remote_addr or "127.0.0.1"

    @property
    def protocol(self) -> str:
        """Such as `HTTP/1.1`."""
        return str(self.request.environ.get("SERVER_PROTOCOL", "HTTP/1.1"))

    @property
    def request_time(self) -> str:
        """The time in the common log format, such as `12/Mar/2020:19:03:58 +0000`."""
        return self.time.strftime("%d/%b/%Y:%H:%M:%S %z")

    @property
    def request_time_epoch(self) -> int:
        """The time in milliseconds since 1970."""
        return int(self.time.timestamp() * 1000)


def event_of(call: Call) -> dict[str, Any]:
    """Builds the event.

    Args:
        call: the request.

    Returns:
        The event, without the fields that AWS leaves out when they are empty.
    """
    request = call.request
    body, encoded = _body(request)
    event = {
        "version": "2.0",
        "routeKey": call.route_key,
        "rawPath": call.path,
        "rawQueryString": request.query_string.decode("latin-1"),
        "cookies": _cookies(request),
        "headers": _headers(call),
        "queryStringParameters": _query(request),
        "requestContext": _context(call),
        "pathParameters": dict(call.path_parameters),
        "stageVariables": dict(call.stage_variables),
        "body": body,
        "isBase64Encoded": encoded,
    }
    optional = {"cookies", "queryStringParameters", "pathParameters", "stageVariables", "body"}
    return {name: value for name, value in event.items() if value or name not in optional}


def _headers(call: Call) -> dict[str, str]:
    request = call.request
    forwarded = [*request.headers.getlist("X-Forwarded-For"), call.source_ip]
    ours = {
        "x-amzn-trace-id": call.trace_id,
        "x-forwarded-for": ", ".join(forwarded),
        "x-forwarded-port": request.host.rpartition(":")[2] if ":" in request.host else "80",
        "x-forwarded-proto": request.scheme,
    }
    theirs: dict[str, list[str]] = {}
    for name, value in request.headers.items():
        theirs.setdefault(name.lower(), []).append(value)
    theirs.pop("cookie", None)
    return {name: ",".join(values) for name, values in theirs.items()} | ours


def _cookies(request: Request) -> list[str]:
    given = ";".join(request.headers.getlist("Cookie"))
    return [cookie.strip() for cookie in given.split(";") if cookie.strip()]


def _query(request: Request) -> dict[str, str]:
    values: dict[str, list[str]] = {}
    for name, value in parse_qsl(request.query_string.decode("latin-1"), keep_blank_values=True):
        values.setdefault(name, []).append(value)
    return {name: ",".join(several) for name, several in values.items()}


def _context(call: Call) -> dict[str, Any]:
    return {
        "accountId": call.account,
        "apiId": call.api_id,
        "domainName": call.domain,
        "domainPrefix": call.domain.partition(".")[0],
        "http": {
            "method": call.request.method,
            "path": call.path,
            "protocol": call.protocol,
            "sourceIp": call.source_ip,
            "userAgent": call.request.headers.get("User-Agent", ""),
        },
        "requestId": call.request_id,
        "routeKey": call.route_key,
        "stage": call.stage,
        "time": call.request_time,
        "timeEpoch": call.request_time_epoch,
    }


def _body(request: Request) -> tuple[str, bool]:
    """Gives the body, and whether it is in base64: whatever API Gateway does not take for text is."""
    content = request.get_data(cache=True)
    if _is_text(request.mimetype):
        try:
            return content.decode(), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(content).decode(), bool(content)


def _is_text(mimetype: str) -> bool:
    return (
        not mimetype
        or mimetype.startswith("text/")
        or mimetype in TEXT_TYPES
        or mimetype.endswith(("+json", "+xml"))
    )
