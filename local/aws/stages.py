"""UpdateStage of HTTP APIs and the tags of stages, which moto lacks: a stage can change in place."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from unittest import mock
from urllib.parse import unquote

from moto.apigatewayv2.models import ApiGatewayV2Backend, Stage
from moto.apigatewayv2.responses import ApiGatewayV2Response
from moto.apigatewayv2.urls import url_paths
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
_TAGS_OF_STAGE = "{0}/v2/tags/(?P<resource_arn_pt1>[^/]+)/apis/(?P<api>[^/]+)/stages/(?P<stage>[^/]+)$"
_TAG, _UNTAG = ApiGatewayV2Backend.tag_resource, ApiGatewayV2Backend.untag_resource


@contextmanager
def changeable_stages() -> Iterator[None]:
    """Gives moto's API Gateway UpdateStage and the tags of stages, as long as the context lasts."""
    with (
        mock.patch.object(ApiGatewayV2Response, "update_stage", _update_stage, create=True),
        mock.patch.object(ApiGatewayV2Backend, "tag_resource", _tag),
        mock.patch.object(ApiGatewayV2Backend, "untag_resource", _untag),
        mock.patch.dict(url_paths, {_TAGS_OF_STAGE: ApiGatewayV2Response.dispatch}),
    ):
        yield


def _tag(backend: ApiGatewayV2Backend, arn: str, tags: dict[str, str]) -> None:
    stage = _stage_of(backend, arn)
    if stage is None:
        _TAG(backend, arn, tags)
    else:
        stage.tags = {**(stage.tags or {}), **tags}


def _untag(backend: ApiGatewayV2Backend, arn: str, keys: list[str]) -> None:
    stage = _stage_of(backend, arn)
    if stage is None:
        _UNTAG(backend, arn, keys)
    else:
        stage.tags = {key: value for key, value in (stage.tags or {}).items() if key not in keys}


def _stage_of(backend: ApiGatewayV2Backend, arn: str) -> Stage | None:
    """The stage of `arn:aws:apigateway:REGION::/apis/ID/stages/NAME`."""
    path, _, name = arn.partition("/stages/")
    return backend.get_stage(path.rpartition("/")[2], name) if name else None


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
