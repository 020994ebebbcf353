"""Buckets, their settings and their objects."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import grpc
import pytest

from local.provider.values import UNKNOWN, Asset

from .engine import CheckError, Engine, Made, init_error, kinds

BUCKET = "aws:s3/bucket:Bucket"
OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2"


@pytest.fixture
def bucket(engine: Engine, request: pytest.FixtureRequest) -> Made:
    name = hashlib.sha256(request.node.name.encode()).hexdigest()[:12]
    return engine.create(BUCKET, f"b-{name}", {"forceDestroy": True})


def file_asset(path: Path, content: bytes) -> Asset:
    path.write_bytes(content)
    return Asset(archive=False, fields={"hash": hashlib.sha256(content).hexdigest(), "path": str(path)})


def test_bucket_gets_a_lower_case_name_of_its_own_and_its_outputs(engine: Engine) -> None:
    made = engine.create(BUCKET, "Pictures", {})
    assert made.identity == made.outputs["bucket"] == made.outputs["id"]
    assert made.identity.startswith("pictures-")
    assert len(made.identity) == len("pictures-") + 7
    assert made.inputs["__defaults"] == ["bucket"]
    assert made.outputs["arn"] == f"arn:aws:s3:::{made.identity}"
    assert made.outputs["bucketRegionalDomainName"] == f"{made.identity}.s3.us-west-2.amazonaws.com"
    assert made.outputs["forceDestroy"] is False


def test_second_look_at_a_bucket_finds_no_change(engine: Engine, bucket: Made) -> None:
    fresh = engine.refresh(bucket)
    assert fresh is not None
    assert fresh.outputs == bucket.outputs
    assert kinds(engine.diff(fresh, {"forceDestroy": True})) == {}


def test_bucket_that_is_gone_reads_as_gone_and_deletes_without_a_word(engine: Engine, aws: Any) -> None:
    made = engine.create(BUCKET, "brief", {})
    aws("s3").delete_bucket(Bucket=made.identity)
    assert engine.refresh(made) is None
    engine.delete(made)


def test_bucket_with_objects_is_only_deleted_by_force(engine: Engine, aws: Any) -> None:
    made = engine.create(BUCKET, "full", {})
    aws("s3").put_object(Bucket=made.identity, Key="x", Body=b"1")
    with pytest.raises(grpc.RpcError, match=r"operation error S3: DeleteBucket.*BucketNotEmpty"):
        engine.delete(made)
    forced = engine.update(made, {"forceDestroy": True})
    engine.delete(forced)
    assert engine.refresh(forced) is None


def test_tags_change_in_place_and_with_them_tags_all(engine: Engine, bucket: Made, aws: Any) -> None:
    inputs = {"forceDestroy": True, "tags": {"team": "one"}}
    assert kinds(engine.diff(bucket, inputs)) == {"tags": "ADD", "tagsAll": "ADD"}
    tagged = engine.update(bucket, inputs)
    assert tagged.outputs["tagsAll"] == {"team": "one"}
    found = aws("s3").get_bucket_tagging(Bucket=bucket.identity)["TagSet"]
    assert found == [{"Key": "team", "Value": "one"}]


def test_existing_bucket_is_adopted_with_its_inputs(engine: Engine, aws: Any) -> None:
    where = {"LocationConstraint": "us-west-2"}
    aws("s3").create_bucket(Bucket="adopted-one", CreateBucketConfiguration=where)
    made = engine.adopt(BUCKET, "adopted", "adopted-one")
    assert made is not None
    assert made.inputs == {"bucket": "adopted-one", "region": "us-west-2", "__defaults": []}
    assert engine.adopt(BUCKET, "adopted", "there-is-none") is None


SETTINGS: dict[str, dict[str, Any]] = {
    "aws:s3/bucketVersioning:BucketVersioning": {"versioningConfiguration": {"status": "Enabled"}},
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": {
        "blockPublicAcls": True,
        "ignorePublicAcls": True,
    },
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": {
        "rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}]
    },
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": {
        "rules": [
            {
                "id": "old",
                "status": "Enabled",
                "noncurrentVersionExpiration": {"noncurrentDays": 30, "newerNoncurrentVersions": 3},
            },
            {
                "id": "parts",
                "status": "Enabled",
                "filter": {"prefix": "layers/"},
                "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
            },
        ]
    },
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": {
        "rule": {"objectOwnership": "BucketOwnerEnforced"}
    },
    "aws:s3/bucketPolicy:BucketPolicy": {
        "policy": {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::x"]}
            ],
        }
    },
}


@pytest.mark.parametrize("type_name", sorted(SETTINGS))
def test_setting_is_put_found_unchanged_and_taken_off(engine: Engine, bucket: Made, type_name: str) -> None:
    inputs = {"bucket": bucket.identity, **SETTINGS[type_name]}
    made = engine.create(type_name, "setting", inputs)
    assert made.identity == bucket.identity
    fresh = engine.refresh(made)
    assert fresh is not None
    assert kinds(engine.diff(fresh, inputs)) == {}
    adopted = engine.adopt(type_name, "setting", bucket.identity)
    assert adopted is not None
    assert kinds(engine.diff(adopted, inputs)) == {}
    engine.delete(fresh)
    engine.delete(fresh)


def test_policy_given_as_an_object_is_sent_as_text_and_an_equal_one_is_no_change(
    engine: Engine, bucket: Made
) -> None:
    type_name = "aws:s3/bucketPolicy:BucketPolicy"
    inputs = {"bucket": bucket.identity, **SETTINGS[type_name]}
    made = engine.create(type_name, "policy", inputs)
    assert json.loads(made.outputs["policy"]) == inputs["policy"]
    statement = {**inputs["policy"]["Statement"][0], "Action": ["s3:*"]}
    same = {**inputs["policy"], "Statement": statement}
    assert kinds(engine.diff(made, {**inputs, "policy": json.dumps(same)})) == {}
    other = {**inputs["policy"], "Statement": {**statement, "Action": ["s3:Get*"]}}
    assert kinds(engine.diff(made, {**inputs, "policy": other})) == {"policy": "UPDATE"}


def test_another_bucket_replaces_a_setting(engine: Engine, bucket: Made) -> None:
    type_name = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
    inputs = {"bucket": bucket.identity, **SETTINGS[type_name]}
    made = engine.create(type_name, "owner", inputs)
    diff = engine.diff(made, {**inputs, "bucket": UNKNOWN})
    assert kinds(diff) == {"bucket": "UPDATE_REPLACE"}
    assert list(diff.replaces) == ["bucket"]
    assert not diff.deleteBeforeReplace


def test_setting_changed_from_outside_shows_as_drift(engine: Engine, bucket: Made, aws: Any) -> None:
    type_name = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
    inputs = {"bucket": bucket.identity, **SETTINGS[type_name]}
    made = engine.create(type_name, "block", inputs)
    aws("s3").put_public_access_block(
        Bucket=bucket.identity,
        PublicAccessBlockConfiguration={"BlockPublicAcls": False, "IgnorePublicAcls": True},
    )
    fresh = engine.refresh(made)
    assert fresh is not None
    assert fresh.inputs["blockPublicAcls"] is False
    assert kinds(engine.diff(fresh, inputs)) == {"blockPublicAcls": "UPDATE"}


def test_object_is_uploaded_from_a_file_and_read_back(
    engine: Engine, bucket: Made, aws: Any, tmp_path: Path
) -> None:
    asset = file_asset(tmp_path / "layer.zip", b"layer one")
    inputs = {
        "bucket": bucket.identity,
        "key": "layers/one.zip",
        "source": asset,
        "contentType": "application/zip",
    }
    made = engine.create(OBJECT, "layer", inputs)
    assert made.identity == f"{bucket.identity}/layers/one.zip"
    assert made.outputs["etag"] == hashlib.md5(b"layer one", usedforsecurity=False).hexdigest()
    assert made.outputs["source"] == asset
    found = aws("s3").get_object(Bucket=bucket.identity, Key="layers/one.zip")
    assert found["Body"].read() == b"layer one"
    fresh = engine.refresh(made)
    assert fresh is not None
    assert kinds(engine.diff(fresh, inputs)) == {}


def test_other_bytes_upload_the_object_again_in_place(engine: Engine, bucket: Made, tmp_path: Path) -> None:
    engine.create(
        "aws:s3/bucketVersioning:BucketVersioning",
        "versions",
        {"bucket": bucket.identity, "versioningConfiguration": {"status": "Enabled"}},
    )
    inputs = {"bucket": bucket.identity, "key": "one", "source": file_asset(tmp_path / "one", b"one")}
    made = engine.create(OBJECT, "one", inputs)
    changed = {**inputs, "source": file_asset(tmp_path / "two", b"two")}
    assert kinds(engine.diff(made, changed)) == {"source": "UPDATE", "versionId": "UPDATE"}
    assert engine.update(made, changed, preview=True).outputs["versionId"] is UNKNOWN
    again = engine.update(made, changed)
    assert again.outputs["versionId"] != made.outputs["versionId"]
    assert again.outputs["etag"] == hashlib.md5(b"two", usedforsecurity=False).hexdigest()


def test_deleting_a_versioned_object_deletes_every_version(engine: Engine, bucket: Made, aws: Any) -> None:
    client = aws("s3")
    client.put_bucket_versioning(Bucket=bucket.identity, VersioningConfiguration={"Status": "Enabled"})
    made = engine.create(OBJECT, "one", {"bucket": bucket.identity, "content": "1"})
    assert made.outputs["key"] == "one"
    engine.update(made, {"bucket": bucket.identity, "content": "2"})
    client.put_object(Bucket=bucket.identity, Key="one-more", Body=b"")
    engine.delete(made)
    left = client.list_object_versions(Bucket=bucket.identity)
    assert [each["Key"] for each in left["Versions"]] == ["one-more"]


def test_object_whose_file_is_missing_is_an_error_that_names_it(engine: Engine, bucket: Made) -> None:
    asset = Asset(archive=False, fields={"hash": "ab", "path": "/nowhere/layer.zip"})
    with pytest.raises(grpc.RpcError, match=r"/nowhere/layer\.zip") as caught:
        engine.create(OBJECT, "one", {"bucket": bucket.identity, "source": asset})
    assert init_error(caught.value) is None


def test_properties_that_are_not_known_are_refused_by_name(engine: Engine) -> None:
    with pytest.raises(CheckError) as caught:
        engine.check(BUCKET, "b", {"acl": "private", "colour": "red"})
    assert set(caught.value.failures) == {"acl", "colour"}
    assert "not known to the stand-in" in caught.value.failures["acl"]
    with pytest.raises(CheckError, match="blockedEncryptionTypes is not known to the stand-in"):
        engine.check(
            "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
            "b",
            {"bucket": "x", "rules": [{"blockedEncryptionTypes": ["NONE"]}]},
        )


def test_preview_of_a_new_bucket_knows_its_name_and_not_its_arn(engine: Engine) -> None:
    planned = engine.preview(BUCKET, "pictures", {})
    assert planned["bucket"].startswith("pictures-")
    assert planned["arn"] is UNKNOWN
    assert planned["tagsAll"] == {}
