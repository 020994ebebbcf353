"""Integrations: what an API hands its requests to."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from typing_extensions import override

from .api_part import ApiPart
from .aws import Aws
from .schema import (
    integer,
    mapping,
    output,
    string,
    table,
)
from .values import State


class Integration(ApiPart):
    """`aws:apigatewayv2/integration:Integration`."""

    type_name = "aws:apigatewayv2/integration:Integration"
    noun = "Integration"
    verb = "integration"
    key = "IntegrationId"
    fields = (
        "connectionId", "connectionType", "contentHandlingStrategy", "credentialsArn", "description",
        "integrationMethod", "integrationSubtype", "integrationType", "integrationUri", "passthroughBehavior",
        "payloadFormatVersion", "requestParameters", "requestTemplates", "templateSelectionExpression",
        "timeoutMilliseconds",
    )  # fmt: skip
    schema = table(
        {
            "apiId": string(required=True, replaces=True),
            "connectionId": string(),
            "connectionType": string(default="INTERNET"),
            "contentHandlingStrategy": string(),
            "credentialsArn": string(),
            "description": string(),
            "integrationMethod": string(),
            "integrationSubtype": string(replaces=True),
            "integrationType": string(required=True, replaces=True),
            "integrationUri": string(),
            "passthroughBehavior": string(default="WHEN_NO_MATCH"),
            "payloadFormatVersion": string(default="1.0"),
            "requestParameters": mapping(),
            "requestTemplates": mapping(),
            "templateSelectionExpression": string(),
            "timeoutMilliseconds": integer(computed=True),
            "integrationResponseSelectionExpression": output(),
        },
        refused=("responseParameters", "tlsConfig"),
    )

    @override
    def request(self, new: State, names: AbstractSet[str]) -> dict[str, Any]:
        sent = super().request(new, {*names, "integrationType"})
        return {
            name: value for name, value in sent.items() if not (name == "IntegrationSubtype" and not value)
        }

    @override
    def adjusted(self, old: State, planned: State) -> State:
        """POST, which AWS sets for functions where no method is given, is no change (`integration.go`)."""
        proxy = planned.get("integrationType") in ("AWS", "AWS_PROXY")
        return (
            {"integrationMethod": "POST", **planned}
            if proxy and old.get("integrationMethod") == "POST"
            else planned
        )

    @override
    def further(self, aws: Aws, identity: str, state: State, found: Mapping[str, Any]) -> State:
        name = "IntegrationResponseSelectionExpression"
        return {"integrationResponseSelectionExpression": found.get(name)}
