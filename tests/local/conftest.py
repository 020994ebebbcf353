"""The embedded AWS in this process, and what tests of Lambda need again and again."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import boto3
import pytest
from botocore.config import Config

from local.aws.server import Server, serve
from local.runtime.deployment import HOST_ARCHITECTURE, HOST_RUNTIME

if TYPE_CHECKING:
    from types_boto3_iam import IAMClient
    from types_boto3_lambda import LambdaClient
    from types_boto3_s3 import S3Client
    from types_boto3_sqs import SQSClient

REGION: Literal["us-west-2"] = "us-west-2"
ACCOUNT = "123456789012"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}
ECHO = "def handler(event, context):\n    return event\n"


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """A zip archive of files; the same files give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return buffer.getvalue()


def client_of(server: Server, service: str, region: str = REGION) -> Any:
    """A boto3 client of a server; it does not retry."""
    return boto3.client(
        service,  # type: ignore[call-overload]  # the stubs have one overload for each name
        region_name=region,
        endpoint_url=server.endpoint,
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(retries={"total_max_attempts": 1}),
    )


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Server]:
    """The embedded AWS, empty."""
    with serve(tmp_path / "cloud", managed_policies=False) as server:
        yield server


@pytest.fixture
def lambda_client(cloud: Server) -> LambdaClient:
    client: LambdaClient = client_of(cloud, "lambda")
    return client


@pytest.fixture
def s3_client(cloud: Server) -> S3Client:
    client: S3Client = client_of(cloud, "s3")
    return client


@pytest.fixture
def iam_client(cloud: Server) -> IAMClient:
    client: IAMClient = client_of(cloud, "iam")
    return client


@pytest.fixture
def sqs_client(cloud: Server) -> SQSClient:
    client: SQSClient = client_of(cloud, "sqs")
    return client


@pytest.fixture
def make_role(iam_client: IAMClient) -> Callable[..., str]:
    """Makes a role that Lambda can assume and gives its ARN; statements become its inline policy."""

    def make(
        name: str = "functions", *statements: Mapping[str, Any], trust: Mapping[str, Any] = TRUST
    ) -> str:
        role = iam_client.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
        if statements:
            document = {"Version": "2012-10-17", "Statement": list(statements)}
            iam_client.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=json.dumps(document))
        return role["Role"]["Arn"]

    return make


@pytest.fixture
def role(make_role: Callable[..., str]) -> str:
    """The ARN of a role that Lambda can assume and that may use every queue."""
    return make_role("functions", {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"})


@pytest.fixture
def make_function(lambda_client: LambdaClient, role: str) -> Callable[..., Any]:
    """Creates a function for this interpreter; `code` is the text of its only module."""

    def make(name: str = "echo", code: str = ECHO, **more: Any) -> Any:
        settings: dict[str, Any] = {
            "FunctionName": name,
            "Runtime": HOST_RUNTIME,
            "Architectures": [HOST_ARCHITECTURE],
            "Handler": "main.handler",
            "Role": role,
            "Code": {"ZipFile": zipped({"main.py": code})},
            **more,
        }
        return lambda_client.create_function(**settings)

    return make
