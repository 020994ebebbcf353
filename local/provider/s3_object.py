"""Objects in buckets."""

from __future__ import annotations

import base64
import re
import urllib.parse
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError
from typing_extensions import override

from .aws import Aws, failed_with, gone
from .check import Failure
from .errors import ProviderError
from .resource import Resource
from .s3_bucket import empty_bucket
from .schema import Kind, Property, boolean, mapping, output, string, table
from .tags import tag_set
from .values import Asset, State

_CONTENT = frozenset(
    {
        "bucketKeyEnabled", "cacheControl", "checksumAlgorithm", "content", "contentBase64",
        "contentDisposition", "contentEncoding", "contentLanguage", "contentType", "etag", "kmsKeyId",
        "metadata", "serverSideEncryption", "source", "sourceHash", "storageClass", "websiteRedirect",
    }
)  # fmt: skip
_HEADERS = {
    "bucketKeyEnabled": "BucketKeyEnabled",
    "cacheControl": "CacheControl",
    "checksumAlgorithm": "ChecksumAlgorithm",
    "contentDisposition": "ContentDisposition",
    "contentEncoding": "ContentEncoding",
    "contentLanguage": "ContentLanguage",
    "contentType": "ContentType",
    "kmsKeyId": "SSEKMSKeyId",
    "metadata": "Metadata",
    "serverSideEncryption": "ServerSideEncryption",
    "storageClass": "StorageClass",
    "websiteRedirect": "WebsiteRedirectLocation",
}
_CHECKSUMS = {
    "checksumCrc32": "ChecksumCRC32",
    "checksumCrc32c": "ChecksumCRC32C",
    "checksumCrc64nvme": "ChecksumCRC64NVME",
    "checksumSha1": "ChecksumSHA1",
    "checksumSha256": "ChecksumSHA256",
}
_SOURCES = ("source", "content", "contentBase64")


