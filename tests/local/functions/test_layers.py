from __future__ import annotations

import base64
import hashlib
import json
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from tests.local.conftest import zipped

from .conftest import refuses

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient

ARN = "arn:aws:lambda:us-west-2:123456789012:layer:deps"
ZIP = zipped({"python/deps.py": "VALUE = 1\n"})


def publish(client: LambdaClient, name: str = "deps", content: bytes = ZIP, **more: Any) -> Any:
    return client.publish_layer_version(LayerName=name, Content={"ZipFile": content}, **more)


def test_a_published_version_tells_what_it_is(lambda_client: LambdaClient) -> None:
    made = publish(lambda_client, Description="digest", CompatibleRuntimes=["python3.12"], LicenseInfo="MIT")
    assert made["LayerArn"] == ARN
    assert made["LayerVersionArn"] == f"{ARN}:1"
    assert made["Version"] == 1
    assert made["Content"]["CodeSize"] == len(ZIP)
    assert made["Content"]["CodeSha256"] == base64.b64encode(hashlib.sha256(ZIP).digest()).decode()
    assert made["CreatedDate"].endswith("+0000")
    again: Any = lambda_client.get_layer_version(LayerName="deps", VersionNumber=1)
    assert again | {"ResponseMetadata": None} == made | {"ResponseMetadata": None}
    by_arn: Any = lambda_client.get_layer_version_by_arn(Arn=f"{ARN}:1")
    assert by_arn["LayerVersionArn"] == f"{ARN}:1"


def test_the_location_gives_the_zip_back(lambda_client: LambdaClient) -> None:
    location = publish(lambda_client)["Content"]["Location"]
    with urllib.request.urlopen(location) as answer:
        assert answer.read() == ZIP


def test_the_same_content_is_published_again_under_a_new_number(lambda_client: LambdaClient) -> None:
    assert [publish(lambda_client)["Version"] for _ in range(2)] == [1, 2]


def test_numbers_are_not_reused_after_deletion(lambda_client: LambdaClient) -> None:
    publish(lambda_client)
    lambda_client.delete_layer_version(LayerName="deps", VersionNumber=1)
    assert publish(lambda_client)["Version"] == 2


def test_deleting_twice_is_no_error_and_the_version_is_gone(lambda_client: LambdaClient) -> None:
    publish(lambda_client)
    lambda_client.delete_layer_version(LayerName=ARN, VersionNumber=1)
    lambda_client.delete_layer_version(LayerName="deps", VersionNumber=1)
    with refuses("ResourceNotFoundException", "The resource you requested does not exist", 404):
        lambda_client.get_layer_version(LayerName="deps", VersionNumber=1)
    assert lambda_client.list_layers()["Layers"] == []


def test_versions_are_listed_newest_first_in_pages(lambda_client: LambdaClient) -> None:
    for _ in range(5):
        publish(lambda_client)
    pages = lambda_client.get_paginator("list_layer_versions").paginate(
        LayerName="deps", PaginationConfig={"PageSize": 2}
    )
    assert [[version["Version"] for version in page["LayerVersions"]] for page in pages] == [
        [5, 4],
        [3, 2],
        [1],
    ]


def test_layers_are_listed_with_their_newest_matching_version(lambda_client: LambdaClient) -> None:
    publish(lambda_client, CompatibleRuntimes=["python3.11"])
    publish(lambda_client, CompatibleRuntimes=["python3.12"])
    publish(lambda_client, "other")
    listed = lambda_client.list_layers(CompatibleRuntime="python3.11")["Layers"]
    assert [(layer["LayerName"], layer["LatestMatchingVersion"]["Version"]) for layer in listed] == [
        ("deps", 1)
    ]
    assert [layer["LayerName"] for layer in lambda_client.list_layers()["Layers"]] == ["deps", "other"]


def test_what_is_no_zip_is_refused_and_takes_no_number(lambda_client: LambdaClient) -> None:
    with refuses("InvalidParameterValueException", "Could not unzip uploaded file"):
        publish(lambda_client, content=b"not a zip")
    assert publish(lambda_client)["Version"] == 1


def test_a_description_over_256_characters_is_refused(lambda_client: LambdaClient) -> None:
    with refuses("ValidationException", "'description' .* length less than or equal to 256", 400):
        publish(lambda_client, Description="x" * 257)


@pytest.mark.parametrize("name", ["with space", "x" * 141], ids=["pattern", "length"])
def test_a_bad_name_is_refused(lambda_client: LambdaClient, name: str) -> None:
    with refuses("ValidationException", "'layerName'"):
        publish(lambda_client, name)


def test_sharing_a_version_is_kept_in_its_policy(lambda_client: LambdaClient) -> None:
    publish(lambda_client)
    version: Any = {"LayerName": "deps", "VersionNumber": 1}
    share: Any = {"StatementId": "all", "Action": "lambda:GetLayerVersion", "Principal": "*"}
    made = lambda_client.add_layer_version_permission(**version, **share, OrganizationId="o-a1b2c3d4e5")
    policy = lambda_client.get_layer_version_policy(**version)
    assert policy["RevisionId"] == made["RevisionId"]
    (statement,) = json.loads(policy["Policy"])["Statement"]
    assert statement == json.loads(made["Statement"])
    assert statement["Resource"] == f"{ARN}:1"
    assert statement["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
    with refuses("ResourceConflictException", r"The statement id \(all\) provided already exists", 409):
        lambda_client.add_layer_version_permission(**version, **share)
    with refuses("PreconditionFailedException", "does not match the latest Revision Id", 412):
        lambda_client.remove_layer_version_permission(**version, StatementId="all", RevisionId="old")
    lambda_client.remove_layer_version_permission(**version, StatementId="all")
    with refuses("ResourceNotFoundException", "No policy is associated"):
        lambda_client.get_layer_version_policy(**version)
