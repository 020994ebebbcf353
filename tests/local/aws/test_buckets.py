"""What the stack needs of S3, asked of the embedded one."""

from __future__ import annotations

import io
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from components.bucket import tls_only
from local.aws.server import Server
from tests.local.conftest import REGION, client_of

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

NAME = "artifacts"
OBJECTS = f"arn:aws:s3:::{NAME}/*"


@pytest.fixture
def bucket(s3_client: S3Client) -> str:
    """A versioned bucket."""
    s3_client.create_bucket(Bucket=NAME, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3_client.put_bucket_versioning(Bucket=NAME, VersioningConfiguration={"Status": "Enabled"})
    return NAME


def put_policy(client: S3Client, *statements: dict[str, Any]) -> None:
    policy = {"Version": "2012-10-17", "Statement": list(statements)}
    client.put_bucket_policy(Bucket=NAME, Policy=json.dumps(policy))


def deny(**more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": OBJECTS, **more}


def test_a_bucket_needs_its_region_and_a_proper_name(s3_client: S3Client) -> None:
    with pytest.raises(ClientError, match="IllegalLocationConstraint"):
        s3_client.create_bucket(Bucket=NAME)
    with pytest.raises(ClientError, match="InvalidBucketName"):
        s3_client.create_bucket(Bucket="b", CreateBucketConfiguration={"LocationConstraint": REGION})


def test_deny_all_but_tls_does_not_shut_the_bucket(s3_client: S3Client, bucket: str) -> None:
    put_policy(s3_client, deny(Condition={"Bool": {"aws:SecureTransport": "false"}}))
    s3_client.put_object(Bucket=bucket, Key="a", Body=b"x")
    assert s3_client.get_object(Bucket=bucket, Key="a")["Body"].read() == b"x"


@pytest.mark.parametrize(
    ("statement", "denied"),
    [
        (deny(), True),
        (deny(Action="s3:PutObject"), True),
        (deny(Action=["s3:GetObject"]), False),
        (deny(NotAction="s3:Get*"), True),
        (deny(Resource=f"arn:aws:s3:::{NAME}/other/*"), False),
        (deny(Principal={"AWS": "arn:aws:iam::999999999999:root"}), False),
        (deny(Condition={"Bool": {"aws:SecureTransport": "true"}}), True),
        (deny(Condition={"StringEquals": {"aws:PrincipalTag/x": "y"}}), False),
    ],
    ids=["all", "action", "other action", "all but", "other object", "other account", "condition", "unknown"],
)
def test_what_a_policy_denies_is_denied(
    s3_client: S3Client, bucket: str, statement: dict[str, Any], denied: bool
) -> None:
    put_policy(s3_client, statement)
    try:
        s3_client.put_object(Bucket=bucket, Key="a", Body=b"x")
    except ClientError as error:
        response: Any = error.response
        assert denied
        assert response["ResponseMetadata"]["HTTPStatusCode"] == 403
    else:
        assert not denied


@pytest.fixture
def closed(s3_client: S3Client, bucket: str) -> str:
    """The bucket with an object in it, and with the policy that the stack's buckets have."""
    s3_client.put_bucket_policy(Bucket=bucket, Policy=tls_only(f"arn:aws:s3:::{bucket}"))
    s3_client.put_object(Bucket=bucket, Key="a", Body=b"x")
    return bucket


CALLS: dict[str, Callable[[S3Client], Any]] = {
    "read": lambda client: client.get_object(Bucket=NAME, Key="a"),
    "write": lambda client: client.put_object(Bucket=NAME, Key="b", Body=b"x"),
    "delete": lambda client: client.delete_object(Bucket=NAME, Key="a"),
    "list": lambda client: client.list_objects_v2(Bucket=NAME),
    "policy": lambda client: client.delete_bucket_policy(Bucket=NAME),
}


@pytest.mark.usefixtures("closed")
def test_plain_http_is_refused_by_the_policy_of_the_stacks_buckets(cloud: Server) -> None:
    plain, secure = client_of(cloud, "s3"), client_of(cloud, "s3")
    plain.meta.events.register("before-sign.s3", over_plain_http)
    for name, call in CALLS.items():
        with pytest.raises(ClientError) as caught:
            call(plain)
        response: Any = caught.value.response
        assert response["ResponseMetadata"]["HTTPStatusCode"] == 403, name
    for call in CALLS.values():
        call(secure)


def over_plain_http(request: Any, **_: Any) -> None:
    """Says, as a proxy does, by which way the request came."""
    request.headers["X-Forwarded-Proto"] = "http"


def test_whoever_does_not_sign_is_refused(cloud: Server, s3_client: S3Client, closed: str) -> None:
    asked = [
        ("GET", "/a"),
        ("HEAD", "/a"),
        ("PUT", "/b"),
        ("DELETE", "/a"),
        ("GET", "?policy"),
        ("DELETE", ""),
    ]
    for method, path in asked:
        url = f"{cloud.endpoint}/{closed}{path}"
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(urllib.request.Request(url, method=method))
    assert [item["Key"] for item in s3_client.list_objects_v2(Bucket=closed)["Contents"]] == ["a"]


def test_versions_and_markers_have_to_go_before_the_bucket_does(s3_client: S3Client, bucket: str) -> None:
    for body in (b"1", b"2"):
        s3_client.put_object(Bucket=bucket, Key="a", Body=body)
    s3_client.delete_object(Bucket=bucket, Key="a")
    with pytest.raises(ClientError, match="BucketNotEmpty"):
        s3_client.delete_bucket(Bucket=bucket)
    listed = s3_client.list_object_versions(Bucket=bucket)
    assert (len(listed["Versions"]), len(listed["DeleteMarkers"])) == (2, 1)
    everything: Any = [*listed["Versions"], *listed["DeleteMarkers"]]
    doomed: Any = [{"Key": found["Key"], "VersionId": found["VersionId"]} for found in everything]
    s3_client.delete_objects(Bucket=bucket, Delete={"Objects": doomed})
    s3_client.delete_bucket(Bucket=bucket)


def test_a_deleted_version_brings_the_one_before_back(s3_client: S3Client, bucket: str) -> None:
    s3_client.put_object(Bucket=bucket, Key="a", Body=b"1")
    second = s3_client.put_object(Bucket=bucket, Key="a", Body=b"2")
    s3_client.delete_object(Bucket=bucket, Key="a", VersionId=second["VersionId"])
    assert s3_client.get_object(Bucket=bucket, Key="a")["Body"].read() == b"1"


def test_presigned_urls_work(s3_client: S3Client, bucket: str) -> None:
    s3_client.put_object(Bucket=bucket, Key="a b/ü", Body=b"x", Metadata={"under_score": "kept"})
    url = s3_client.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a b/ü"})
    with urllib.request.urlopen(url) as answer:
        assert answer.read() == b"x"
        assert answer.headers["x-amz-meta-under_score"] == "kept"


def test_what_is_sent_as_a_form_is_stored_all_the_same(s3_client: S3Client, bucket: str) -> None:
    url = s3_client.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "a"})
    with urllib.request.urlopen(urllib.request.Request(url, data=b"a=b&c", method="PUT")) as answer:
        assert answer.status == 200
    assert s3_client.get_object(Bucket=bucket, Key="a")["Body"].read() == b"a=b&c"