class BucketObject(Resource):
    """`aws:s3/bucketObjectv2:BucketObjectv2`."""

    type_name = "aws:s3/bucketObjectv2:BucketObjectv2"
    schema = table(
        {
            "bucket": string(required=True, replaces=True),
            "key": string(replaces=True, named=True),
            "source": Property(Kind.ASSET),
            "sourceHash": string(),
            "content": string(),
            "contentBase64": string(),
            "bucketKeyEnabled": boolean(computed=True),
            "cacheControl": string(),
            "checksumAlgorithm": string(),
            "contentDisposition": string(),
            "contentEncoding": string(),
            "contentLanguage": string(),
            "contentType": string(computed=True),
            "etag": string(computed=True),
            "forceDestroy": boolean(default=False),
            "kmsKeyId": string(computed=True),
            "metadata": mapping(),
            "serverSideEncryption": string(computed=True),
            "storageClass": string(computed=True),
            "websiteRedirect": string(),
            "arn": output(),
            "versionId": output(),
            **{name: output() for name in _CHECKSUMS},
        },
        tags=True,
        refused=(
            "acl",
            "objectLockLegalHoldStatus",
            "objectLockMode",
            "objectLockRetainUntilDate",
            "overrideProvider",
        ),
    )

    @override
    def validate(self, inputs: Mapping[str, Any]) -> Iterator[Failure]:
        given = [name for name in _SOURCES if name in inputs]
        if len(given) > 1:
            yield Failure(
                given[0], f"Conflicting configuration arguments: {', '.join(given)} exclude each other"
            )
        if isinstance(inputs.get("metadata"), dict):
            for name in inputs["metadata"]:
                if name != name.lower():
                    yield Failure("metadata", f"metadata must be lowercase only. Offending key: {name!r}")

    @override
    def create(self, aws: Aws, new: State) -> str:
        self._upload(aws, new)
        return f"{new['bucket']}/{_clean(new['key'])}"

    @override
    def read(self, aws: Aws, identity: str, state: State) -> State | None:
        client, bucket, key = aws.client("s3", state), state["bucket"], _clean(state["key"])
        with aws.doing(f"reading S3 Object ({identity})"):
            try:
                found = client.head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED")
                tags = client.get_object_tagging(Bucket=bucket, Key=key)["TagSet"]
            except ClientError as error:
                if failed_with(error, "404", "NoSuchKey", "NoSuchBucket", "NotFound"):
                    return None
                raise
        return {
            "arn": f"arn:aws:s3:::{bucket}/{key}",
            "bucketKeyEnabled": bool(found.get("BucketKeyEnabled")),
            "cacheControl": found.get("CacheControl"),
            "contentDisposition": found.get("ContentDisposition"),
            "contentEncoding": found.get("ContentEncoding"),
            "contentLanguage": found.get("ContentLanguage"),
            "contentType": found.get("ContentType"),
            "etag": found["ETag"].strip('"'),
            "kmsKeyId": found.get("SSEKMSKeyId"),
            "metadata": found.get("Metadata") or None,
            "serverSideEncryption": found.get("ServerSideEncryption"),
            "storageClass": found.get("StorageClass", "STANDARD"),
            "versionId": found.get("VersionId"),
            "websiteRedirect": found.get("WebsiteRedirectLocation"),
            **{name: found.get(theirs) for name, theirs in _CHECKSUMS.items()},
            **aws.tag_state({each["Key"]: each["Value"] for each in tags}),
        }

    @override
    def update(self, aws: Aws, identity: str, old: State, new: State, changed: AbstractSet[str]) -> None:
        if changed & _CONTENT:
            self._upload(aws, new)

    @override
    def retag(
        self, aws: Aws, identity: str, state: State, new: Mapping[str, str], removed: list[str]
    ) -> None:
        where = {"Bucket": state["bucket"], "Key": _clean(state["key"])}
        aws.client("s3", state).put_object_tagging(
            **where, Tagging={"TagSet": tag_set(state.get("tagsAll", {}))}
        )

    @override
    def delete(self, aws: Aws, identity: str, state: State) -> None:
        client, bucket, key = aws.client("s3", state), state["bucket"], _clean(state["key"])
        with (
            aws.doing(f"deleting S3 Bucket ({bucket}) Object ({key})"),
            gone("NoSuchBucket", "NoSuchKey"),
        ):
            if state.get("versionId"):
                empty_bucket(client, bucket, key, key=key)
            else:
                client.delete_object(Bucket=bucket, Key=key)

    @override
    def imported(self, aws: Aws, identity: str) -> tuple[str, State]:
        bucket, _, key = identity.removeprefix("s3://").partition("/")
        if not bucket or not key:
            raise ValueError(f"unexpected format of ID ({identity}), expected bucket/key or s3://bucket/key")
        return f"{bucket}/{key}", {"bucket": bucket, "key": key}

    @override
    def unknown_after(self, old: State, new: State, changed: AbstractSet[str]) -> frozenset[str]:
        return frozenset({"versionId"}) if changed & _CONTENT and old.get("versionId") else frozenset()

    @override
    def retried_after_failure(self, error: ProviderError) -> frozenset[str]:
        return frozenset({"source", "sourceHash", "content", "contentBase64"})

    def _upload(self, aws: Aws, new: State) -> None:
        bucket, key = new["bucket"], _clean(new["key"])
        extra = {theirs: new[name] for name, theirs in _HEADERS.items() if new.get(name)}
        if new.get("tagsAll"):
            extra["Tagging"] = urllib.parse.urlencode(new["tagsAll"])
        client = aws.client("s3", new)
        with aws.doing(f"uploading S3 Object ({key}) to Bucket ({bucket})"):
            if "source" in new:
                with source_file(new["source"]).open("rb") as body:
                    client.put_object(Bucket=bucket, Key=key, Body=body, **extra)
            else:
                client.put_object(Bucket=bucket, Key=key, Body=_body(new), **extra)


def _body(new: State) -> bytes:
    if "contentBase64" in new:
        return base64.b64decode(new["contentBase64"])
    return str(new.get("content", "")).encode()


def source_file(asset: Asset) -> Path:
    """The file that a file asset or file archive names.

    Raises:
        ProviderError: when it is another kind of asset, or its file is not there (any more).
    """
    path = Path(str(asset.fields.get("path") or ""))
    if not asset.fields.get("path"):
        raise ProviderError(
            "the stand-in only knows assets and archives that are files: give a FileAsset or FileArchive"
        )
    if not path.is_file():
        raise ProviderError(f"failed to open asset file {str(path)!r}: no such file")
    return path


def _clean(key: str) -> str:
    """The key without a leading `./` or `/` and doubled slashes (upstream's `sdkv1CompatibleCleanKey`)."""
    return re.sub(r"/+", "/", key.removeprefix("./")).lstrip("/")
