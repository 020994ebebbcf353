"""The cleanup: deletes thumbnails that are older than the stack keeps them."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

from .cloud import SettingError, s3, setting
from .pictures import THUMBNAILS
from .smoke import answers_smoke

# A century: what lies further back soon is no date any more.
LONGEST_DAYS = 36_500

log = logging.getLogger(__name__)


class CleanupError(Exception):
    """Some thumbnails could not be deleted."""


def kept_days() -> float:
    """The age in days up to which a thumbnail is kept.

    Raises:
        SettingError: LAMINA_THUMBNAIL_DAYS is missing or not a number above 0 and up to LONGEST_DAYS.
    """
    text = setting("LAMINA_THUMBNAIL_DAYS")
    try:
        days = float(text)
    except ValueError:
        days = -1
    if not 0 < days <= LONGEST_DAYS:
        raise SettingError(
            f"LAMINA_THUMBNAIL_DAYS must be a number of days above 0 and up to {LONGEST_DAYS}, not {text!r}"
        )
    return days


def _check() -> None:
    setting("LAMINA_BUCKET")
    kept_days()
    s3()


@answers_smoke(_check)
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
    log.info("deleted %d thumbnails from before %s", deleted, oldest.isoformat(timespec="seconds"))
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
