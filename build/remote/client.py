"""S3's client, as all here make it, and its errors in words that quote nothing secret."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

# S3 answers these where somebody else has put an object first.
THERE = frozenset({"412", "PreconditionFailed", "409", "ConditionalRequestConflict"})
# Stores that are not AWS' answer these where they know no conditions.
NO_CONDITIONS = frozenset({"501", "NotImplemented"})

_WORDS = {
    "403": "access denied",
    "AccessDenied": "access denied",
    "NoSuchBucket": "there is no such bucket",
    "404": "the endpoint is not an S3's",
    "ExpiredToken": "the credentials have expired",
}


def s3_client(*, connect: float, read: float, attempts: int) -> S3Client:
    """A client for the region, endpoint, profile and credentials that boto3 finds.

    Args:
        connect: the seconds after which an endpoint counts as out of reach.
        read: the seconds to wait for an answer.
        attempts: how often a call is made in all.

    Raises:
        BotoCoreError, ValueError: what the environment says makes no sense.
    """
    import boto3  # noqa: PLC0415 (takes longer to load than a layer to build)
    from botocore.config import Config  # noqa: PLC0415 (as above)

    config = Config(
        connect_timeout=connect,
        read_timeout=read,
        retries={"mode": "standard", "total_max_attempts": attempts},
        # Everything is hashed here; other stores do not know S3's newer checksums.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    # A session of its own, because the default one keeps the first credentials that it finds.
    return boto3.Session().client("s3", config=config)


def code_of(error: Any) -> str:
    """S3's code of a `ClientError`; `404` and the like where an answer had no body that could say more."""
    return str(error.response.get("Error", {}).get("Code", ""))


def words_of(code: str) -> str:
    """What a code of S3's means."""
    return _WORDS.get(code) or spaced(code) or "it answers with an error"


def spaced(name: str) -> str:
    """An error's name as words: `NoCredentialsError` as `no credentials`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name.removesuffix("Error"))
    return re.sub(r"[^A-Za-z0-9 ]", "", words)[:80].lower()
