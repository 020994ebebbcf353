"""The sample service on an embedded AWS: a bucket, a queue, and clients that find them as in Lambda."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from PIL import Image

from app import cloud
from local.aws.server import serve
from local.endpoint import environment_of

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_sqs import SQSClient

BUCKET = "pictures"
CONTEXT = SimpleNamespace(function_name="api", function_version="7", aws_request_id="1")


@dataclass(frozen=True)
class Stage:
    """What the stack gives the service, seen from outside of it."""

    s3: S3Client
    sqs: SQSClient
    queue: str

    def put(self, *keys: str, body: bytes = b"x") -> None:
        for key in keys:
            self.s3.put_object(Bucket=BUCKET, Key=key, Body=body)

    def keys(self, prefix: str = "") -> list[str]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
        return [item["Key"] for page in pages for item in page.get("Contents", ())]

    def messages(self) -> list[Any]:
        received = self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10)
        return [json.loads(message["Body"]) for message in received.get("Messages", ())]


@pytest.fixture(autouse=True)
def fresh_clients() -> Iterator[None]:
    """Each test has clients of its own: those of Lambda live as long as their process."""
    yield
    cloud.s3.cache_clear()
    cloud.sqs.cache_clear()


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """The embedded AWS with the service's bucket and queue, and the environment that the stack sets."""
    with serve(managed_policies=False) as server:
        environment(monkeypatch, environment_of(server.port))
        s3, sqs = boto3.client("s3"), boto3.client("sqs")
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
        queue = sqs.create_queue(QueueName="thumbnails")["QueueUrl"]
        environment(monkeypatch, {"LAMINA_BUCKET": BUCKET, "LAMINA_QUEUE_URL": queue})
        yield Stage(s3, sqs, queue)


def environment(monkeypatch: pytest.MonkeyPatch, variables: Mapping[str, str]) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def picture(width: int = 40, height: int = 20, kind: str = "PNG", mode: str = "RGB") -> bytes:
    """An image file, all of one colour."""
    out = io.BytesIO()
    Image.new(mode, (width, height)).save(out, kind)
    return out.getvalue()
