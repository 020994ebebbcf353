from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from local.aws.server import Server, serve
from tests.local.functions.waiting import eventually

from .conftest import refuses

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient
    from types_boto3_sqs import SQSClient

Make = Callable[..., Any]
QUEUE = "arn:aws:sqs:us-west-2:123456789012:results"
FAILS = "def handler(event, context):\n    raise ValueError(context.aws_request_id)\n"


@pytest.fixture
def cloud() -> Iterator[Server]:
    """An embedded AWS that retries asynchronous invocations soon."""
    with serve(managed_policies=False, scale=1 / 1000) as server:
        yield server


@pytest.fixture
def received(sqs_client: SQSClient) -> Callable[[], list[Any]]:
    """Waits for messages of the queue `results`, which it makes."""
    url = sqs_client.create_queue(QueueName="results")["QueueUrl"]
    ask: Any = {"QueueUrl": url, "MessageAttributeNames": ["All"]}
    return lambda: eventually(lambda: sqs_client.receive_message(**ask).get("Messages", []))


def send(client: LambdaClient, payload: Any = None) -> Any:
    return client.invoke(FunctionName="echo", InvocationType="Event", Payload=json.dumps(payload).encode())


def test_an_event_is_accepted_and_run_later(
    lambda_client: LambdaClient, make_function: Make, received: Callable[[], list[Any]]
) -> None:
    make_function()
    lambda_client.put_function_event_invoke_config(
        FunctionName="echo", DestinationConfig={"OnSuccess": {"Destination": QUEUE}}
    )
    assert send(lambda_client, {"a": 1})["StatusCode"] == 202
    record = json.loads(received()[0]["Body"])
    assert record["requestContext"]["condition"] == "Success"
    assert record["requestContext"]["approximateInvokeCount"] == 1
    assert (record["requestPayload"], record["responsePayload"]) == ({"a": 1}, {"a": 1})


def test_a_failing_event_is_tried_three_times(
    lambda_client: LambdaClient, make_function: Make, received: Callable[[], list[Any]]
) -> None:
    make_function(code=FAILS)
    lambda_client.put_function_event_invoke_config(
        FunctionName="echo", DestinationConfig={"OnFailure": {"Destination": QUEUE}}
    )
    send(lambda_client)
    record = json.loads(received()[0]["Body"])
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 3
    assert record["responseContext"]["functionError"] == "Unhandled"
    assert record["responsePayload"]["errorMessage"] == record["requestContext"]["requestId"]


def test_the_number_of_retries_can_be_set(
    lambda_client: LambdaClient, make_function: Make, received: Callable[[], list[Any]]
) -> None:
    make_function(code=FAILS)
    lambda_client.put_function_event_invoke_config(
        FunctionName="echo",
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": QUEUE}},
    )
    send(lambda_client)
    assert json.loads(received()[0]["Body"])["requestContext"]["approximateInvokeCount"] == 1


def test_the_dead_letter_queue_gets_the_event_itself(
    lambda_client: LambdaClient, make_function: Make, received: Callable[[], list[Any]]
) -> None:
    make_function(code=FAILS, DeadLetterConfig={"TargetArn": QUEUE})
    send(lambda_client, {"a": 1})
    (message,) = received()
    assert json.loads(message["Body"]) == {"a": 1}
    attributes = message["MessageAttributes"]
    assert attributes["ErrorMessage"]["StringValue"] == attributes["RequestID"]["StringValue"]
    assert (attributes["ErrorCode"]["DataType"], attributes["ErrorCode"]["StringValue"]) == ("Number", "200")


def test_destinations_that_are_not_served_are_refused(
    lambda_client: LambdaClient, make_function: Make
) -> None:
    make_function()
    topic = "arn:aws:sns:us-west-2:123456789012:topic"
    with refuses("InvalidParameterValueException", "does not serve .*sns"):
        lambda_client.put_function_event_invoke_config(
            FunctionName="echo", DestinationConfig={"OnFailure": {"Destination": topic}}
        )
    with refuses("InvalidParameterValueException", "does not serve .*sns"):
        make_function("other", DeadLetterConfig={"TargetArn": topic})


def test_settings_are_kept_for_each_qualifier(lambda_client: LambdaClient, make_function: Make) -> None:
    make_function(Publish=True)
    lambda_client.put_function_event_invoke_config(FunctionName="echo", MaximumRetryAttempts=1)
    lambda_client.put_function_event_invoke_config(
        FunctionName="echo", Qualifier="1", MaximumEventAgeInSeconds=60
    )
    changed = lambda_client.update_function_event_invoke_config(
        FunctionName="echo", MaximumEventAgeInSeconds=90
    )
    assert (changed["MaximumRetryAttempts"], changed["MaximumEventAgeInSeconds"]) == (1, 90)
    listed = lambda_client.list_function_event_invoke_configs(FunctionName="echo")
    arns = [settings["FunctionArn"] for settings in listed["FunctionEventInvokeConfigs"]]
    assert [arn.rpartition(":")[2] for arn in arns] == ["$LATEST", "1"]
    lambda_client.delete_function_event_invoke_config(FunctionName="echo")
    with refuses("ResourceNotFoundException", "doesn't have an EventInvokeConfig", 404):
        lambda_client.get_function_event_invoke_config(FunctionName="echo")
    with refuses("ResourceNotFoundException", "Function not found"):
        lambda_client.put_function_event_invoke_config(FunctionName="echo", Qualifier="9")
