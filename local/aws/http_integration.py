"""What a request to an HTTP API is handed to: the route's integration and its function."""

from __future__ import annotations

import re
from dataclasses import dataclass

from moto.apigatewayv2.models import Api, Integration, Route, Stage

from .http_routes import RouteMatch

INVOKE_ARN = re.compile(
    r"arn:[^:]+:apigateway:[^:]+:lambda:path/[0-9-]+/functions/(?P<function>.+)/invocations"
)
FUNCTION_ARN = re.compile(r"arn:[^:]+:lambda:[^:]+:\d+:function:[^:/]+(:[^:/]+)?")


class IntegrationError(Exception):
    """The function could not be invoked; the client sees `Internal Server Error`, the log has the reason."""


class NotServedError(Exception):
    """A feature of API Gateway that this stand-in does not have."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes."""

    account: str
    region: str
    api: Api
    stage: Stage
    route: Route
    match: RouteMatch


def integration_of(target: Target) -> Integration:
    """The integration of the request's route.

    Raises:
        IntegrationError: the route has none.
        NotServedError: the route wants an authorization.
    """
    route = target.route
    if route.authorization_type not in {None, "", "NONE"}:
        raise NotServedError(f"the authorization {route.authorization_type} of route {route.route_key}")
    kind, _, integration_id = (route.target or "").partition("/")
    integration = target.api.integrations.get(integration_id) if kind == "integrations" else None
    if integration is None:
        raise IntegrationError(f"the route {route.route_key} has no integration")
    return integration


def function_arn_of(integration: Integration) -> str:
    """The ARN of the function that an integration invokes, with its qualifier, if any.

    Raises:
        IntegrationError: it names no function.
        NotServedError: it is of another kind than `AWS_PROXY` with payload 2.0.
    """
    if integration.integration_type != "AWS_PROXY" or integration.integration_subtype:
        served = integration.integration_subtype or integration.integration_type
        raise NotServedError(f"integrations of the type {served}, only AWS_PROXY with a function")
    if integration.payload_format_version != "2.0":
        raise NotServedError(f"the payload format {integration.payload_format_version}, only 2.0")
    if integration.request_parameters or integration.response_parameters:
        raise NotServedError("parameter mapping")
    uri = integration.integration_uri or ""
    invoked = INVOKE_ARN.fullmatch(uri)
    arn = invoked["function"] if invoked else uri
    if not FUNCTION_ARN.fullmatch(arn):
        raise IntegrationError(f"{uri!r} is no function's ARN")
    return arn
