from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.local.conftest import zipped

from .conftest import refuses

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient

Make = Callable[..., Any]
ARN = "arn:aws:lambda:us-west-2:123456789012:function:echo"


def publish(client: LambdaClient, **more: Any) -> Any:
    return client.publish_version(FunctionName="echo", **more)


def numbers(client: LambdaClient) -> list[str]:
    listed = client.list_versions_by_function(FunctionName="echo")["Versions"]
    return [version["Version"] for version in listed]


def change(client: LambdaClient, timeout: int) -> None:
    client.update_function_configuration(FunctionName="echo", Timeout=timeout)


def test_a_version_is_a_copy_that_later_changes_do_not_reach(
    lambda_client: LambdaClient, make_function: Make
) -> None:
    make_function(Timeout=5)
    made = publish(lambda_client, Description="first")
    assert (made["Version"], made["FunctionArn"], made["State"]) == ("1", f"{ARN}:1", "Pending")
    change(lambda_client, 9)
    shown = lambda_client.get_function_configuration(FunctionName="echo", Qualifier="1")
    assert (shown["Timeout"], shown["Description"], shown["State"]) == (5, "first", "Active")
    assert lambda_client.get_function_configuration(FunctionName="echo")["Description"] == ""


def test_an_unchanged_function_publishes_nothing(lambda_client: LambdaClient, make_function: Make) -> None:
    make_function(Publish=True)
    assert publish(lambda_client)["Version"] == "1"
    assert publish(lambda_client, Description="other words")["Description"] == ""
    assert numbers(lambda_client) == ["$LATEST", "1"]


@pytest.mark.parametrize(
    "change",
    [
        lambda client: client.update_function_configuration(FunctionName="echo", Timeout=9),
        lambda client: client.update_function_configuration(FunctionName="echo", Description="new"),
        lambda client: client.update_function_configuration(
            FunctionName="echo", Environment={"Variables": {"NAME": "2"}}
        ),
        lambda client: client.update_function_configuration(
            FunctionName="echo",
            Layers=[
                client.publish_layer_version(LayerName="l", Content={"ZipFile": zipped({"a": "b"})})[
                    "LayerVersionArn"
                ]
            ],
        ),
        lambda client: client.update_function_code(FunctionName="echo", ZipFile=zipped({"main.py": ""})),
    ],
    ids=["timeout", "description", "environment", "layers", "code"],
)
def test_a_change_of_code_or_configuration_publishes(
    lambda_client: LambdaClient, make_function: Make, change: Callable[[LambdaClient], object]
) -> None:
    make_function(Publish=True)
    change(lambda_client)
    assert publish(lambda_client)["Version"] == "2"


def test_tags_concurrency_and_permissions_publish_nothing(
    lambda_client: LambdaClient, make_function: Make
) -> None:
    make_function(Publish=True)
    lambda_client.tag_resource(Resource=ARN, Tags={"a": "b"})
    lambda_client.put_function_concurrency(FunctionName="echo", ReservedConcurrentExecutions=1)
    lambda_client.add_permission(
        FunctionName="echo", StatementId="s", Action="lambda:InvokeFunction", Principal="*"
    )
    assert publish(lambda_client)["Version"] == "1"


def test_numbers_are_not_reused_after_deletion(lambda_client: LambdaClient, make_function: Make) -> None:
    make_function(Publish=True)
    change(lambda_client, 9)
    publish(lambda_client)
    lambda_client.delete_function(FunctionName="echo", Qualifier="2")
    assert publish(lambda_client)["Version"] == "3"
    assert numbers(lambda_client) == ["$LATEST", "1", "3"]


def test_a_function_that_takes_the_name_of_a_deleted_one_goes_on_with_its_numbers(
    lambda_client: LambdaClient, make_function: Make
) -> None:
    make_function(Publish=True)
    lambda_client.delete_function(FunctionName="echo")
    assert make_function(Publish=True)["Version"] == "2"
    assert numbers(lambda_client) == ["$LATEST", "2"]


def test_a_version_is_published_only_from_the_expected_code(
    lambda_client: LambdaClient, make_function: Make
) -> None:
    made = make_function()
    with refuses("InvalidParameterValueException", "is different from current CodeSHA256"):
        publish(lambda_client, CodeSha256="x")
    assert publish(lambda_client, CodeSha256=made["CodeSha256"])["Version"] == "1"


def test_versions_are_listed_oldest_first_in_pages(lambda_client: LambdaClient, make_function: Make) -> None:
    make_function()
    for timeout in range(1, 13):
        change(lambda_client, timeout)
        publish(lambda_client)
    pages = lambda_client.get_paginator("list_versions_by_function").paginate(
        FunctionName="echo", PaginationConfig={"PageSize": 5}
    )
    found = [version for page in pages for version in page["Versions"]]
    assert [version["Version"] for version in found] == ["$LATEST", *map(str, range(1, 13))]
    assert found[0]["FunctionArn"] == f"{ARN}:$LATEST"


def test_a_version_behind_an_alias_cannot_be_deleted(
    lambda_client: LambdaClient, make_function: Make
) -> None:
    make_function(Publish=True)
    change(lambda_client, 9)
    publish(lambda_client)
    weights: Any = {"AdditionalVersionWeights": {"2": 0.1}}
    lambda_client.create_alias(FunctionName="echo", Name="live", FunctionVersion="1", RoutingConfig=weights)
    for number in ("1", "2"):
        with refuses("ResourceConflictException", r"aliases reference it: \[live\]", 409):
            lambda_client.delete_function(FunctionName="echo", Qualifier=number)
    lambda_client.delete_alias(FunctionName="echo", Name="live")
    lambda_client.delete_function(FunctionName="echo", Qualifier="1")
    assert numbers(lambda_client) == ["$LATEST", "2"]


def test_what_is_no_number_cannot_be_deleted_by_qualifier(
    lambda_client: LambdaClient, make_function: Make
) -> None:
    make_function(Publish=True)
    lambda_client.create_alias(FunctionName="echo", Name="live", FunctionVersion="1")
    with refuses("InvalidParameterValueException", "LATEST version cannot be deleted"):
        lambda_client.delete_function(FunctionName="echo", Qualifier="$LATEST")
    with refuses("InvalidParameterValueException", "Deletion of aliases"):
        lambda_client.delete_function(FunctionName="echo", Qualifier="live")
    lambda_client.delete_function(FunctionName="echo", Qualifier="17")


def test_a_deleted_layer_version_stays_with_the_version_that_has_it(
    lambda_client: LambdaClient, make_function: Make
) -> None:
    layer = lambda_client.publish_layer_version(
        LayerName="deps", Content={"ZipFile": zipped({"python/deps.py": "VALUE = 5\n"})}
    )
    code = "import deps\ndef handler(event, context):\n    return deps.VALUE\n"
    make_function(code=code, Layers=[layer["LayerVersionArn"]], Publish=True)
    lambda_client.delete_layer_version(LayerName="deps", VersionNumber=1)
    assert lambda_client.invoke(FunctionName="echo", Qualifier="1")["Payload"].read() == b"5"
