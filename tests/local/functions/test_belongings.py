"""What belongs to a function beside code and configuration: tags and concurrency."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from .conftest import refuses

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient

Make = Callable[..., Any]
ARN = "arn:aws:lambda:us-west-2:123456789012:function:echo"


def test_tags_are_added_replaced_and_removed(lambda_client: LambdaClient, make_function: Make) -> None:
    make_function(Tags={"team": "a", "kept": "yes"})
    lambda_client.tag_resource(Resource=ARN, Tags={"team": "b", "new": "1"})
    lambda_client.untag_resource(Resource=ARN, TagKeys=["new", "unknown"])
    assert lambda_client.list_tags(Resource=ARN)["Tags"] == {"team": "b", "kept": "yes"}
    assert lambda_client.get_function(FunctionName="echo")["Tags"] == {"team": "b", "kept": "yes"}


def test_tags_that_lambda_refuses(lambda_client: LambdaClient, make_function: Make) -> None:
    with refuses("InvalidParameterValueException", "reserved"):
        make_function(Tags={"aws:mine": "x"})
    make_function()
    with refuses("InvalidParameterValueException", "exceeds resource tag limit"):
        lambda_client.tag_resource(Resource=ARN, Tags={f"t{number}": "" for number in range(51)})
    with refuses("ResourceNotFoundException", "Function not found"):
        lambda_client.list_tags(Resource=f"{ARN}2")


def test_reserved_concurrency_is_kept_within_the_accounts(
    lambda_client: LambdaClient, make_function: Make
) -> None:
    make_function()
    assert "ReservedConcurrentExecutions" not in lambda_client.get_function_concurrency(FunctionName="echo")
    with refuses("InvalidParameterValueException", r"below its minimum value of \[100\]"):
        lambda_client.put_function_concurrency(FunctionName="echo", ReservedConcurrentExecutions=901)
    lambda_client.put_function_concurrency(FunctionName="echo", ReservedConcurrentExecutions=900)
    shown: Any = lambda_client.get_function(FunctionName="echo")
    assert shown["Concurrency"] == {"ReservedConcurrentExecutions": 900}


@pytest.mark.parametrize("qualifier", ["1", "live"])
def test_provisioned_concurrency_belongs_to_a_version_or_alias(
    lambda_client: LambdaClient, make_function: Make, qualifier: str
) -> None:
    make_function(Publish=True)
    lambda_client.create_alias(FunctionName="echo", Name="live", FunctionVersion="1")
    target: Any = {"FunctionName": "echo", "Qualifier": qualifier}
    with refuses("ProvisionedConcurrencyConfigNotFoundException", "No Provisioned Concurrency", 404):
        lambda_client.get_provisioned_concurrency_config(**target)
    lambda_client.put_provisioned_concurrency_config(**target, ProvisionedConcurrentExecutions=3)
    shown = lambda_client.get_provisioned_concurrency_config(**target)
    assert (shown["Status"], shown["AllocatedProvisionedConcurrentExecutions"]) == ("READY", 3)
    listed = lambda_client.list_provisioned_concurrency_configs(FunctionName="echo")
    configs = listed["ProvisionedConcurrencyConfigs"]
    assert [config["FunctionArn"] for config in configs] == [f"{ARN}:{qualifier}"]
    lambda_client.delete_provisioned_concurrency_config(**target)
    with refuses("InvalidParameterValueException", "unpublished function versions"):
        lambda_client.put_provisioned_concurrency_config(
            FunctionName="echo", Qualifier="$LATEST", ProvisionedConcurrentExecutions=1
        )
