from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from .conftest import refuses

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient

Make = Callable[..., Any]
ARN = "arn:aws:lambda:us-west-2:123456789012:function:echo"


@pytest.fixture
def versions(lambda_client: LambdaClient, make_function: Make) -> None:
    """The function echo with the versions 1, 2 and 3."""
    make_function(Publish=True)
    for timeout in (5, 6):
        lambda_client.update_function_configuration(FunctionName="echo", Timeout=timeout)
        lambda_client.publish_version(FunctionName="echo")


def create(client: LambdaClient, version: str = "1", name: str = "live", **more: Any) -> Any:
    return client.create_alias(FunctionName="echo", Name=name, FunctionVersion=version, **more)


def weighted(weights: dict[str, float]) -> Any:
    return {"AdditionalVersionWeights": weights}


@pytest.mark.usefixtures("versions")
def test_an_alias_tells_what_it_points_to(lambda_client: LambdaClient) -> None:
    made = create(lambda_client, Description="what users see")
    assert made["AliasArn"] == f"{ARN}:live"
    assert "RoutingConfig" not in made
    shown: Any = lambda_client.get_alias(FunctionName="echo", Name="live")
    assert shown | {"ResponseMetadata": None} == made | {"ResponseMetadata": None}
    assert lambda_client.get_function(FunctionName="echo:live")["Configuration"]["Version"] == "1"


@pytest.mark.usefixtures("versions")
def test_a_name_is_taken_once_and_is_no_number(lambda_client: LambdaClient) -> None:
    create(lambda_client)
    with refuses("ResourceConflictException", f"Alias already exists: {ARN}:live", 409):
        create(lambda_client)
    with refuses("ValidationException", "'name'"):
        create(lambda_client, name="17")


@pytest.mark.usefixtures("versions")
def test_an_alias_needs_a_version_that_is_there(lambda_client: LambdaClient) -> None:
    with refuses("ResourceNotFoundException", f"Function not found: {ARN}:9"):
        create(lambda_client, "9")
    create(lambda_client)
    with refuses("ResourceNotFoundException", f"Function not found: {ARN}:9"):
        lambda_client.update_alias(FunctionName="echo", Name="live", FunctionVersion="9")
    with refuses("ResourceNotFoundException", f"Cannot find alias arn: {ARN}:none"):
        lambda_client.get_alias(FunctionName="echo", Name="none")


@pytest.mark.usefixtures("versions")
def test_an_update_moves_and_gives_a_new_revision(lambda_client: LambdaClient) -> None:
    before = create(lambda_client, Description="words")
    after = lambda_client.update_alias(FunctionName="echo", Name="live", FunctionVersion="2")
    assert (after["FunctionVersion"], after["Description"]) == ("2", "words")
    assert after["RevisionId"] != before["RevisionId"]
    with refuses("PreconditionFailedException", "Call the GetAlias API", 412):
        lambda_client.update_alias(
            FunctionName="echo", Name="live", FunctionVersion="3", RevisionId=before["RevisionId"]
        )


@pytest.mark.usefixtures("versions")
def test_weights_come_and_go(lambda_client: LambdaClient) -> None:
    made = create(lambda_client, RoutingConfig=weighted({"2": 0.1}))
    assert made["RoutingConfig"] == weighted({"2": 0.1})
    lambda_client.update_alias(FunctionName="echo", Name="live", Description="kept")
    assert lambda_client.get_alias(FunctionName="echo", Name="live")["RoutingConfig"] == weighted({"2": 0.1})
    after = lambda_client.update_alias(FunctionName="echo", Name="live", RoutingConfig=weighted({}))
    assert "RoutingConfig" not in after


@pytest.mark.usefixtures("versions")
@pytest.mark.parametrize(
    ("version", "weights", "code", "said"),
    [
        ("1", {"2": 0.1, "3": 0.1}, "InvalidParameterValueException", "cannot be greater than 1"),
        ("1", {"1": 0.1}, "InvalidParameterValueException", "already included in routing configuration"),
        ("1", {"9": 0.1}, "ResourceNotFoundException", f"Function not found: {ARN}:9"),
        ("$LATEST", {"1": 0.1}, "InvalidParameterValueException", "LATEST is not supported for an alias"),
        ("1", {"2": 1.5}, "ValidationException", "less than or equal to 1"),
        ("1", {"live": 0.5}, "ValidationException", "regular expression pattern"),
    ],
    ids=["three versions", "itself", "missing", "latest", "over 1", "no number"],
)
def test_weights_that_lambda_refuses(
    lambda_client: LambdaClient, version: str, weights: dict[str, float], code: str, said: str
) -> None:
    with refuses(code, said):
        create(lambda_client, version, RoutingConfig=weighted(weights))


@pytest.mark.usefixtures("versions")
def test_both_versions_must_have_one_role(lambda_client: LambdaClient, make_role: Make) -> None:
    lambda_client.update_function_configuration(FunctionName="echo", Role=make_role("second"))
    lambda_client.publish_version(FunctionName="echo")
    with refuses("InvalidParameterValueException", "must have the same execution role"):
        create(lambda_client, RoutingConfig=weighted({"4": 0.5}))


@pytest.mark.usefixtures("versions")
def test_weights_and_provisioned_concurrency_exclude_each_other(lambda_client: LambdaClient) -> None:
    create(lambda_client, RoutingConfig=weighted({"2": 0.5}))
    target: Any = {"FunctionName": "echo", "Qualifier": "live"}
    with refuses("InvalidParameterValueException", "weights"):
        lambda_client.put_provisioned_concurrency_config(**target, ProvisionedConcurrentExecutions=1)
    lambda_client.update_alias(FunctionName="echo", Name="live", RoutingConfig=weighted({}))
    lambda_client.put_provisioned_concurrency_config(**target, ProvisionedConcurrentExecutions=1)
    with refuses("InvalidParameterValueException", "can not point to more than 1 version"):
        lambda_client.update_alias(FunctionName="echo", Name="live", RoutingConfig=weighted({"2": 0.5}))


@pytest.mark.usefixtures("versions")
def test_aliases_are_listed_by_name_and_by_version(lambda_client: LambdaClient) -> None:
    create(lambda_client, "1", "live", RoutingConfig=weighted({"3": 0.5}))
    create(lambda_client, "2", "before")
    assert [alias["Name"] for alias in lambda_client.list_aliases(FunctionName="echo")["Aliases"]] == [
        "before",
        "live",
    ]
    of_third = lambda_client.list_aliases(FunctionName="echo", FunctionVersion="3")["Aliases"]
    assert [alias["Name"] for alias in of_third] == ["live"]


@pytest.mark.usefixtures("versions")
def test_a_deleted_alias_is_gone_with_its_policy(lambda_client: LambdaClient) -> None:
    create(lambda_client)
    lambda_client.add_permission(
        FunctionName="echo", Qualifier="live", StatementId="s", Action="lambda:InvokeFunction", Principal="*"
    )
    for _ in range(2):
        lambda_client.delete_alias(FunctionName="echo", Name="live")
    create(lambda_client)
    with refuses("ResourceNotFoundException"):
        lambda_client.get_policy(FunctionName="echo", Qualifier="live")
