"""How many old versions of an object a lifecycle rule keeps, which moto forgets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from moto.core.common_types import TYPE_RESPONSE
from moto.core.responses import ActionResult
from moto.s3.models import FakeBucket
from moto.s3.responses import S3Response

_KEPT = "NewerNoncurrentVersions"
_EXPIRATION = "NoncurrentVersionExpiration"
_SET, _SERIALIZED = FakeBucket.set_lifecycle, S3Response.serialized


@contextmanager
def faithful_lifecycles() -> Iterator[None]:
    """Keeps `NoncurrentVersionExpiration` as it was given, as long as the context lasts."""
    with (
        mock.patch.object(FakeBucket, "set_lifecycle", _set_lifecycle),
        mock.patch.object(S3Response, "serialized", _serialized),
    ):
        yield


def _set_lifecycle(bucket: FakeBucket, rules: list[dict[str, Any]]) -> None:
    _SET(bucket, rules)
    for rule, given in zip(bucket.rules, rules, strict=True):
        expiration = given.get(_EXPIRATION) or {}
        vars(rule)[_KEPT] = expiration.get(_KEPT)


def _serialized(response: S3Response, action: ActionResult) -> TYPE_RESPONSE:
    shown = action.result
    if isinstance(shown, dict) and "TransitionDefaultMinimumObjectSize" in shown:
        kept = response.backend.buckets[response.bucket_name].rules
        for rule, each in zip(shown.get("Rules", []), kept, strict=True):
            if _EXPIRATION in rule and vars(each).get(_KEPT):
                rule[_EXPIRATION][_KEPT] = int(vars(each)[_KEPT])
    return _SERIALIZED(response, action)
