"""Decides whether a function's resource policy lets an HTTP API invoke it.

AWS docs, "Viewing resource-based IAM policies in Lambda" and "IAM JSON policy elements: Condition operators".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

SERVICE = "apigateway.amazonaws.com"
ACTIONS = frozenset({"lambda:InvokeFunction", "lambda:Invoke*", "lambda:*", "*"})


def permits(policy: Mapping[str, Any] | None, *, function_arn: str, source_arn: str) -> bool:
    """Tells whether a statement allows API Gateway to invoke a function for one route.

    Args:
        policy: the policy document of the function, alias or version that is invoked, or None.
        function_arn: with the qualifier that is invoked, if any.
        source_arn: `arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/PATH`.

    Returns:
        True when a statement does; an unknown condition never does.
    """
    account = source_arn.split(":")[4]
    context = {"aws:sourcearn": source_arn, "aws:sourceaccount": account}
    return any(
        _applies(statement, function_arn, context) for statement in _many((policy or {}).get("Statement"))
    )


def _applies(statement: Mapping[str, Any], function_arn: str, context: Mapping[str, str]) -> bool:
    return (
        statement.get("Effect") == "Allow"
        and _is_ours(statement.get("Principal"))
        and not ACTIONS.isdisjoint(_many(statement.get("Action")))
        and any(_arn_like(pattern, function_arn) for pattern in _many(statement.get("Resource")))
        and _conditions_hold(statement.get("Condition") or {}, context)
    )


def _is_ours(principal: Any) -> bool:
    if isinstance(principal, Mapping):
        return SERVICE in _many(principal.get("Service")) or "*" in _many(principal.get("AWS"))
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
