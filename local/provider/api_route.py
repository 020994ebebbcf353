"""Routes: which requests of an API go to which integration."""

from __future__ import annotations

from .api_part import ApiPart
from .schema import (
    boolean,
    mapping,
    string,
    string_set,
    table,
)


class Route(ApiPart):
    """`aws:apigatewayv2/route:Route`."""

    type_name = "aws:apigatewayv2/route:Route"
    noun = "Route"
    verb = "route"
    key = "RouteId"
    fields = (
        "apiKeyRequired", "authorizationScopes", "authorizationType", "authorizerId",
        "modelSelectionExpression", "operationName", "requestModels", "routeKey",
        "routeResponseSelectionExpression", "target",
    )  # fmt: skip
    schema = table(
        {
            "apiId": string(required=True, replaces=True),
            "apiKeyRequired": boolean(default=False),
            "authorizationScopes": string_set(),
            "authorizationType": string(default="NONE"),
            "authorizerId": string(),
            "modelSelectionExpression": string(),
            "operationName": string(),
            "requestModels": mapping(),
            "routeKey": string(required=True),
            "routeResponseSelectionExpression": string(),
            "target": string(),
        },
        refused=("requestParameters",),
    )
