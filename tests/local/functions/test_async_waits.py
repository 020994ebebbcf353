"""When events are tried again; the runtime answers at once, so that all time that passes is the waits."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from local.aws.server import Server, serve
from local.functions.async_event import Attempt, wait_seconds
from local.functions.errors import LambdaError
from tests.local.functions.waiting import eventually

from .fake_runtime import FakeRuntime

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient
    from types_boto3_sqs import SQSClient

Make = Callable[..., Any]
QUEUE = "arn:aws:sqs:us-west-2:123456789012:results"
# A minute between two attempts takes less than a third of a second.
SCALE = 1 / 200


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> FakeRuntime:
    fake = FakeRuntime()
    monkeypatch.setattr("local.functions.service.Runtimes", lambda *_: fake)
    return fake


@pytest.fixture
def cloud(runtime: FakeRuntime) -> Iterator[Server]:
    """An embedded AWS on a scaled clock."""
    with serve(managed_policies=False, scale=SCALE) as server:
        yield server


@pytest.fixture
def received(sqs_client: SQSClient) -> Callable[[], list[Any]]:
    """Waits for messages of the queue `results`, which it makes."""
    url = sqs_client.create_queue(QueueName="results")["QueueUrl"]
    return lambda: eventually(lambda: sqs_client.receive_message(QueueUrl=url).get("Messages", []))


def send(client: LambdaClient, payload: Any = None) -> Any:
    return client.invoke(FunctionName="echo", InvocationType="Event", Payload=json.dumps(payload).encode())


def fails(event: Any) -> None:
    raise ValueError(event)


@pytest.fixture
def function(lambda_client: LambdaClient, make_function: Make, received: Callable[[], list[Any]]) -> None:
    """`echo`, whose failed events go to the queue `results`."""
    make_function()
    set_up(lambda_client)


def set_up(client: LambdaClient, **settings: Any) -> None:
    client.put_function_event_invoke_config(
        FunctionName="echo", DestinationConfig={"OnFailure": {"Destination": QUEUE}}, **settings
    )


@pytest.fixture
def context(received: Callable[[], list[Any]], function: None) -> Callable[[], dict[str, Any]]:
    """The context of the invocation record that reaches the destination."""
    return lambda: json.loads(received()[0]["Body"])["requestContext"]


def test_retries_come_after_one_minute_and_two_more(
    lambda_client: LambdaClient, runtime: FakeRuntime, context: Callable[[], dict[str, Any]]
) -> None:
    runtime.does = fails
    send(lambda_client)
    assert context()["condition"] == "RetriesExhausted"
    first, second, third = (at / SCALE for _, _, at in runtime.ran)
    assert second - first >= 60
    assert third - second >= 120


def test_an_event_that_got_too_old_is_not_tried_again(
    lambda_client: LambdaClient, runtime: FakeRuntime, context: Callable[[], dict[str, Any]]
) -> None:
    set_up(lambda_client, MaximumEventAgeInSeconds=170)
    runtime.does = fails
    send(lambda_client)
    told = context()
    assert (told["condition"], told["approximateInvokeCount"]) == ("EventAgeExceeded", 2)
    assert len(runtime.ran) == 2


def test_a_throttled_event_waits_without_losing_a_try(
    lambda_client: LambdaClient, runtime: FakeRuntime, function: None
) -> None:
    began, end = threading.Event(), threading.Event()

    def waits(event: Any) -> None:
        began.set()
        end.wait(20)

    runtime.does = waits
    lambda_client.put_function_concurrency(FunctionName="echo", ReservedConcurrentExecutions=1)
    send(lambda_client, 1)
    assert began.wait(20)
    send(lambda_client, 2)
    time.sleep(0.1)
    assert [event for _, event, _ in runtime.ran] == [1]
    end.set()
    assert eventually(lambda: [event for _, event, _ in runtime.ran] == [1, 2])


def test_events_of_a_function_without_concurrency_go_straight_to_their_destination(
    lambda_client: LambdaClient, runtime: FakeRuntime, context: Callable[[], dict[str, Any]]
) -> None:
    lambda_client.put_function_concurrency(FunctionName="echo", ReservedConcurrentExecutions=0)
    send(lambda_client)
    told = context()
    assert (told["condition"], told["approximateInvokeCount"]) == ("ZeroReservedConcurrency", 0)
    assert runtime.ran == []


@pytest.mark.parametrize(("number", "seconds"), [(1, 60), (2, 120)])
def test_failed_events_wait_one_minute_and_then_two(number: int, seconds: float) -> None:
    assert wait_seconds(Attempt(number=number, version="1")) == seconds


@pytest.mark.parametrize(
    ("throttled", "seconds"),
    [(1, 1), (2, 2), (5, 16), (9, 256), (10, 300), (1000, 300)],
)
def test_throttled_events_wait_twice_as_long_each_time_up_to_five_minutes(
    throttled: int, seconds: float
) -> None:
    refused = LambdaError("TooManyRequestsException", "Rate Exceeded.")
    assert wait_seconds(Attempt(throttled=throttled, refused=refused)) == seconds
