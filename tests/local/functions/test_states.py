from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from local.aws.server import Server
from local.runtime.deployment import HOST_ARCHITECTURE, HOST_RUNTIME
from tests.local.conftest import ECHO, TRUST, client_of, zipped

from .conftest import Clock, refuses

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient


@pytest.fixture
def slow_function(slow_cloud: Server, slow_client: LambdaClient) -> Any:
    iam: Any = client_of(slow_cloud, "iam")
    role = iam.create_role(RoleName="functions", AssumeRolePolicyDocument=json.dumps(TRUST))
    return slow_client.create_function(
        FunctionName="echo",
        Runtime=HOST_RUNTIME,  # type: ignore[arg-type]
        Architectures=[HOST_ARCHITECTURE],  # type: ignore[list-item]
        Handler="main.handler",
        Role=role["Role"]["Arn"],
        Code={"ZipFile": zipped({"main.py": ECHO})},
    )


def shown(client: LambdaClient) -> Any:
    return client.get_function_configuration(FunctionName="echo")


def test_times_are_written_as_lambda_writes_them(slow_function: Any) -> None:
    assert slow_function["LastModified"] == "2026-11-23T11:02:17.123+0000"


def test_a_new_function_is_pending_until_it_is_created(
    slow_client: LambdaClient, slow_function: Any, clock: Clock
) -> None:
    assert slow_function["State"] == "Pending"
    clock.pass_(4.9)
    assert shown(slow_client)["State"] == "Pending"
    with refuses("ResourceConflictException", "currently in the following state: Pending", 409):
        slow_client.invoke(FunctionName="echo")
    with refuses("ResourceConflictException", "currently in the following state: Pending"):
        slow_client.update_function_configuration(FunctionName="echo", Timeout=5)
    clock.pass_(0.1)
    after = shown(slow_client)
    assert (after["State"], after["LastUpdateStatus"]) == ("Active", "Successful")
    assert after["RevisionId"] != slow_function["RevisionId"]


def test_an_update_is_in_progress_for_a_while_and_bars_the_next(
    slow_client: LambdaClient, slow_function: Any, clock: Clock
) -> None:
    clock.pass_(5)
    slow_client.update_function_configuration(FunctionName=slow_function["FunctionName"], Timeout=5)
    during = shown(slow_client)
    assert (during["State"], during["LastUpdateStatus"], during["Timeout"]) == ("Active", "InProgress", 5)
    said = "An update is in progress for resource: arn:aws:lambda:us-west-2:123456789012:function:echo"
    with refuses("ResourceConflictException", said):
        slow_client.update_function_code(FunctionName="echo", ZipFile=zipped({"main.py": ""}))
    with refuses("ResourceConflictException", said):
        slow_client.publish_version(FunctionName="echo")
    assert slow_client.invoke(FunctionName="echo", Payload=b"1")["Payload"].read() == b"1"
    clock.pass_(5)
    assert shown(slow_client)["LastUpdateStatus"] == "Successful"
    slow_client.publish_version(FunctionName="echo")


def test_a_new_version_is_pending_too(slow_client: LambdaClient, slow_function: Any, clock: Clock) -> None:
    clock.pass_(5)
    slow_client.publish_version(FunctionName=slow_function["FunctionName"])
    with refuses("ResourceConflictException", "Pending"):
        slow_client.invoke(FunctionName="echo", Qualifier="1")
    clock.pass_(5)
    assert slow_client.invoke(FunctionName="echo", Qualifier="1")["ExecutedVersion"] == "1"


def test_provisioned_concurrency_takes_its_time(
    slow_client: LambdaClient, slow_function: Any, clock: Clock
) -> None:
    clock.pass_(5)
    slow_client.publish_version(FunctionName=slow_function["FunctionName"])
    target: Any = {"FunctionName": "echo", "Qualifier": "1"}
    made = slow_client.put_provisioned_concurrency_config(**target, ProvisionedConcurrentExecutions=2)
    assert (made["Status"], made["AllocatedProvisionedConcurrentExecutions"]) == ("IN_PROGRESS", 0)
    clock.pass_(5)
    ready = slow_client.get_provisioned_concurrency_config(**target)
    assert (ready["Status"], ready["AllocatedProvisionedConcurrentExecutions"]) == ("READY", 2)
