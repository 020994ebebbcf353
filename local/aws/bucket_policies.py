"""What bucket policies deny, in place of moto's own check.

moto takes a statement whose condition does not hold for a denial, so that the usual "deny all but TLS" shuts
a bucket for good. Here such a statement does not apply. Requests over the loopback interface count as secure,
unless they say, as a proxy would, that they came over plain HTTP: `X-Forwarded-Proto: http`.

Nothing here is public: requests without a signature are refused whatever a policy or an ACL says, as they
are by every bucket that blocks public access.
"""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest import mock

from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket, s3_backends
from werkzeug.wrappers import Request

SECURE, INSECURE = {"aws:securetransport": "true"}, {"aws:securetransport": "false"}
FORWARDED = "X-Forwarded-Proto"
_SIGNATURES = frozenset({"X-Amz-Signature", "Signature"})
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


def refuses(request: Request, operation: str) -> bool:
    """Tells whether a request is refused before S3 looks at what it wants.

    Args:
        request: to S3, with the bucket and the key in its path.
        operation: such as `ListObjectsV2`; policies whose actions are named otherwise are moto's to judge.
    """
    if "Authorization" not in request.headers and not _SIGNATURES & request.args.keys():
        return True
    if request.headers.get(FORWARDED) != "http":
        return False
    name, _, key = request.path.lstrip("/").partition("/")
    resource = f"arn:aws:s3:::{name}/{key}" if key else f"arn:aws:s3:::{name}"
    return any(
        permission(bucket, f"s3:{operation}", resource, INSECURE) is PermissionResult.DENIED
        for bucket in _named(name)
    )


def permission(
    bucket: FakeBucket, action: str, resource: str, context: Mapping[str, str] = SECURE
) -> PermissionResult:
    """Judges one request of the account's owner.

    AWS docs, "Policy evaluation logic": an explicit denial wins over everything.

    Args:
        bucket: with its policy, if any.
        action: such as `s3:PutObject`.
        resource: the ARN of the object or bucket.
        context: the values of condition keys, these in lower case.

    Returns:
        Whether a statement denies it, else whether one permits it, else neither.
    """
    if bucket.policy is None:
        return PermissionResult.NEUTRAL
    effects = {
        statement.get("Effect")
        for statement in _many(json.loads(bucket.policy.decode()).get("Statement"))
        if _applies(statement, action, resource, bucket.account_id, context)
    }
    if "Deny" in effects:
        return PermissionResult.DENIED
    return PermissionResult.PERMITTED if "Allow" in effects else PermissionResult.NEUTRAL


def _named(name: str) -> list[FakeBucket]:
    found = (backends["aws"].buckets.get(name) for backends in s3_backends.values())
    return [bucket for bucket in found if bucket is not None]


def _applies(
    statement: Mapping[str, Any], action: str, resource: str, account: str, context: Mapping[str, str]
) -> bool:
    return (
        _names_owner(statement.get("Principal"), account)
        and _covers(statement, "Action", action.lower(), str.lower)
        and _covers(statement, "Resource", resource, str)
        and all(
            _holds(operator, context.get(key.lower()), _many(values))
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


def _holds(operator: str, given: str | None, values: list[Any]) -> bool:
    if given is None or operator not in _OPERATORS:
        return False
    return any(_OPERATORS[operator](str(value), given) for value in values)


def _many(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
