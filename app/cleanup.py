"""The cleanup: deletes thumbnails that are older than the stack keeps them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from .cloud import SettingError, s3, setting
from .pictures import THUMBNAILS
from .smoke import answers_smoke


class CleanupError(Exception):
    """Some thumbnails could not be deleted."""


def kept_days() -> float:
    """The age in days up to which a thumbnail is kept.

    Raises:
        SettingError: LAMINA_THUMBNAIL_DAYS is missing or not a positive number.
    """
    text = setting("LAMINA_THUMBNAIL_DAYS")
    try:
        days = float(text)
    except ValueError:
        days = -1
    if not 0 < days < float("inf"):
        raise SettingError(f"LAMINA_THUMBNAIL_DAYS must be a positive number of days, not {text!r}")
    return days


@answers_smoke(lambda: None)
def handler(event: Any, context: Any) -> dict[str, int]:  # noqa: ARG001  (Lambda passes both)
    """Deletes what is too old.

    Returns:
        `{"deleted": number of thumbnails}`.

    Raises:
        CleanupError: S3 refused some of them; the others are gone.
    """
    oldest = datetime.now(UTC) - timedelta(days=kept_days())
    bucket, deleted = setting("LAMINA_BUCKET"), 0
    refused: list[str] = []
    for page in s3().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=THUMBNAILS):
        old = [item["Key"] for item in page.get("Contents", ()) if item["LastModified"] < oldest]
        errors = _delete(bucket, old)
        refused += errors
        deleted += len(old) - len(errors)
    if refused:
        raise CleanupError(f"{len(refused)} thumbnails could not be deleted: {', '.join(refused[:10])}")
    return {"deleted": deleted}


def _delete(bucket: str, keys: list[str]) -> list[str]:
    if not keys:
        return []
    answer = s3().delete_objects(
        Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys], "Quiet": True}
    )
    return [f"{error.get('Key')} ({error.get('Code')})" for error in answer.get("Errors", ())]
