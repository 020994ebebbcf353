"""An HTTP API in moto's backend, in front of a function that the test writes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from moto import mock_aws
from types_boto3_apigatewayv2 import ApiGatewayV2Client
from types_boto3_logs import CloudWatchLogsClient
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client
from werkzeug.wrappers import Response

from local.aws.http_api import MOUNT, HttpApis, Invoke

REGION = "us-west-2"
ACCOUNT = "123456789012"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:api"
LIVE = f"{FUNCTION}:live"


@dataclass(frozen=True)
class Answer:
    payload: bytes
    error: str | None = None


def answer(content: Any) -> Answer:
    return Answer(json.dumps(content).encode())


@dataclass
class Api:
    """One API with its client; `handler` is the function behind it, `calls` what it was invoked with."""

    id: str
    gateway: ApiGatewayV2Client
    logs: CloudWatchLogsClient
    handler: Callable[[dict[str, Any]], Answer] = lambda _: answer({"statusCode": 200})
    policies: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    max_seconds: float = 30.0

    def invoke(self, function_arn: str, payload: bytes) -> Answer:
        self.calls.append((function_arn, json.loads(payload)))
        return self.handler(self.calls[-1][1])

    def allow(self, function_arn: str = LIVE, source: str | None = None, **more: Any) -> None:
        statement = {
            "Sid": "api",
            "Effect": "Allow",
            "Principal": {"Service": "apigateway.amazonaws.com"},
            "Action": "lambda:InvokeFunction",
            "Resource": function_arn,
            "Condition": {
                "ArnLike": {
                    "AWS:SourceArn": source or f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{self.id}/*/*"
                }
            },
        }
        self.policies[function_arn] = {"Version": "2012-10-17", "Statement": [statement | more]}

    def route(self, key: str = "$default", uri: str = LIVE, **more: Any) -> None:
        made = self.gateway.create_integration(
            ApiId=self.id,
            **{
                "IntegrationType": "AWS_PROXY",
                "IntegrationUri": uri,
                "PayloadFormatVersion": "2.0",
                **more,
            },
        )
        self.gateway.create_route(ApiId=self.id, RouteKey=key, Target=f"integrations/{made['IntegrationId']}")

    def stage(self, name: str = "$default", **more: Any) -> None:
        self.gateway.create_stage(ApiId=self.id, StageName=name, **{"AutoDeploy": True, **more})

    def open(self, path: str = "/", *, method: str = "GET", **more: Any) -> Response:
        return self.serve(self.invoke).open(f"{self.base}{path}", method=method, **more)

    def serve(self, invoke: Invoke) -> Client:
        apis = HttpApis(invoke, self.policies.get, max_seconds=self.max_seconds)
        application = DispatcherMiddleware(Response("moto", status=418), {MOUNT: apis})
        return Client(application, use_cookies=False)

    @property
    def base(self) -> str:
        return f"{MOUNT}/{self.id}"

    @property
    def event(self) -> dict[str, Any]:
        return self.calls[-1][1]


@pytest.fixture
def bare() -> Iterator[Api]:
    """An API without routes and stages."""
    with mock_aws():
        gateway = boto3.client("apigatewayv2", REGION)
        made = gateway.create_api(Name="pictures", ProtocolType="HTTP")
        yield Api(made["ApiId"], gateway, boto3.client("logs", REGION))


@pytest.fixture
def api(bare: Api) -> Api:
    """An API as a stack makes it: everything goes to one alias, which lets it in."""
    bare.route()
    bare.stage()
    bare.allow()
    return bare
