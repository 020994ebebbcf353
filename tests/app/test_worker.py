"""The worker: one bad message never takes the others of its batch along, and is told and handed back."""

from __future__ import annotations

import io
import json
import logging
from typing import Any

import pytest
from PIL import Image

from app import worker
from app.cloud import SettingError
from app.pictures import PictureError

from .conftest import BUCKET, CONTEXT, Stage, picture


def batch(*bodies: str) -> dict[str, Any]:
    """An SQS event; the messages are called m0, m1 …."""
    return {"Records": [{"messageId": f"m{number}", "body": body} for number, body in enumerate(bodies)]}


def named(*keys: str) -> dict[str, Any]:
    return batch(*(json.dumps({"key": key}) for key in keys))


def failed(answer: dict[str, Any]) -> list[str]:
    return [item["itemIdentifier"] for item in answer["batchItemFailures"]]


def test_every_picture_gets_both_thumbnails_as_jpeg(stage: Stage) -> None:
    stage.put("pictures/cat.png", "pictures/2026/dog.png", body=picture(600, 300))
    assert worker.handler(named("pictures/cat.png", "pictures/2026/dog.png"), CONTEXT) == {
        "batchItemFailures": []
    }
    assert stage.keys("thumbnails/") == [
        f"thumbnails/{size}/{name}.png.jpg" for size in (128, 512) for name in ("2026/dog", "cat")
    ]
    made = stage.s3.get_object(Bucket=BUCKET, Key="thumbnails/128/cat.png.jpg")
    assert made["ContentType"] == "image/jpeg"
    with Image.open(io.BytesIO(made["Body"].read())) as image:
        assert (image.format, image.size) == ("JPEG", (128, 64))


def test_a_broken_picture_is_handed_back_and_the_others_get_thumbnails(stage: Stage) -> None:
    stage.put("pictures/a.png", "pictures/c.png", body=picture())
    stage.put("pictures/b.png", body=b"not a picture")
    answer = worker.handler(named("pictures/a.png", "pictures/b.png", "pictures/c.png"), CONTEXT)
    assert failed(answer) == ["m1"]
    assert {key.split("/")[-1] for key in stage.keys("thumbnails/")} == {"a.png.jpg", "c.png.jpg"}


def test_a_failure_is_logged_with_its_message_and_its_reason(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.put("pictures/b.png", body=b"not a picture")
    worker.handler(named("pictures/b.png"), CONTEXT)
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert record.getMessage() == "no thumbnails of message m0"
    assert record.exc_info is not None
    assert "not a readable picture" in str(record.exc_info[1])


@pytest.mark.parametrize(
    "body",
    ["", "{", "[]", "null", "{}", '{"key": 1}', '{"key": "elsewhere/a.png"}', '{"key": "pictures/gone.png"}'],
)
def test_a_message_that_names_no_picture_is_handed_back_alone(body: str, stage: Stage) -> None:
    stage.put("pictures/a.png", body=picture())
    assert failed(worker.handler(batch(body, '{"key": "pictures/a.png"}'), CONTEXT)) == ["m0"]
    assert len(stage.keys("thumbnails/")) == 2


def test_a_file_too_large_for_memory_is_refused_unread(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "LARGEST_FILE", 10)
    stage.put("pictures/a.png", body=picture())
    with pytest.raises(PictureError, match=r"too large: pictures/a\.png has \d+ bytes, at most 10"):
        worker._make("pictures/a.png")
    assert stage.keys("thumbnails/") == []


def test_the_same_message_twice_leaves_the_same_thumbnails(stage: Stage) -> None:
    stage.put("pictures/a.png", body=picture())
    event = named("pictures/a.png", "pictures/a.png")
    assert failed(worker.handler(event, CONTEXT)) == []
    assert stage.keys("thumbnails/") == ["thumbnails/128/a.png.jpg", "thumbnails/512/a.png.jpg"]


def test_an_event_of_another_kind_raises_so_that_nothing_counts_as_done() -> None:
    with pytest.raises(KeyError, match="Records"):
        worker.handler({"source": "aws.events"}, CONTEXT)


def test_the_smoke_check_makes_a_thumbnail_and_misses_no_setting(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker._check()
    monkeypatch.delenv("LAMINA_BUCKET")
    with pytest.raises(SettingError, match="LAMINA_BUCKET is not set"):
        worker._check()
