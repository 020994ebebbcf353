"""Private buckets."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.bucket import ArtifactBucket, PrivateBucket, PrivateBucketArgs

from .program import Run, run


def bucket(args: PrivateBucketArgs | None = None) -> Run:
    return run(lambda: ArtifactBucket("artifacts", args or {}))


def test_every_way_to_the_public_is_closed() -> None:
    block = bucket().one("BucketPublicAccessBlock")
    flags = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    assert all(block.inputs[flag] is True for flag in flags)


def test_only_the_owner_owns_objects() -> None:
    rule = bucket().one("BucketOwnershipControls").inputs["rule"]
    assert rule == {"objectOwnership": "BucketOwnerEnforced"}


def test_plain_http_is_refused_for_the_bucket_and_all_in_it() -> None:
    [refusal] = bucket().one("BucketPolicy").json("policy")["Statement"]
    assert refusal == {
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["s3:*"],
        "Resource": ["arn:aws:s3:::artifacts-1234567", "arn:aws:s3:::artifacts-1234567/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def test_objects_are_versioned_and_encrypted() -> None:
    found = bucket()
    assert found.one("BucketVersioning").inputs["versioningConfiguration"] == {"status": "Enabled"}
    [rule] = found.one("BucketServerSideEncryptionConfiguration").inputs["rules"]
    assert rule == {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}


def test_a_key_of_ones_own_encrypts() -> None:
    found = bucket({"kms_key_arn": "arn:aws:kms:us-west-2:123456789012:key/k"})
    [rule] = found.one("BucketServerSideEncryptionConfiguration").inputs["rules"]
    assert rule["bucketKeyEnabled"] is True
    assert rule["applyServerSideEncryptionByDefault"] == {
        "sseAlgorithm": "aws:kms",
        "kmsMasterKeyId": "arn:aws:kms:us-west-2:123456789012:key/k",
    }


def test_old_versions_and_broken_uploads_expire_and_current_objects_never() -> None:
    [rule] = bucket({"old_version_days": 5}).one("BucketLifecycleConfiguration").inputs["rules"]
    assert rule["status"] == "Enabled"
    assert rule["noncurrentVersionExpiration"] == {"noncurrentDays": 5}
    assert rule["abortIncompleteMultipartUpload"] == {"daysAfterInitiation": 7}
    assert "expiration" not in rule


def test_an_object_waits_until_the_bucket_is_closed_and_encrypted() -> None:
    def program() -> None:
        artifacts = ArtifactBucket("artifacts", {})
        aws.s3.BucketObjectv2("thing", bucket=artifacts.name, key="thing", content="")

    found = run(program)
    thing = found.one("BucketObjectv2")
    for kind in (
        "BucketPublicAccessBlock",
        "BucketOwnershipControls",
        "BucketPolicy",
        "BucketVersioning",
        "BucketServerSideEncryptionConfiguration",
    ):
        assert found.waits_for(thing, found.one(kind)), kind
    assert thing.inputs["bucket"] == "artifacts-1234567"


def test_what_is_in_a_bucket_goes_with_it_only_when_asked() -> None:
    assert bucket({"force_destroy": True}).one("Bucket").inputs["forceDestroy"] is True
    assert bucket().one("Bucket").inputs["forceDestroy"] is False


def test_each_kind_of_bucket_has_its_type_and_is_the_parent_of_its_parts() -> None:
    def program() -> None:
        ArtifactBucket("a", {})
        PrivateBucket("p", {}, pulumi.ResourceOptions())

    found = run(program)
    for kind, name in (("ArtifactBucket", "a"), ("PrivateBucket", "p")):
        component = found.one(kind, name)
        assert component.type == f"lamina:index:{kind}"
        assert found.one("Bucket", name).parent == component.urn
        assert found.one("BucketPolicy", name).parent == component.urn
