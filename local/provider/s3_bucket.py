"""Buckets."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Any

from botocore.exceptions import ClientError
from typing_extensions import override

from .aws import SUFFIX, Aws, failed_with
from .resource import Resource
from .schema import AutoName, boolean, output, string, table
from .tags import tag_set
from .values import State

MISSING = ("NoSuchBucket", "404", "NotFound")
_PROPAGATION = 2 * 60.0
_HOSTED_ZONES = {
    "us-east-1": "Z3AQBSTGFYJSTF",
    "us-east-2": "Z2O1EMRO9K5GLX",
    "us-west-1": "Z2F56UZL2M1ACD",
    "us-west-2": "Z3BJ6K6RIION7M",
    "eu-central-1": "Z21DNDUVLTQW6Q",
    "eu-west-1": "Z1BKCTXD74EZPE",
}
"""Zones of website endpoints, as "Amazon S3 endpoints and quotas" lists them."""


class Bucket(Resource):
    """`aws:s3/bucket:Bucket`: the bucket itself; its settings are resources of their own."""

    type_name = "aws:s3/bucket:Bucket"
    schema = table(
        {
            "bucket": string(computed=True, replaces=True, auto_name=AutoName(63, lower=True)),
            "forceDestroy": boolean(default=False),
            "objectLockEnabled": boolean(computed=True, replaces=True),
            "arn": output(),
            "bucketDomainName": output(),
            "bucketRegion": output(),
            "bucketRegionalDomainName": output(),
            "hostedZoneId": output(),
            "websiteDomain": output(),
            "websiteEndpoint": output(),
        },
        tags=True,
        refused=(
            "accelerationStatus", "acl", "bucketNamespace", "bucketPrefix", "corsRules", "grants",
            "lifecycleRules", "logging", "objectLockConfiguration", "policy", "replicationConfiguration",
            "requestPayer", "serverSideEncryptionConfiguration", "versioning", "website",
        ),
    )  # fmt: skip

    @override
    def create(self, aws: Aws, new: State) -> str:
        name, region = new["bucket"], new["region"]
        client = aws.client("s3", new)
        request: dict[str, Any] = {"Bucket": name, "ACL": "private"}
        if region != "us-east-1":
            request["CreateBucketConfiguration"] = {"LocationConstraint": region}
        if new.get("objectLockEnabled"):
            request["ObjectLockEnabledForBucket"] = True
        with aws.doing(f"creating S3 Bucket ({name})"):
            aws.clock.retry(
                lambda: client.create_bucket(**request),
                when=lambda error: failed_with(error, "OperationAborted"),
            )
        return str(name)

    @override
    def settle(self, aws: Aws, identity: str, new: State) -> None:
        client = aws.client("s3", new)
        what = f"waiting for S3 Bucket ({identity}) create"
        with aws.doing(what):
            aws.clock.wait(lambda: _exists(client, identity), what=what, within=_PROPAGATION)
        if new.get("tagsAll"):
            with aws.doing(f"setting S3 Bucket ({identity}) tags"):
                client.put_bucket_tagging(Bucket=identity, Tagging={"TagSet": tag_set(new["tagsAll"])})

    @override
    def read(self, aws: Aws, identity: str, state: State) -> State | None:
        client = aws.client("s3", state)
        with aws.doing(f"reading S3 Bucket ({identity})"):
            if not _exists(client, identity):
                return None
            region = client.get_bucket_location(Bucket=identity).get("LocationConstraint") or "us-east-1"
            locked = _object_lock(client, identity)
            tags = bucket_tags(client, identity)
        return {
            "bucket": identity,
            "arn": f"arn:aws:s3:::{identity}",
            "bucketDomainName": f"{identity}.s3.{SUFFIX}",
            "bucketRegion": region,
            "bucketRegionalDomainName": f"{identity}.s3.{region}.{SUFFIX}",
            "hostedZoneId": _HOSTED_ZONES.get(region, ""),
            "objectLockEnabled": locked,
            "websiteDomain": "",
            "websiteEndpoint": "",
            **aws.tag_state(tags),
        }

    def update(self, aws: Aws, identity: str, old: State, new: State, changed: AbstractSet[str]) -> None:
        """Only `forceDestroy` can change in place, and that lives in the state alone."""

    @override
    def retag(self, aws: Aws, identity: str, state: State, new: Any, removed: list[str]) -> None:
        client = aws.client("s3", state)
        if state.get("tagsAll"):
            client.put_bucket_tagging(Bucket=identity, Tagging={"TagSet": tag_set(state["tagsAll"])})
        else:
            client.delete_bucket_tagging(Bucket=identity)

    @override
    def delete(self, aws: Aws, identity: str, state: State) -> None:
        client = aws.client("s3", state)
        with aws.doing(f"deleting S3 Bucket ({identity})"):
            try:
                client.delete_bucket(Bucket=identity)
            except ClientError as error:
                if failed_with(error, *MISSING):
                    return
                if not (failed_with(error, "BucketNotEmpty") and state.get("forceDestroy")):
                    raise
                empty_bucket(client, identity)
                client.delete_bucket(Bucket=identity)
            what = f"S3 Bucket ({identity}) delete"
            aws.clock.wait(lambda: not _exists(client, identity), what=what, within=_PROPAGATION)

    @override
    def imported(self, aws: Aws, identity: str) -> tuple[str, State]:
        return identity, {"bucket": identity}


def _exists(client: Any, name: str) -> bool:
    try:
        client.head_bucket(Bucket=name)
    except ClientError as error:
        if failed_with(error, *MISSING):
            return False
        raise
    return True


def _object_lock(client: Any, name: str) -> bool:
    try:
        found = client.get_object_lock_configuration(Bucket=name)
    except ClientError as error:
        if failed_with(error, "ObjectLockConfigurationNotFoundError"):
            return False
        raise
    return bool(found["ObjectLockConfiguration"].get("ObjectLockEnabled") == "Enabled")


def bucket_tags(client: Any, name: str) -> dict[str, str]:
    """The tags of a bucket; one without any has no tag set at all."""
    try:
        found = client.get_bucket_tagging(Bucket=name)["TagSet"]
    except ClientError as error:
        if failed_with(error, "NoSuchTagSet"):
            return {}
        raise
    return {each["Key"]: each["Value"] for each in found}


def empty_bucket(client: Any, name: str, prefix: str = "", *, key: str | None = None) -> None:
    """Deletes every version and delete marker, of one key if it is given."""
    for page in client.get_paginator("list_object_versions").paginate(Bucket=name, Prefix=prefix):
        found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        for each in found:
            if key is None or each["Key"] == key:
                client.delete_object(Bucket=name, Key=each["Key"], VersionId=each["VersionId"])
