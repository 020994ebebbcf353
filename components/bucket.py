"""Private buckets: closed to the public and to plain HTTP, versioned, encrypted, old versions expire."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from .policy import document, statement

OLD_VERSION_DAYS = 30
UPLOAD_DAYS = 7


class PrivateBucketArgs(TypedDict):
    """What a private bucket can be told."""

    kms_key_arn: NotRequired[pulumi.Input[str]]
    """The key that encrypts the objects; without one, S3's own (AES-256)."""
    old_version_days: NotRequired[int]
    """The days that a replaced or deleted version is kept; 30 unless given. Current objects never expire."""
    force_destroy: NotRequired[bool]
    """Whether destroying the bucket deletes what is in it; otherwise a bucket that is not empty stays."""


class PrivateBucket(pulumi.ComponentResource):
    """A bucket that only its own account can use, over TLS."""

    name: pulumi.Output[str]
    """The bucket's name; known to whoever waits for it once the bucket is closed and encrypted."""
    arn: pulumi.Output[str]
    """The bucket's ARN."""

    def __init__(
        self, name: str, args: PrivateBucketArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(f"lamina:index:{type(self).__name__}", name, {}, opts)
        bucket = aws.s3.Bucket(
            name,
            force_destroy=args.get("force_destroy", False),
            opts=pulumi.ResourceOptions(parent=self),
        )
        guards = [*self._close(name, bucket), *self._keep(name, bucket, args)]
        # Whoever puts an object waits for the guards. What they give is an input of theirs: unlike an id it
        # is known in a preview that makes one anew, so a policy that vanished does not seem to move objects.
        names = pulumi.Output.all(bucket.bucket, *guards)
        self.name = names.apply(lambda parts: str(parts[0]))
        self.arn = pulumi.Output.all(bucket.arn, self.name).apply(lambda parts: str(parts[0]))
        self.register_outputs({"name": self.name, "arn": self.arn})

    def _close(self, name: str, bucket: aws.s3.Bucket) -> list[pulumi.Output[str]]:
        """Says who may use the bucket, one after the other: S3 takes such changes one at a time."""
        access = aws.s3.BucketPublicAccessBlock(
            name,
            bucket=bucket.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=pulumi.ResourceOptions(parent=self),
        )
        ownership = aws.s3.BucketOwnershipControls(
            name,
            bucket=bucket.bucket,
            rule={"object_ownership": "BucketOwnerEnforced"},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[access]),
        )
        policy = aws.s3.BucketPolicy(
            name,
            bucket=bucket.bucket,
            policy=bucket.arn.apply(tls_only),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[ownership]),
        )
        return [access.bucket, ownership.bucket, policy.bucket]

    def _keep(self, name: str, bucket: aws.s3.Bucket, args: PrivateBucketArgs) -> list[pulumi.Output[str]]:
        """Says how objects are kept: encrypted, versioned, and old versions not for ever."""
        encryption = aws.s3.BucketServerSideEncryptionConfiguration(
            name,
            bucket=bucket.bucket,
            rules=[_encryption(args)],
            opts=pulumi.ResourceOptions(parent=self),
        )
        versioning = aws.s3.BucketVersioning(
            name,
            bucket=bucket.bucket,
            versioning_configuration={"status": "Enabled"},
            opts=pulumi.ResourceOptions(parent=self),
        )
        days = int(args.get("old_version_days", OLD_VERSION_DAYS))
        # Not among the guards: it takes S3 half a minute, and no object has to wait for it.
        aws.s3.BucketLifecycleConfiguration(
            name,
            bucket=bucket.bucket,
            rules=[
                {
                    "id": "old-versions",
                    "status": "Enabled",
                    "filter": {"prefix": ""},
                    "noncurrent_version_expiration": {"noncurrent_days": days},
                    "abort_incomplete_multipart_upload": {"days_after_initiation": UPLOAD_DAYS},
                }
            ],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[versioning]),
        )
        return [encryption.bucket, versioning.bucket]


class ArtifactBucket(PrivateBucket):
    """The bucket of layers, code packages and the ledger of releases, and of nothing else."""

    # Said again, because the schema's descriptions are only found in the class itself.
    name: pulumi.Output[str]
    """The bucket's name; known to whoever waits for it once the bucket is closed and encrypted."""
    arn: pulumi.Output[str]
    """The bucket's ARN."""


def tls_only(arn: str) -> str:
    """The bucket policy that refuses plain HTTP.

    Args:
        arn: the bucket's ARN.

    Returns:
        JSON text (Amazon S3 User Guide, "Security best practices", enforcing encryption of data in transit).
    """
    refusal = statement(
        ["s3:*"],
        [arn, f"{arn}/*"],
        effect="Deny",
        condition={"Bool": {"aws:SecureTransport": "false"}},
        principal="*",
    )
    return document([refusal])


def _encryption(args: PrivateBucketArgs) -> aws.s3.BucketServerSideEncryptionConfigurationRuleArgsDict:
    key = args.get("kms_key_arn")
    if key is None:
        return {"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}
    return {
        "apply_server_side_encryption_by_default": {"sse_algorithm": "aws:kms", "kms_master_key_id": key},
        "bucket_key_enabled": True,
    }
