"""The worker: makes the thumbnails of the pictures that the queue names."""

from __future__ import annotations

import io
import json
import logging
from typing import Any

from PIL import Image

from .cloud import s3, setting
from .pictures import SIZES, PictureError, checked_key, thumbnail, thumbnail_key
from .smoke import answers_smoke

# A function that runs out of memory takes its whole batch along.
LARGEST_FILE = 64 * 1024 * 1024

log = logging.getLogger(__name__)


def _check() -> None:
    setting("LAMINA_BUCKET")
    s3()
    picture = io.BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "PNG")
    thumbnail(picture.getvalue(), 4)


@answers_smoke(_check)
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ARG001  (Lambda passes it)
    """Handles one batch of SQS messages `{"key": "pictures/…"}`.

    Returns:
        The messages that failed, for Lambda to hand out again (AWS Lambda Developer Guide, "Handling errors
        for an SQS event source"); those that keep failing end in the dead-letter queue.
    """
    failed = []
    for record in event["Records"]:
        try:
            _make(checked_key(json.loads(record["body"])["key"]))
        except Exception:
            # Whatever is wrong with one message must not take the others of its batch along.
            log.exception("no thumbnails of message %s", record["messageId"])
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def _make(key: str) -> None:
    bucket = setting("LAMINA_BUCKET")
    found = s3().get_object(Bucket=bucket, Key=key)
    if found["ContentLength"] > LARGEST_FILE:
        raise PictureError(f"too large: {key} has {found['ContentLength']:,} bytes, at most {LARGEST_FILE:,}")
    picture = found["Body"].read()
    for size in SIZES:
        s3().put_object(
            Bucket=bucket,
            Key=thumbnail_key(key, size),
            Body=thumbnail(picture, size),
            ContentType="image/jpeg",
        )
    log.info("made %d thumbnails of %s", len(SIZES), key)
