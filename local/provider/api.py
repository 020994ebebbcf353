"""HTTP and WebSocket APIs."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from typing_extensions import override

from .api_part import ApiPart
from .aws import PARTITION, Aws
from .schema import (
    AutoName,
    boolean,
    document,
    integer,
    output,
    string,
    string_set,
    table,
)
from .values import State


class Api(ApiPart):
    """`aws:apigatewayv2/api:Api`."""

    type_name = "aws:apigatewayv2/api:Api"
    noun = "API"
    verb = "api"
    key = "ApiId"
    fields = (
        "apiKeySelectionExpression", "corsConfiguration", "description", "disableExecuteApiEndpoint", "name",
        "protocolType", "routeSelectionExpression", "version", "ipAddressType",
    )  # fmt: skip
    schema = table(
        {
            "apiKeySelectionExpression": string(default="$request.header.x-api-key"),
            "corsConfiguration": document(
                {
                    "allowCredentials": boolean(),
                    "allowHeaders": string_set(),
                    "allowMethods": string_set(),
                    "allowOrigins": string_set(),
                    "exposeHeaders": string_set(),
                    "maxAge": integer(),
                }
            ),
            "description": string(),
            "disableExecuteApiEndpoint": boolean(default=False),
            "ipAddressType": string(computed=True),
            "name": string(auto_name=AutoName(255)),
            "protocolType": string(required=True, replaces=True),
            "routeSelectionExpression": string(default="$request.method $request.path"),
            "version": string(),
            "apiEndpoint": output(),
            "arn": output(),
            "executionArn": output(),
        },
        tags=True,
        refused=("body", "credentialsArn", "failOnWarnings", "routeKey", "target"),
    )

    @override
    def where(self, identity: str, state: State) -> dict[str, str]:
        return {"ApiId": identity}

    @override
    def parent(self, new: State) -> dict[str, str]:
        return {}

    @override
    def further(self, aws: Aws, identity: str, state: State, found: Mapping[str, Any]) -> State:
        region = state["region"]
        return {
            "apiEndpoint": found.get("ApiEndpoint"),
            "arn": f"arn:{PARTITION}:apigateway:{region}::/apis/{identity}",
            "executionArn": f"arn:{PARTITION}:execute-api:{region}:{aws.account}:{identity}",
        }

    @override
    def update(self, aws: Aws, identity: str, old: State, new: State, changed: AbstractSet[str]) -> None:
        if "corsConfiguration" in changed and not new.get("corsConfiguration"):
            with aws.doing(f"deleting API Gateway v2 API ({identity}) CORS configuration"):
                aws.client("apigatewayv2", new).delete_cors_configuration(ApiId=identity)
            changed = changed - {"corsConfiguration"}
        if changed:
            super().update(aws, identity, old, new, changed)

    @override
    def imported(self, aws: Aws, identity: str) -> tuple[str, State]:
        return identity, {}
