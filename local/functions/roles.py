"""The execution roles of functions, as the embedded IAM has them."""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Iterator, Mapping
from typing import Any

from moto.core.exceptions import ServiceException
from moto.iam.models import ManagedPolicy, Role, iam_backends

from .errors import LambdaError, invalid
from .names import Place

PRINCIPAL = "lambda.amazonaws.com"


def check_role(place: Place, arn: str) -> None:
    """Refuses a role that Lambda cannot assume.

    Args:
        place: where the function is.
        arn: of the role.

    Raises:
        LambdaError: the role does not exist, is of another account, or does not trust Lambda on behalf of
            this one.
    """
    if arn.split(":")[4] != place.account:
        raise LambdaError("AccessDeniedException", "Cross-account pass role is not allowed.")
    role = find_role(place, arn)
    if role is None or not _trusts_lambda(_document(role.assume_role_policy_document), place.account):
        raise invalid("The role defined for the function cannot be assumed by Lambda.")


def find_role(place: Place, arn: str) -> Role | None:
    """Gives the role of an ARN, or None when there is none."""
    try:
        return iam_backends[place.account][place.partition].get_role_by_arn(arn)
    except ServiceException:
        return None


def allows(place: Place, role_arn: str, action: str, resource: str) -> bool:
    """Tells whether a role's policies allow an action; conditions are taken to hold.

    Args:
        place: where the role is.
        role_arn: of the role.
        action: such as `sqs:ReceiveMessage`.
        resource: an ARN.

    Returns:
        True when a statement allows it and none denies it.
    """
    role = find_role(place, role_arn)
    if role is None:
        return False
    texts = [*role.policies.values(), *map(_managed, role.managed_policies.values())]
    effects = {
        statement.get("Effect")
        for text in texts
        for statement in _many(_document(text).get("Statement"))
        if _matches(statement.get("Action"), action.lower(), lower=True)
        and _matches(statement.get("Resource"), resource)
    }
    return "Allow" in effects and "Deny" not in effects


def _matches(patterns: Any, value: str, *, lower: bool = False) -> bool:
    return any(
        fnmatch.fnmatchcase(value, pattern.lower() if lower else pattern) for pattern in _many(patterns)
    )


def _managed(policy: ManagedPolicy) -> str:
    version = next(version for version in policy.versions if version.is_default)
    return str(version.document)


def _trusts_lambda(policy: Mapping[str, Any], account: str) -> bool:
    return any(
        statement.get("Effect") == "Allow"
        and {"sts:AssumeRole", "sts:*", "*"} & set(_many(statement.get("Action")))
        and PRINCIPAL in _services(statement.get("Principal"))
        and _holds(statement.get("Condition") or {}, account)
        for statement in _many(policy.get("Statement"))
    )


def _holds(conditions: Mapping[str, Any], account: str) -> bool:
    """Whether the conditions hold when Lambda acts for an account; what it does not tell never does."""
    return all(
        operator in {"StringEquals", "StringLike"}
        and key.lower() == "aws:sourceaccount"
        and any(fnmatch.fnmatchcase(account, str(value)) for value in _many(values))
        for operator, tests in conditions.items()
        for key, values in tests.items()
    )


def _services(principal: Any) -> Iterator[str]:
    if isinstance(principal, Mapping):
        yield from _many(principal.get("Service"))
    elif principal == "*":
        yield PRINCIPAL


def _document(text: Any) -> Mapping[str, Any]:
    document = json.loads(text) if isinstance(text, str) else text
    return document if isinstance(document, Mapping) else {}


def _many(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
