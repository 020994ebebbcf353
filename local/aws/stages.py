"""UpdateStage of HTTP APIs, which moto lacks: a stage can change in place, and drift of it be repaired."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from unittest import mock
from urllib.parse import unquote

from moto.apigatewayv2.models import Stage
from moto.apigatewayv2.responses import ApiGatewayV2Response
from moto.core.common_types import TYPE_RESPONSE

# What a request can change, and what moto calls it.
_ATTRIBUTES = {
    "accessLogSettings": "access_log_settings",
    "autoDeploy": "auto_deploy",
    "clientCertificateId": "client_certificate_id",
    "defaultRouteSettings": "default_route_settings",
    "description": "description",
    "routeSettings": "route_settings",
}


@contextmanager
def changeable_stages() -> Iterator[None]:
    """Gives moto's API Gateway the operation UpdateStage, as long as the context lasts."""
    with mock.patch.object(ApiGatewayV2Response, "update_stage", _update_stage, create=True):
        yield


def _update_stage(response: ApiGatewayV2Response) -> TYPE_RESPONSE:
    *_, api_id, _, name = response.path.split("/")
    stage = response.apigatewayv2_backend.get_stage(api_id, unquote(name))
    change(stage, json.loads(response.body))
    return 200, {}, json.dumps(stage.to_json())


def change(stage: Stage, given: Mapping[str, Any]) -> None:
    """Changes a stage; what is not given stays.

    API reference, "UpdateStage"; a stage variable is taken away by an empty value.

    Args:
        stage: of an HTTP API.
        given: the request's body.
    """
    for name, attribute in _ATTRIBUTES.items():
        if name in given:
            setattr(stage, attribute, given[name])
    variables = {**stage.stage_variables, **given.get("stageVariables", {})}
    stage.stage_variables = {name: value for name, value in variables.items() if value != ""}
    stage.updated = datetime.now()  # noqa: DTZ005 - as moto keeps it
