"""The HTTP API of a state: integration, route, stage, access log, and who may call the function for it."""

from __future__ import annotations

from collections.abc import Sequence

from .functions import expiring
from .immutable import unlike
from .matcher import Matcher, own_id
from .permissions import match_permission
from .references import called, refers, unqualified
from .state import Found

DEFAULT = "$default"
# What the program's API is, and what it has none of.
_API = {"protocol_type": "HTTP", "route_key": "", "target": "", "credentials_arn": ""}


def match_api(matcher: Matcher, function: Found | None) -> None:
    """Matches the API that calls the function with all that the program has of one."""
    integrations = [
        each
        for each in matcher.all("aws_apigatewayv2_integration")
        if function is not None and refers(called(each), function)
    ]
    ids = {each.text("api_id") for each in integrations}
    api = matcher.take(
        "HttpApi/Api/api",
        [each for each in matcher.all("aws_apigatewayv2_api") if own_id(each) in ids],
        identity=own_id,
        name=lambda each: each.text("name"),
        unfit=lambda each: unlike(each, _API),
    )
    if api is None or function is None:
        return
    _routing(matcher, own_id(api), integrations)
    _stage(matcher, own_id(api))
    source_arn = f"{api.text('execution_arn')}/*/*"
    match_permission(matcher, "HttpApi/Permission/api", function, source_arn, "apigateway.amazonaws.com")


def _routing(matcher: Matcher, api: str, integrations: Sequence[Found]) -> None:
    integration = matcher.take(
        "HttpApi/Integration/api",
        [each for each in integrations if each.text("api_id") == api],
        identity=lambda each: f"{api}/{own_id(each)}",
        unfit=lambda each: unlike(each, {"api_id": api, "integration_type": "AWS_PROXY"}),
        notes=unqualified,
    )
    routes = [each for each in matcher.all("aws_apigatewayv2_route") if each.text("api_id") == api]
    matcher.take(
        "HttpApi/Route/api",
        _route(routes, integration),
        identity=lambda each: f"{api}/{own_id(each)}",
        unfit=lambda each: unlike(each, {"api_id": api}),
    )
    matcher.leave(
        routes, "the program has one route, $default; this one stays beside it and goes where it went"
    )


def _route(routes: Sequence[Found], integration: Found | None) -> list[Found]:
    """The route for everything, or else the only one that goes to the integration."""
    everything = [each for each in routes if each.text("route_key") == DEFAULT]
    target = f"integrations/{own_id(integration)}" if integration else ""
    going = [each for each in routes if target and each.text("target") == target]
    return everything or (going if len(going) == 1 else [])


def _stage(matcher: Matcher, api: str) -> None:
    stages = [each for each in matcher.all("aws_apigatewayv2_stage") if each.text("api_id") == api]
    stage = matcher.take(
        "HttpApi/Stage/api",
        [each for each in stages if each.text("name") == DEFAULT],
        identity=lambda each: f"{api}/{each.text('name')}",
        unfit=lambda each: unlike(each, {"api_id": api, "name": DEFAULT}),
    )
    matcher.leave(stages, "the program's stage is $default, and AWS cannot rename one; its address goes on")
    logs = stage.block("access_log_settings").get("destination_arn") if stage else None
    wanted = logs.removesuffix(":*") if isinstance(logs, str) else ""
    matcher.take(
        "HttpApi/LogGroup/api",
        [
            each
            for each in matcher.all("aws_cloudwatch_log_group")
            if wanted and each.text("arn").removesuffix(":*") == wanted
        ],
        identity=own_id,
        name=own_id,
        notes=expiring,
    )
