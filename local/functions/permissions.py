"""Resource policies: who may invoke a function, version or alias."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from local import limits

from .errors import LambdaError, conflict, invalid, not_found, stale
from .names import LATEST
from .records import Function, Policy
from .store import Region
from .versions import find_function, find_version, touched

Answer = dict[str, Any]
# Which condition a parameter of AddPermission becomes.
# AWS docs, "Viewing resource-based IAM policies in Lambda".
CONDITIONS = {
    "source_arn": ("ArnLike", "AWS:SourceArn"),
    "source_account": ("StringEquals", "AWS:SourceAccount"),
    "event_source_token": ("StringEquals", "lambda:EventSourceToken"),
    "principal_org_id": ("StringEquals", "aws:PrincipalOrgID"),
    "function_url_auth_type": ("StringEquals", "lambda:FunctionUrlAuthType"),
    "invoked_via_function_url": ("Bool", "lambda:InvokedViaFunctionUrl"),
}


def add_permission(
    region: Region,
    *,
    function_name: str,
    statement_id: str,
    action: str,
    principal: str,
    qualifier: str | None = None,
    revision_id: str | None = None,
    source_arn: str | None = None,
    source_account: str | None = None,
    event_source_token: str | None = None,
    principal_org_id: str | None = None,
    function_url_auth_type: str | None = None,
    invoked_via_function_url: bool | None = None,
) -> Answer:
    """AddPermission."""
    function, found = find_function(region, function_name, qualifier)
    key = _key(region, function, found)
    _check_revision(region, function, key, revision_id)
    policy = function.policies.get(key, Policy())
    if statement_id in policy.statements:
        raise conflict(
            f"The statement id ({statement_id}) provided already exists. Please provide a new statement id, "
            "or remove the existing statement."
        )
    conditions = _conditions(
        source_arn=source_arn,
        source_account=source_account,
        event_source_token=event_source_token,
        principal_org_id=principal_org_id,
        function_url_auth_type=function_url_auth_type,
        invoked_via_function_url=invoked_via_function_url,
    )
    statement: Answer = {
        "Sid": statement_id,
        "Effect": "Allow",
        "Principal": _principal(region, principal),
        "Action": action,
        "Resource": region.place.function_arn(function.name, found),
    }
    if conditions:
        statement["Condition"] = conditions
    _check_size({**policy.statements, statement_id: statement})
    policy.statements[statement_id] = statement
    function.policies[key] = policy
    _touch(region, function, key)
    return {"Statement": json.dumps(statement, separators=(",", ":"))}


def remove_permission(
    region: Region,
    *,
    function_name: str,
    statement_id: str,
    qualifier: str | None = None,
    revision_id: str | None = None,
) -> Answer:
    """RemovePermission."""
    function, found = find_function(region, function_name, qualifier)
    key = _key(region, function, found)
    if key not in function.policies:
        raise not_found("No policy is associated with the given resource.")
    statements = function.policies[key].statements
    if statement_id not in statements:
        raise not_found(f"Statement {statement_id} is not found in resource policy.")
    _check_revision(region, function, key, revision_id)
    del statements[statement_id]
    if not statements:
        del function.policies[key]
    _touch(region, function, key)
    return {}


def get_policy(region: Region, *, function_name: str, qualifier: str | None = None) -> Answer:
    """GetPolicy."""
    function, found = find_function(region, function_name, qualifier)
    key = _key(region, function, found)
    if key not in function.policies:
        raise not_found("The resource you requested does not exist.")
    document = json.dumps(function.policies[key].document(), separators=(",", ":"))
    return {"Policy": document, "RevisionId": _revision(region, function, key)}


def _key(region: Region, function: Function, qualifier: str | None) -> str:
    """Gives what the policy is kept under: the qualifier, or nothing for the function itself."""
    if qualifier == LATEST:
        raise invalid(f"We currently do not support adding policies for {LATEST}.")
    if qualifier is not None and qualifier not in function.aliases:
        find_version(region, function, qualifier)
    return qualifier or ""


def _principal(region: Region, given: str) -> str | dict[str, str]:
    if given == "*":
        return "*"
    if re.fullmatch(r"\d{12}", given):
        return {"AWS": f"arn:{region.place.partition}:iam::{given}:root"}
    if re.fullmatch(r"arn:[^:]+:(iam|sts)::\d{12}:.+", given):
        return {"AWS": given}
    if (
        re.fullmatch(r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?|[a-z0-9-]+\.alexa\.com", given)
        or given == "alexa-appkit.amazon.com"
    ):
        return {"Service": given}
    raise invalid("The provided principal was invalid. Please check the principal and try again.")


def _conditions(**given: str | bool | None) -> dict[str, dict[str, str]]:
    conditions: dict[str, dict[str, str]] = {}
    for parameter, (operator, key) in CONDITIONS.items():
        value = given[parameter]
        if value is not None:
            text = str(value).lower() if isinstance(value, bool) else value
            conditions.setdefault(operator, {})[key] = text
    return conditions


def _check_size(statements: dict[str, dict[str, Any]]) -> None:
    size = len(json.dumps(Policy(statements).document(), separators=(",", ":")).encode())
    if size > limits.RESOURCE_POLICY:
        raise LambdaError(
            "PolicyLengthExceededException",
            f"The final policy size ({size}) is bigger than the limit ({limits.RESOURCE_POLICY}).",
        )


def _revision(region: Region, function: Function, key: str) -> str:
    if key in function.aliases:
        return function.aliases[key].revision_id
    return find_version(region, function, key or None).revision_id(region.tools.clock())


def _check_revision(region: Region, function: Function, key: str, given: str | None) -> None:
    if given is not None and given != _revision(region, function, key):
        raise stale("GetPolicy")


def _touch(region: Region, function: Function, key: str) -> None:
    """A change of the policy changes the RevisionId of what it belongs to."""
    if key in function.aliases:
        function.aliases[key] = dataclasses.replace(function.aliases[key], revision_id=region.tools.new_id())
    elif key:
        function.versions[int(key)] = touched(region, function.versions[int(key)])
    else:
        function.latest = touched(region, function.latest)


OPERATIONS: Mapping[str, Callable[..., Answer]] = {
    "AddPermission": add_permission,
    "RemovePermission": remove_permission,
    "GetPolicy": get_policy,
}
