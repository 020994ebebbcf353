"""Stages: where an API is served."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from typing_extensions import override

from .api_part import ApiPart
from .aws import PARTITION, SUFFIX, Aws
from .schema import (
    AutoName,
    boolean,
    document,
    integer,
    mapping,
    number,
    output,
    string,
    table,
)
from .values import State


class Stage(ApiPart):
    """`aws:apigatewayv2/stage:Stage`."""

    type_name = "aws:apigatewayv2/stage:Stage"
    noun = "Stage"
    verb = "stage"
    key = "StageName"
    fields = (
        "accessLogSettings", "autoDeploy", "clientCertificateId", "defaultRouteSettings", "deploymentId",
        "description", "stageVariables",
    )  # fmt: skip
    schema = table(
        {
            "apiId": string(required=True, replaces=True),
            "accessLogSettings": document(
                {"destinationArn": string(required=True), "format": string(required=True)}
            ),
            "autoDeploy": boolean(default=False),
            "clientCertificateId": string(),
            "defaultRouteSettings": document(
                {
                    "dataTraceEnabled": boolean(),
                    "detailedMetricsEnabled": boolean(),
                    "loggingLevel": string(computed=True),
                    "throttlingBurstLimit": integer(),
                    "throttlingRateLimit": number(),
                },
                computed=True,
            ),
            "deploymentId": string(computed=True),
            "description": string(),
            "name": string(replaces=True, auto_name=AutoName(255)),
            "stageVariables": mapping(),
            "arn": output(),
            "executionArn": output(),
            "invokeUrl": output(),
        },
        tags=True,
        refused=("routeSettings",),
    )

    @override
    def parent(self, new: State) -> dict[str, str]:
        return {"ApiId": new["apiId"], "StageName": new["name"]}

    @override
    def further(self, aws: Aws, identity: str, state: State, found: Mapping[str, Any]) -> State:
        region, api = state["region"], state["apiId"]
        protocol = self._protocol(aws, state)
        scheme = "wss" if protocol == "WEBSOCKET" else "https"
        path = "" if identity == "$default" else identity
        return {
            "name": identity,
            "arn": f"arn:{PARTITION}:apigateway:{region}::/apis/{api}/stages/{identity}",
            "executionArn": f"arn:{PARTITION}:execute-api:{region}:{aws.account}:{api}/{identity}",
            "invokeUrl": f"{scheme}://{api}.execute-api.{region}.{SUFFIX}/{path}",
        }

    @override
    def create(self, aws: Aws, new: State) -> str:
        self._protocol(aws, new)
        return super().create(aws, new)

    @override
    def removed(self, old: State, new: State, changed: AbstractSet[str]) -> dict[str, Any]:
        sent = super().removed(old, new, changed - {"stageVariables"})
        before, after = old.get("stageVariables") or {}, new.get("stageVariables") or {}
        if "stageVariables" in changed:
            sent["StageVariables"] = {**after, **{name: "" for name in before if name not in after}}
        return sent

    @override
    def update(self, aws: Aws, identity: str, old: State, new: State, changed: AbstractSet[str]) -> None:
        if changed:
            self._protocol(aws, new)
            super().update(aws, identity, old, new, changed)

    def _protocol(self, aws: Aws, state: State) -> str:
        """The kind of the stage's API, which upstream asks for before and after each change."""
        api = state["apiId"]
        with aws.doing(f"reading API Gateway v2 API ({api})"):
            return str(aws.client("apigatewayv2", state).get_api(ApiId=api)["ProtocolType"])
