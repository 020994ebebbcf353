"""The operations of S3 that moto really has.

moto takes what it does not know for another operation on the same bucket or object: configuring intelligent
tiering creates a bucket. So these are listed.
"""

from __future__ import annotations

_BUCKET_SETTINGS = {
    "Get": (
        "BucketAccelerateConfiguration",
        "BucketLocation",
        "BucketPolicyStatus",
        "BucketVersioning",
        "BucketLogging",
        "BucketAcl",
        "BucketNotificationConfiguration",
        "ObjectLockConfiguration",
    ),
    "Put": (
        "BucketAccelerateConfiguration",
        "BucketVersioning",
        "BucketLogging",
        "BucketAcl",
        "BucketNotificationConfiguration",
        "ObjectLockConfiguration",
    ),
}
_REMOVABLE_SETTINGS = (
    "BucketCors",
    "BucketEncryption",
    "BucketOwnershipControls",
    "BucketPolicy",
    "BucketReplication",
    "BucketTagging",
    "BucketWebsite",
    "ObjectTagging",
    "PublicAccessBlock",
)
OPERATIONS = frozenset(
    {
        *(f"{verb}{name}" for verb, names in _BUCKET_SETTINGS.items() for name in names),
        *(f"{verb}{name}" for verb in ("Get", "Put", "Delete") for name in _REMOVABLE_SETTINGS),
        "GetBucketLifecycleConfiguration",
        "PutBucketLifecycleConfiguration",
        "DeleteBucketLifecycle",
        "CreateBucket",
        "HeadBucket",
        "DeleteBucket",
        "ListBuckets",
        "ListObjects",
        "ListObjectsV2",
        "ListObjectVersions",
        "GetObject",
        "GetObjectAcl",
        "GetObjectAttributes",
        "HeadObject",
        "PutObject",
        "PutObjectAcl",
        "CopyObject",
        "DeleteObject",
        "DeleteObjects",
        "CreateMultipartUpload",
        "UploadPart",
        "UploadPartCopy",
        "CompleteMultipartUpload",
        "AbortMultipartUpload",
        "ListParts",
        "ListMultipartUploads",
    }
)
