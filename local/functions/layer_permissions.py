"""The resource policies of layer versions: who may use one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from .errors import conflict, invalid, not_found, stale
from .layers import existing_layer_version
from .names import parse_layer
from .records import Policy
from .store import Region

Answer = dict[str, Any]


def add_layer_version_permission(
    region: Region,
    *,
    layer_name: str,
    version_number: int,
    statement_id: str,
    action: str,
    principal: str,
    organization_id: str | None = None,
    revision_id: str | None = None,
) -> Answer:
    """AddLayerVersionPermission."""
    version = existing_layer_version(region, layer_name, version_number)
    policy = _policies(region, layer_name).get(version_number) or Policy()
    if revision_id is not None and revision_id != policy.revision_id:
        raise stale("GetLayerPolicy")
    if statement_id in policy.statements:
        raise conflict(
            f"The statement id ({statement_id}) provided already exists. Please provide a new statement id, "
            "or remove the existing statement."
        )
    if organization_id is not None and principal != "*":
        raise invalid("OrganizationId can only be specified with principal *.")
    who = principal if principal == "*" or principal.startswith("arn:") else _root_of(region, principal)
    statement: Answer = {
        "Sid": statement_id,
        "Effect": "Allow",
        "Principal": who if who == "*" else {"AWS": who},
        "Action": action,
        "Resource": version.arn,
    }
    if organization_id is not None:
        statement["Condition"] = {"StringEquals": {"aws:PrincipalOrgID": organization_id}}
    policy.statements[statement_id] = statement
    policy.revision_id = region.tools.new_id()
    _policies(region, layer_name)[version_number] = policy
    return {"Statement": json.dumps(statement, separators=(",", ":")), "RevisionId": policy.revision_id}


def get_layer_version_policy(region: Region, *, layer_name: str, version_number: int) -> Answer:
    """GetLayerVersionPolicy."""
    policy = _policy(region, layer_name, version_number)
    return {"Policy": json.dumps(policy.document(), separators=(",", ":")), "RevisionId": policy.revision_id}


def remove_layer_version_permission(
    region: Region, *, layer_name: str, version_number: int, statement_id: str, revision_id: str | None = None
) -> Answer:
    """RemoveLayerVersionPermission."""
    policy = _policy(region, layer_name, version_number)
    if revision_id is not None and revision_id != policy.revision_id:
        raise stale("GetLayerPolicy")
    if statement_id not in policy.statements:
        raise not_found(f"Statement {statement_id} is not found in resource policy.")
    del policy.statements[statement_id]
    policy.revision_id = region.tools.new_id()
    if not policy.statements:
        del _policies(region, layer_name)[version_number]
    return {}


def _policies(region: Region, given: str) -> dict[int, Policy]:
    return region.layers[parse_layer(region.place, given)].policies


def _policy(region: Region, given: str, number: int) -> Policy:
    existing_layer_version(region, given, number)
    policy = _policies(region, given).get(number)
    if policy is None:
        raise not_found("No policy is associated with the given resource.")
    return policy


def _root_of(region: Region, account: str) -> str:
    return f"arn:{region.place.partition}:iam::{account}:root"


OPERATIONS: Mapping[str, Callable[..., Answer]] = {
    "AddLayerVersionPermission": add_layer_version_permission,
    "GetLayerVersionPolicy": get_layer_version_policy,
    "RemoveLayerVersionPermission": remove_layer_version_permission,
}
