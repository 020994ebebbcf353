"""The HTTP API: takes a picture's key, hands it to the worker, and tells what this version runs."""

from __future__ import annotations

import json
import logging
import os

from botocore.exceptions import ClientError
from fastapi import FastAPI, HTTPException
from mangum import Mangum
from pydantic import BaseModel

from .cloud import s3, setting, sqs
from .identity import identity, installed_versions
from .pictures import SIZES, PictureError, checked_key, thumbnail_key
from .smoke import answers_smoke

log = logging.getLogger(__name__)
service = FastAPI(title="Lamina's sample service", docs_url=None, redoc_url=None)


class Picture(BaseModel):
    """A picture that lies in the bucket."""

    key: str


class Accepted(BaseModel):
    """What the worker will make of it: the thumbnails' keys."""

    key: str
    thumbnails: list[str]


class Thumbnail(BaseModel):
    """A thumbnail that is there, with an address that serves it for some minutes."""

    key: str
    url: str


@service.get("/health")
def health() -> dict[str, str]:
    """Answers when the handler and all that it imports are there."""
    return {"status": "ok"}


@service.get("/versions")
def versions() -> dict[str, object]:
    """The digests of layer and code, the packages as imported, and the function's version."""
    return {
        "layer": identity().layer,
        "code": identity().code,
        "function": os.environ.get("AWS_LAMBDA_FUNCTION_NAME"),
        "version": os.environ.get("AWS_LAMBDA_FUNCTION_VERSION"),
        "packages": installed_versions(),
    }


@service.post("/pictures", status_code=202)
def accept(picture: Picture) -> Accepted:
    """Queues a picture for the worker; 422 for a bad key, 404 for one that is not in the bucket."""
    key = _key(picture.key)
    if not _exists(key):
        raise HTTPException(404, f"no such picture: {key}")
    sqs().send_message(QueueUrl=setting("LAMINA_QUEUE_URL"), MessageBody=json.dumps({"key": key}))
    log.info("queued %s", key)
    return Accepted(key=key, thumbnails=[thumbnail_key(key, size) for size in SIZES])


@service.get("/pictures/{key:path}")
def thumbnails(key: str) -> list[Thumbnail]:
    """The thumbnails of a picture that the worker has made so far; 404 while there is none."""
    wanted = [thumbnail_key(_key(key), size) for size in SIZES]
    found = [Thumbnail(key=name, url=_address(name)) for name in wanted if _exists(name)]
    if not found:
        raise HTTPException(404, f"no thumbnails yet of {key}")
    return found


def _key(key: str) -> str:
    try:
        return checked_key(key)
    except PictureError as error:
        raise HTTPException(422, str(error)) from error


def _exists(key: str) -> bool:
    try:
        s3().head_object(Bucket=setting("LAMINA_BUCKET"), Key=key)
    except ClientError as error:
        # S3 answers 403 to a role without ListBucket where the object is not there.
        if error.response["Error"]["Code"] in {"403", "404", "NoSuchKey", "NotFound"}:
            return False
        raise
    return True


def _address(key: str) -> str:
    return s3().generate_presigned_url(
        "get_object", Params={"Bucket": setting("LAMINA_BUCKET"), "Key": key}, ExpiresIn=300
    )


def _check() -> None:
    setting("LAMINA_BUCKET")
    setting("LAMINA_QUEUE_URL")
    s3()
    sqs()
    service.openapi()


handler = answers_smoke(_check)(Mangum(service, lifespan="off"))
