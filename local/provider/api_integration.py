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
    def further(self, aws: Aws, identity: str, state: State, found: Mapping[str, Any]) -> State:
        proxy = found.get("IntegrationType") in ("AWS", "AWS_PROXY")
        unset = proxy and found.get("IntegrationMethod") == "POST"
        return {
            "integrationResponseSelectionExpression": found.get("IntegrationResponseSelectionExpression"),
            **({"integrationMethod": None} if unset else {}),
        }

    @override
    def read(self, aws: Aws, identity: str, state: State) -> State | None:
        found = super().read(aws, identity, state)
        if found is not None and found.get("integrationMethod") is None and state.get("integrationMethod"):
            found["integrationMethod"] = state["integrationMethod"]
        return found
