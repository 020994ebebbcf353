"""The cleanup deletes old thumbnails, all of them, and nothing else."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends

from app import cleanup
from app.cloud import SettingError

from .conftest import BUCKET, CONTEXT, Stage


def aged(days: float, *keys: str) -> None:
    """Makes objects of the embedded AWS that old."""
    bucket = s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets[BUCKET]
    for key in keys:
        bucket.keys[key].last_modified = datetime.now(UTC).replace(tzinfo=None) - timedelta(days=days)


@pytest.fixture(autouse=True)
def keeps_thirty_days(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAMINA_THUMBNAIL_DAYS", "30")


def test_old_thumbnails_go_and_young_ones_and_pictures_stay(stage: Stage) -> None:
    stage.put("pictures/old.png", "thumbnails/128/old.png.jpg", "thumbnails/128/young.png.jpg")
    aged(30.01, "pictures/old.png", "thumbnails/128/old.png.jpg")
    aged(29.99, "thumbnails/128/young.png.jpg")
    assert cleanup.handler({}, CONTEXT) == {"deleted": 1}
    assert stage.keys() == ["pictures/old.png", "thumbnails/128/young.png.jpg"]


def test_nothing_to_delete_is_no_failure(stage: Stage) -> None:
    stage.put("thumbnails/128/young.png.jpg")
    assert cleanup.handler({}, CONTEXT) == {"deleted": 0}


def test_every_page_of_the_bucket_is_looked_through(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "2")
    old = [f"thumbnails/128/{number}.png.jpg" for number in range(5)]
    stage.put(*old, "thumbnails/128/9.png.jpg")
    aged(31, *old)
    assert cleanup.handler({}, CONTEXT) == {"deleted": 5}
    assert stage.keys() == ["thumbnails/128/9.png.jpg"]


def test_what_s3_refuses_to_delete_is_named_and_the_others_go(stage: Stage) -> None:
    denial = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:DeleteObject",
        "Resource": f"arn:aws:s3:::{BUCKET}/thumbnails/128/kept*",
    }
    policy = {"Version": "2012-10-17", "Statement": [denial]}
    stage.s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(policy))
    stage.put("thumbnails/128/kept.png.jpg", "thumbnails/128/old.png.jpg")
    aged(31, *stage.keys())
    with pytest.raises(
        cleanup.CleanupError, match=r"1 thumbnails .*: thumbnails/128/kept\.png\.jpg \(AccessDenied\)"
    ):
        cleanup.handler({}, CONTEXT)
    assert stage.keys() == ["thumbnails/128/kept.png.jpg"]


@pytest.mark.parametrize("days", ["0", "-1", "thirty", "nan", "inf", "1e6"])
def test_days_that_give_no_date_are_refused(days: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAMINA_THUMBNAIL_DAYS", days)
    with pytest.raises(SettingError, match=f"days above 0 and up to 36500, not '{days}'"):
        cleanup.kept_days()


def test_the_smoke_check_misses_no_setting(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    cleanup._check()
    monkeypatch.delenv("LAMINA_THUMBNAIL_DAYS")
    with pytest.raises(SettingError, match="LAMINA_THUMBNAIL_DAYS is not set"):
        cleanup._check()
