"""What bucket policies deny, in place of moto's own check.

moto takes a statement whose condition does not hold for a denial, so that the usual "deny all but TLS" shuts
a bucket for good. Here such a statement does not apply. Requests over the loopback interface count as secure.
"""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest import mock

from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket

CONTEXT = {"aws:securetransport": "true"}
_OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "Bool": lambda wanted, given: wanted.lower() == given,
    "StringEquals": lambda wanted, given: wanted == given,
    "StringNotEquals": lambda wanted, given: wanted != given,
}


@contextmanager
def faithful_policies() -> Iterator[None]:
    """Makes moto's S3 judge bucket policies by `permission`, as long as the context lasts."""
    with mock.patch.object(FakeBucket, "get_permission", permission):
        yield


def permission(bucket: FakeBucket, action: str, resource: str) -> PermissionResult:
    """Judges one request of the account's owner.

    AWS docs, "Policy evaluation logic": an explicit denial wins over everything.

    Args:
        bucket: with its policy, if any.
        action: such as `s3:PutObject`.
        resource: the ARN of the object.

    Returns:
        Whether a statement denies it, else whether one permits it, else neither.
    """
    if bucket.policy is None:
        return PermissionResult.NEUTRAL
    effects = {
        statement.get("Effect")
        for statement in _many(json.loads(bucket.policy.decode()).get("Statement"))
        if _applies(statement, action, resource, bucket.account_id)
    }
    if "Deny" in effects:
        return PermissionResult.DENIED
    return PermissionResult.PERMITTED if "Allow" in effects else PermissionResult.NEUTRAL


def _applies(statement: Mapping[str, Any], action: str, resource: str, account: str) -> bool:
    return (
        _names_owner(statement.get("Principal"), account)
        and _covers(statement, "Action", action.lower(), str.lower)
        and _covers(statement, "Resource", resource, str)
        and all(
            _holds(operator, key, _many(values))
            for operator, tests in (statement.get("Condition") or {}).items()
            for key, values in tests.items()
        )
    )


def _covers(statement: Mapping[str, Any], element: str, value: str, form: Callable[[str], str]) -> bool:
    excluded = f"Not{element}" in statement
    patterns = _many(statement.get(f"Not{element}" if excluded else element))
    return excluded != any(fnmatch.fnmatchcase(value, form(pattern)) for pattern in patterns)


def _names_owner(principal: Any, account: str) -> bool:
    if isinstance(principal, Mapping):
        return any(name == "*" or account in name for name in _many(principal.get("AWS")))
    return bool(principal == "*")


def _holds(operator: str, key: str, values: list[Any]) -> bool:
    given = CONTEXT.get(key.lower())
    if given is None or operator not in _OPERATORS:
        return False
    return any(_OPERATORS[operator](str(value), given) for value in values)


def _many(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
