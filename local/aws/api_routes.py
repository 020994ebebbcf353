"""UpdateRoute of HTTP APIs as API Gateway does it: an empty text takes a setting away, which moto leaves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from moto.apigatewayv2.responses import ApiGatewayV2Response
from moto.core.common_types import TYPE_RESPONSE

# What an empty text takes away, and what moto calls it.
_ATTRIBUTES = {
    "modelSelectionExpression": "model_selection_expression",
    "operationName": "operation_name",
    "routeResponseSelectionExpression": "route_response_selection_expression",
    "target": "target",
}
_UPDATE = ApiGatewayV2Response.update_route


@contextmanager
def changeable_routes() -> Iterator[None]:
    """Lets the settings of routes be taken away, as long as the context lasts."""
    with mock.patch.object(ApiGatewayV2Response, "update_route", _update_route):
        yield


def _update_route(response: ApiGatewayV2Response) -> TYPE_RESPONSE:
    status, headers, _ = _UPDATE(response)
    *_, api_id, _, route_id = response.path.split("/")
    route = response.apigatewayv2_backend.get_route(api_id, route_id)
    given = json.loads(response.body)
    for name, attribute in _ATTRIBUTES.items():
        if given.get(name) == "":
            setattr(route, attribute, None)
    return status, headers, json.dumps(route.to_json())
