"""The whole way: boto3 sets up a function and an API in the embedded AWS, a client asks the printed URL."""

from __future__ import annotations

import io
import json
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from local.aws.server import Server, serve
from local.runtime.deployment import HOST_ARCHITECTURE, HOST_RUNTIME

from .conftest import ACCOUNT, REGION

CODE = """
import json, boto3, greeting
def handler(event, context):
    boto3.client("s3").put_object(Bucket="pictures", Key="seen", Body=event["rawPath"].encode())
    said = {"greeting": greeting.TEXT, "version": context.function_version, "path": event["rawPath"]}
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": json.dumps(said)}
"""
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
    ],
}


def zipped(**files: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(f"{name.replace('__', '/')}.py", content)
    return buffer.getvalue()


@pytest.fixture
def cloud() -> Iterator[Server]:
    with serve() as served:
        yield served


@pytest.fixture
def client(cloud: Server) -> Any:
    """Makes clients of any service."""

    def made(service: Any) -> Any:
        return boto3.client(
            service,
            REGION,
            endpoint_url=cloud.endpoint,
            aws_access_key_id="local",
            aws_secret_access_key="local",
        )

    return made


@pytest.fixture
def url(client: Any) -> str:
    """The endpoint of an API in front of the alias `live` of a function with a layer."""
    client("s3").create_bucket(Bucket="pictures", CreateBucketConfiguration={"LocationConstraint": REGION})
    role = client("iam").create_role(RoleName="api", AssumeRolePolicyDocument=json.dumps(TRUST))
    functions = client("lambda")
    layer = functions.publish_layer_version(
        LayerName="deps", Content={"ZipFile": zipped(python__greeting="TEXT = 'hello from the layer'")}
    )
    functions.create_function(
        FunctionName="api",
        Runtime=HOST_RUNTIME,
        Architectures=[HOST_ARCHITECTURE],
        Role=role["Role"]["Arn"],
        Handler="main.handler",
        Code={"ZipFile": zipped(main=CODE)},
        Layers=[layer["LayerVersionArn"]],
        Timeout=20,
        Publish=True,
    )
    alias = functions.create_alias(FunctionName="api", Name="live", FunctionVersion="1")
    gateway = client("apigatewayv2")
    api = gateway.create_api(Name="pictures", ProtocolType="HTTP")
    made = gateway.create_integration(
        ApiId=api["ApiId"],
        IntegrationType="AWS_PROXY",
        IntegrationUri=alias["AliasArn"],
        PayloadFormatVersion="2.0",
    )
    target = f"integrations/{made['IntegrationId']}"
    gateway.create_route(ApiId=api["ApiId"], RouteKey="$default", Target=target)
    gateway.create_stage(ApiId=api["ApiId"], StageName="$default", AutoDeploy=True)
    return str(api["ApiEndpoint"])


def allow(client: Any, url: str) -> None:
    client("lambda").add_permission(
        FunctionName="api",
        Qualifier="live",
        StatementId="api",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{url.rpartition('/')[2]}/*/*",
    )


def test_the_printed_url_answers_from_the_layer(client: Any, url: str) -> None:
    allow(client, url)
    with urllib.request.urlopen(f"{url}/versions") as response:
        answer = json.load(response)
    assert answer == {"greeting": "hello from the layer", "version": "1", "path": "/versions"}
    assert client("s3").get_object(Bucket="pictures", Key="seen")["Body"].read() == b"/versions"


def test_without_a_permission_on_the_alias_the_url_answers_500(client: Any, url: str) -> None:
    with pytest.raises(urllib.error.HTTPError, match="500"):
        urllib.request.urlopen(f"{url}/versions")
    assert client("s3").list_objects_v2(Bucket="pictures")["KeyCount"] == 0
