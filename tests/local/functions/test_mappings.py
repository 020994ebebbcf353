from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.local.functions.waiting import eventually

from .conftest import refuses

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient
    from types_boto3_sqs import SQSClient

Make = Callable[..., Any]
QUEUE = "arn:aws:sqs:us-west-2:123456789012:jobs"
ARN = "arn:aws:lambda:us-west-2:123456789012:function:echo"


@pytest.fixture
def jobs(sqs_client: SQSClient) -> str:
    """The URL of the queue `jobs`."""
    return sqs_client.create_queue(QueueName="jobs")["QueueUrl"]


@pytest.fixture
def live(lambda_client: LambdaClient, make_function: Make) -> str:
    """The alias `echo:live`."""
    make_function(Publish=True)
    lambda_client.create_alias(FunctionName="echo", Name="live", FunctionVersion="1")
    return "echo:live"


def create(client: LambdaClient, function: str = "echo:live", **more: Any) -> Any:
    return client.create_event_source_mapping(FunctionName=function, EventSourceArn=QUEUE, **more)


@pytest.mark.usefixtures("jobs", "live")
def test_a_mapping_keeps_the_alias_that_it_was_made_for(lambda_client: LambdaClient) -> None:
    made = create(lambda_client, FunctionResponseTypes=["ReportBatchItemFailures"])
    assert (made["State"], made["FunctionArn"]) == ("Creating", f"{ARN}:live")
    shown = lambda_client.get_event_source_mapping(UUID=made["UUID"])
    assert (shown["State"], shown["FunctionArn"]) == ("Enabled", f"{ARN}:live")
    assert (shown["BatchSize"], shown["MaximumBatchingWindowInSeconds"]) == (10, 0)
    assert shown["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert shown["EventSourceMappingArn"].endswith(f":event-source-mapping:{made['UUID']}")


@pytest.mark.usefixtures("jobs", "live")
def test_a_mapping_is_changed_in_place(lambda_client: LambdaClient) -> None:
    uuid = create(lambda_client)["UUID"]
    changed = lambda_client.update_event_source_mapping(
        UUID=uuid, Enabled=False, BatchSize=1, FunctionName="echo"
    )
    assert changed["State"] == "Updating"
    shown = lambda_client.get_event_source_mapping(UUID=uuid)
    assert (shown["State"], shown["BatchSize"], shown["FunctionArn"]) == ("Disabled", 1, ARN)


@pytest.mark.usefixtures("jobs", "live")
def test_a_deleted_mapping_is_gone(lambda_client: LambdaClient) -> None:
    uuid = create(lambda_client)["UUID"]
    assert lambda_client.delete_event_source_mapping(UUID=uuid)["State"] == "Deleting"
    with refuses("ResourceNotFoundException", "The resource you requested does not exist", 404):
        lambda_client.get_event_source_mapping(UUID=uuid)


@pytest.mark.usefixtures("jobs", "live")
def test_queue_and_alias_are_mapped_once(lambda_client: LambdaClient) -> None:
    first = create(lambda_client)
    with refuses("ResourceConflictException", f"delete the existing mapping with UUID {first['UUID']}", 409):
        create(lambda_client)
    create(lambda_client, "echo")
    listed = lambda_client.list_event_source_mappings(FunctionName="echo:live", EventSourceArn=QUEUE)
    assert [mapping["UUID"] for mapping in listed["EventSourceMappings"]] == [first["UUID"]]


@pytest.mark.usefixtures("jobs", "live")
@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"BatchSize": 11}, "batch window in seconds must be greater than 0"),
        ({"FilterCriteria": {"Filters": [{"Pattern": "{}"}]}}, "does not serve .* filter_criteria"),
        ({"EventSourceArn": "arn:aws:kinesis:us-west-2:123456789012:stream/s"}, "SQS queues only"),
        ({"EventSourceArn": QUEUE + "x"}, "NonExistentQueue"),
    ],
    ids=["batch without window", "filters", "stream", "no queue"],
)
def test_mappings_that_are_refused(lambda_client: LambdaClient, settings: Any, said: str) -> None:
    with refuses("InvalidParameterValueException", said):
        lambda_client.create_event_source_mapping(
            **{"FunctionName": "echo", "EventSourceArn": QUEUE, **settings}
        )


