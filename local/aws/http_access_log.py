"""Writes an HTTP API's access log: one formatted line a request, into the stage's log group.

AWS docs, "Configure logging for HTTP APIs in API Gateway" and "Customize HTTP API access logs".
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any

from moto.logs.models import logs_backends
from werkzeug.wrappers import Response

from .http_event import Call
from .http_response import OwnResponse

LOG = logging.getLogger(__name__)
VARIABLE = re.compile(r"\$context\.([A-Za-z0-9_.]+[A-Za-z0-9_])")
GROUP_ARN = re.compile(r"arn:[^:]+:logs:(?P<region>[^:]+):(?P<account>\d+):log-group:(?P<group>[^:]+)(:\*)?")


def write(settings: Mapping[str, str] | None, call: Call, values: Mapping[str, Any]) -> None:
    """Writes the line of one request.

    Args:
        settings: the stage's `destinationArn` and `format`, or None when it logs nothing.
        call: the request.
        values: of the variables, as `values_of` gives them.
    """
    if not settings or not settings.get("format"):
        return
    place = GROUP_ARN.fullmatch(settings.get("destinationArn", ""))
    if place is None:
        LOG.warning("%s: cannot write the access log to %r", call.api_id, settings.get("destinationArn"))
        return
    backend = logs_backends[place["account"]][place["region"]]
    if place["group"] not in backend.groups:
        LOG.warning("%s: the access log's group %s does not exist", call.api_id, place["group"])
        return
    stream = f"{call.api_id}-{call.stage}"
    backend.ensure_log_stream(place["group"], stream)
    line = {"timestamp": call.request_time_epoch, "message": formatted(settings["format"], values)}
    backend.put_log_events(place["group"], stream, [line])


def formatted(template: str, values: Mapping[str, Any]) -> str:
    """Fills a format.

    Args:
        template: with `$context.NAME` in it.
        values: by name.

    Returns:
        The line; a variable without a value becomes `-`.
    """

    def value(match: re.Match[str]) -> str:
        found = values.get(match[1])
        return "-" if found is None else str(found)

    return VARIABLE.sub(value, template)


def values_of(
    call: Call, response: Response, *, latency: int, integration: Mapping[str, Any]
) -> dict[str, Any]:
    """Gives the variables of one request.

    Args:
        call: the request.
        response: what the client gets.
        latency: until then, in milliseconds.
        integration: `status`, `latency`, `error` and `requestId` of the integration, as far as there are any.

    Returns:
        The values by name, without `$context.`.
    """
    failed = response.said if isinstance(response, OwnResponse) else None
    return {
        "accountId": call.account,
        "apiId": call.api_id,
        "dataProcessed": len(call.request.get_data(cache=True)) + len(response.get_data()),
        "domainName": call.domain,
        "domainPrefix": call.domain.partition(".")[0],
        "error.message": failed,
        "error.messageString": None if failed is None else f'"{failed}"',
        "extendedRequestId": call.request_id,
        "httpMethod": call.request.method,
        "identity.sourceIp": call.source_ip,
        "identity.userAgent": call.request.headers.get("User-Agent"),
        "integration.error": integration.get("error"),
        "integration.integrationStatus": integration.get("status"),
        "integration.latency": integration.get("latency"),
        "integration.requestId": integration.get("requestId"),
        "integration.status": integration.get("status"),
        "integrationErrorMessage": integration.get("error"),
        "integrationLatency": integration.get("latency"),
        "integrationStatus": integration.get("status"),
        "path": call.path,
        "protocol": call.protocol,
        "requestId": call.request_id,
        "requestTime": call.request_time,
        "requestTimeEpoch": call.request_time_epoch,
        "responseLatency": latency,
        "responseLength": len(response.get_data()),
        "routeKey": call.route_key,
        "stage": call.stage,
        "status": response.status_code,
    }
