"""S3: names of buckets, keys, metadata and tags."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping

from local import limits

from .asked import Asked, QuotaError

_METADATA = "x-amz-meta-"
_BUCKET = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*")


def is_bucket_name(name: str) -> bool:
    """Tells whether a new bucket can have a name.

    AWS docs, "General purpose bucket naming rules".
    """
    return (
        len(name) in limits.BUCKET_NAME
        and _BUCKET.fullmatch(name) is not None
        and not name.startswith(limits.BUCKET_PREFIXES)
        and not name.endswith(limits.BUCKET_SUFFIXES)
        and not _is_address(name)
    )


def _bucket(asked: Asked) -> None:
    name = asked.request.path.strip("/").partition("/")[0]
    if not is_bucket_name(name):
        raise QuotaError("InvalidBucketName", "The specified bucket is not valid.")


def _object(asked: Asked) -> None:
    key = asked.request.path.lstrip("/").partition("/")[2]
    size = len(key.encode())
    if size > limits.OBJECT_KEY:
        raise QuotaError(
            "KeyTooLongError", f"Your key is too long: {size} bytes, at most {limits.OBJECT_KEY}"
        )
    metadata = sum(
        len(name[len(_METADATA) :].encode()) + len(value.encode())
        for name, value in asked.request.headers.items()
        if name.lower().startswith(_METADATA)
    )
    if metadata > limits.OBJECT_METADATA:
        raise QuotaError("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size")


def _bucket_tags(asked: Asked) -> None:
    if asked.request.get_data().count(b"<Tag>") > limits.BUCKET_TAGS:
        raise QuotaError("BadRequest", f"Bucket tag count cannot be greater than {limits.BUCKET_TAGS}")


def _is_address(name: str) -> bool:
    try:
        ipaddress.IPv4Address(name)
    except ValueError:
        return False
    return True


CHECKS: Mapping[str, Callable[[Asked], None]] = {
    "CreateBucket": _bucket,
    "PutObject": _object,
    "CopyObject": _object,
    "CreateMultipartUpload": _object,
    "PutBucketTagging": _bucket_tags,
}