def test_a_queue_must_hide_messages_for_as_long_as_the_function_runs(
    lambda_client: LambdaClient, make_function: Make, jobs: str
) -> None:
    assert jobs
    make_function(Timeout=31)
    with refuses("InvalidParameterValueException", "30 seconds is less than Function timeout: 31 seconds"):
        create(lambda_client, "echo")


def test_the_role_must_let_lambda_read_the_queue(
    lambda_client: LambdaClient, make_function: Make, make_role: Make, jobs: str
) -> None:
    assert jobs
    make_function(Role=make_role("reader", {"Effect": "Allow", "Action": "sqs:Rec*", "Resource": QUEUE}))
    with refuses("InvalidParameterValueException", "does not have permissions to call DeleteMessage on SQS"):
        create(lambda_client, "echo")


def attributes(client: SQSClient, url: str) -> dict[str, int]:
    names: Any = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = client.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return {name: int(value) for name, value in found.items()}


@pytest.fixture
def results(sqs_client: SQSClient) -> Callable[[], list[Any]]:
    """Waits for what the function below sends to the queue `results`, which it makes."""
    url = sqs_client.create_queue(QueueName="results")["QueueUrl"]

    def receive() -> list[Any]:
        found = eventually(lambda: sqs_client.receive_message(QueueUrl=url).get("Messages", []))
        return [json.loads(message["Body"]) for message in found]

    return receive


WORKER = """
import json, os, boto3
SQS = boto3.client("sqs")
URL = SQS.get_queue_url(QueueName="results")["QueueUrl"]
def handler(event, context):
    failed = [record for record in event["Records"] if record["body"] == "bad"]
    if failed and not os.environ.get("PARTIAL"):
        raise ValueError("bad")
    SQS.send_message(QueueUrl=URL, MessageBody=json.dumps(event["Records"]))
    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in failed]}
"""


def test_messages_reach_the_function_and_are_deleted(
    lambda_client: LambdaClient, sqs_client: SQSClient, make_function: Make, jobs: str, results: Make
) -> None:
    make_function("worker", WORKER, Timeout=20)
    sqs_client.send_message(
        QueueUrl=jobs, MessageBody="hi", MessageAttributes={"k": {"DataType": "String", "StringValue": "v"}}
    )
    create(lambda_client, "worker")
    ((record,),) = results()
    assert (record["body"], record["eventSource"], record["eventSourceARN"]) == ("hi", "aws:sqs", QUEUE)
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert record["messageAttributes"]["k"]["stringValue"] == "v"
    assert eventually(lambda: not any(attributes(sqs_client, jobs).values()))


def test_only_failed_messages_of_a_batch_come_again_and_end_in_the_dead_letter_queue(
    lambda_client: LambdaClient, sqs_client: SQSClient, make_function: Make, results: Make
) -> None:
    dead = sqs_client.create_queue(QueueName="dead")["QueueUrl"]
    redrive = {"deadLetterTargetArn": QUEUE.replace("jobs", "dead"), "maxReceiveCount": 2}
    jobs = sqs_client.create_queue(
        QueueName="jobs", Attributes={"VisibilityTimeout": "6", "RedrivePolicy": json.dumps(redrive)}
    )["QueueUrl"]
    make_function("worker", WORKER, Timeout=6, Environment={"Variables": {"PARTIAL": "yes"}})
    for body in ("good", "bad"):
        sqs_client.send_message(QueueUrl=jobs, MessageBody=body)
    create(lambda_client, "worker", FunctionResponseTypes=["ReportBatchItemFailures"])
    (first,) = results()
    assert sorted(record["body"] for record in first) == ["bad", "good"]
    (found,) = eventually(lambda: sqs_client.receive_message(QueueUrl=dead).get("Messages", []))
    assert found["Body"] == "bad"
    (second,) = results()
    assert [(record["body"], record["attributes"]["ApproximateReceiveCount"]) for record in second] == [
        ("bad", "2")
    ]
