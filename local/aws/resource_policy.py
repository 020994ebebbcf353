"""Decides whether a resource's own policy lets an AWS service do something with it.

AWS docs, "Viewing resource-based IAM policies in Lambda" and "IAM JSON policy elements: Condition operators".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

INVOKE = "lambda:InvokeFunction"


def permits(
    policy: Mapping[str, Any] | None, *, service: str, resource: str, source_arn: str, action: str = INVOKE
) -> bool:
    """Tells whether a statement allows a service to do something on behalf of something of this account.

    Args:
        policy: the policy document of exactly that resource (function, alias, version, queue), or None.
        service: such as `apigateway.amazonaws.com`.
        resource: its ARN, of a function with the qualifier that is invoked, if any.
        source_arn: on whose behalf, such as an EventBridge rule or
            `arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/PATH`.
        action: such as `sqs:SendMessage`.

    Returns:
        True when a statement does; an unknown condition never does.
    """
    account = source_arn.split(":")[4]
    context = {"aws:sourcearn": source_arn, "aws:sourceaccount": account}
    return any(
        statement.get("Effect") == "Allow"
        and _names(statement.get("Principal"), service)
        and any(_like(pattern.lower(), action.lower()) for pattern in _many(statement.get("Action")))
        and any(_arn_like(pattern, resource) for pattern in _many(statement.get("Resource")))
        and _conditions_hold(statement.get("Condition") or {}, context)
        for statement in _many((policy or {}).get("Statement"))
    )


def _names(principal: Any, service: str) -> bool:
    if isinstance(principal, Mapping):
        return service in _many(principal.get("Service")) or "*" in _many(principal.get("AWS"))
    return bool(principal == "*")


def _conditions_hold(conditions: Mapping[str, Mapping[str, Any]], context: Mapping[str, str]) -> bool:
    return all(
        operator in _OPERATORS
        and key.lower() in context
        and any(_OPERATORS[operator](str(pattern), context[key.lower()]) for pattern in _many(patterns))
        for operator, tests in conditions.items()
        for key, patterns in tests.items()
    )


def _arn_like(pattern: str, arn: str) -> bool:
    """Compares part by part: a wildcard does not reach over the first five colons."""
    patterns, parts = pattern.split(":", 5), arn.split(":", 5)
    if pattern == "*":
        return True
    return len(patterns) == len(parts) and all(map(_like, patterns, parts))


def _like(pattern: str, value: str) -> bool:
    spelt = "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in pattern)
    return re.fullmatch(spelt, value, re.DOTALL) is not None


def _equal(pattern: str, value: str) -> bool:
    return pattern == value


_OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "ArnLike": _arn_like,
    "ArnEquals": _arn_like,
    "StringLike": _like,
    "StringEquals": _equal,
}


def _many(value: Any) -> Iterable[Any]:
    if value is None:
        return ()
    return value if isinstance(value, list) else (value,)
