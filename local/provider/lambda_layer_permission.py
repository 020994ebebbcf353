"""Who may use a layer version."""

from __future__ import annotations

import json
import re

from botocore.exceptions import ClientError
from typing_extensions import override

from .aws import Aws, failed_with, gone
from .lambda_layer import MISSING
from .resource import Immutable, split_import
from .schema import boolean, integer, output, string, table
from .values import State


class LayerVersionPermission(Immutable):
    """`aws:lambda/layerVersionPermission:LayerVersionPermission`."""

    type_name = "aws:lambda/layerVersionPermission:LayerVersionPermission"
    schema = table(
        {
            "action": string(required=True),
            "layerName": string(required=True),
            "principal": string(required=True),
            "statementId": string(required=True),
            "versionNumber": integer(required=True),
            "organizationId": string(),
            "skipDestroy": boolean(default=False),
            "policy": output(),
            "revisionId": output(),
        },
        replaces=True,
    )

    @override
    def create(self, aws: Aws, new: State) -> str:
        request = {
            "LayerName": new["layerName"],
            "VersionNumber": new["versionNumber"],
            "StatementId": new["statementId"],
            "Action": new["action"],
            "Principal": new["principal"],
            "OrganizationId": new.get("organizationId"),
        }
        with aws.doing(f"adding Lambda Layer Version Permission (layer: {new['layerName']})"):
            aws.client("lambda", new).add_layer_version_permission(
                **{key: value for key, value in request.items() if value}
            )
        return f"{new['layerName']},{new['versionNumber']}"

    @override
    def read(self, aws: Aws, identity: str, state: State) -> State | None:
        with aws.doing(f"reading Lambda Layer Version Permission ({identity})"):
            try:
                found = aws.client("lambda", state).get_layer_version_policy(
                    LayerName=state["layerName"], VersionNumber=state["versionNumber"]
                )
            except ClientError as error:
                if failed_with(error, MISSING):
                    return None
                raise
        first = json.loads(found["Policy"])["Statement"][0]
        principal = first["Principal"]
        organization = first.get("Condition", {}).get("StringEquals", {}).get("aws:PrincipalOrgID")
        return {
            "action": first["Action"],
            "principal": _account(principal["AWS"]) if isinstance(principal, dict) else principal,
            "statementId": first["Sid"],
            "organizationId": organization,
            "policy": found["Policy"],
            "revisionId": found.get("RevisionId"),
        }

    @override
    def delete(self, aws: Aws, identity: str, state: State) -> None:
        if state.get("skipDestroy"):
            return
        with aws.doing(f"deleting Lambda Layer Version Permission ({identity})"), gone(MISSING):
            aws.client("lambda", state).remove_layer_version_permission(
                LayerName=state["layerName"],
                VersionNumber=state["versionNumber"],
                StatementId=state["statementId"],
            )

    @override
    def imported(self, aws: Aws, identity: str) -> tuple[str, State]:
        layer, version = split_import(identity, ",", "layerName", "versionNumber")
        return identity, {"layerName": layer, "versionNumber": int(version)}


def _account(principal: str) -> str:
    """The account of a principal that Lambda has turned into an ARN."""
    found = re.fullmatch(r"arn:aws:iam::(\d{12}):root", principal)
    return found.group(1) if found else principal