def test_large_objects_go_in_parts(cloud: Server, s3_client: S3Client, bucket: str) -> None:
    content = bytes(range(256)) * 40_000
    s3_client.upload_fileobj(io.BytesIO(content), bucket, "large")
    assert client_of(cloud, "s3").get_object(Bucket=bucket, Key="large")["Body"].read() == content


@pytest.mark.parametrize(
    ("name", "member", "value"),
    [
        (
            "public_access_block",
            "PublicAccessBlockConfiguration",
            dict.fromkeys(
                ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
            ),
        ),
        (
            "bucket_ownership_controls",
            "OwnershipControls",
            {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        ),
        (
            "bucket_encryption",
            "ServerSideEncryptionConfiguration",
            {
                "Rules": [
                    {
                        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
                        "BucketKeyEnabled": False,
                    }
                ]
            },
        ),
    ],
    ids=["public access", "ownership", "encryption"],
)
def test_settings_are_given_back_as_they_were_put(
    s3_client: S3Client, bucket: str, name: str, member: str, value: Any
) -> None:
    with pytest.raises(ClientError, match="not found"):
        getattr(s3_client, f"get_{name}")(Bucket=bucket)
    getattr(s3_client, f"put_{name}")(Bucket=bucket, **{member: value})
    assert getattr(s3_client, f"get_{name}")(Bucket=bucket)[member] == value


def test_lifecycle_rules_are_given_back(s3_client: S3Client, bucket: str) -> None:
    rule: Any = {
        "ID": "old",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
    }
    s3_client.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})
    assert s3_client.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"] == [rule]
