from __future__ import annotations

import itertools
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from local import limits
from local.aws.server import Server, serve
from tests.local.functions.waiting import eventually

from .fake_runtime import FakeRuntime

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient
    from types_boto3_sqs import SQSClient

Make = Callable[..., Any]
PREFIX = "arn:aws:sqs:us-west-2:123456789012:"
TIMEOUT = 1


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> FakeRuntime:
    fake = FakeRuntime()
    monkeypatch.setattr("local.functions.service.Runtimes", lambda *_: fake)
    monkeypatch.setattr("local.functions.polling.POLL_SECONDS", 0.02)
    return fake


@pytest.fixture
def cloud(runtime: FakeRuntime) -> Iterator[Server]:
    """An embedded AWS whose aliases with a weight of a half send every other call to the second version."""
    drawn = itertools.cycle([0.9, 0.1])
    with serve(managed_policies=False, draw=lambda: next(drawn)) as server:
        yield server


@pytest.fixture
def worker(lambda_client: LambdaClient, make_function: Make) -> None:
    """The alias `worker:live` of the first of two versions."""
    make_function("worker", Publish=True, Timeout=TIMEOUT)
    lambda_client.update_function_configuration(FunctionName="worker", MemorySize=256)
    lambda_client.publish_version(FunctionName="worker")
    lambda_client.create_alias(FunctionName="worker", Name="live", FunctionVersion="1")


class Jobs:
    """A queue that is mapped to `worker:live`."""

    def __init__(self, sqs: SQSClient, client: LambdaClient, name: str = "jobs", **attributes: str) -> None:
        self._sqs, self._client, self.arn = sqs, client, PREFIX + name
        attributes = {"VisibilityTimeout": str(TIMEOUT), **attributes}
        self.url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]  # type: ignore[arg-type]

    def map(self, **settings: Any) -> Jobs:
        made = self._client.create_event_source_mapping(
            FunctionName="worker:live", EventSourceArn=self.arn, **settings
        )
        self.uuid = made["UUID"]
        return self

    def send(self, *bodies: str, **more: Any) -> Jobs:
        for body in bodies:
            self._sqs.send_message(QueueUrl=self.url, MessageBody=body, **more)
        return self

    def counts(self) -> tuple[int, int]:
        """The visible messages, and those that are hidden."""
        names: Any = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self._sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)["Attributes"]
        return int(found[names[0]]), int(found[names[1]])

    def emptied(self) -> bool:
        return eventually(lambda: self.counts() == (0, 0))

    def last_result(self) -> str:
        return self._client.get_event_source_mapping(UUID=self.uuid)["LastProcessingResult"]


@pytest.fixture
def jobs(sqs_client: SQSClient, lambda_client: LambdaClient, worker: None) -> Jobs:
    return Jobs(sqs_client, lambda_client)


def test_an_alias_with_weights_shares_out_the_batches(
    jobs: Jobs, runtime: FakeRuntime, lambda_client: LambdaClient
) -> None:
    weights: Any = {"AdditionalVersionWeights": {"2": 0.5}}
    lambda_client.update_alias(FunctionName="worker", Name="live", RoutingConfig=weights)
    assert jobs.send("a", "b", "c", "d").map(BatchSize=1).emptied()
    assert sorted(runtime.versions()) == ["1", "1", "2", "2"]


def test_messages_follow_an_alias_that_moves(
    jobs: Jobs, runtime: FakeRuntime, lambda_client: LambdaClient
) -> None:
    assert jobs.map().send("before").emptied()
    lambda_client.update_alias(FunctionName="worker", Name="live", FunctionVersion="2")
    assert jobs.send("after").emptied()
    assert (runtime.versions(), runtime.bodies()) == (["1", "2"], [["before"], ["after"]])


def test_a_failed_message_comes_back_after_the_visibility_timeout_and_not_before(
    jobs: Jobs, runtime: FakeRuntime
) -> None:
    runtime.does = lambda _: runtime.ran[1]
    jobs.send("a").map()
    assert eventually(lambda: "PROBLEM" in jobs.last_result())
    assert jobs.counts() == (0, 1)
    assert jobs.emptied()
    (_, first, begun), (_, second, again) = runtime.ran
    counts = [event["Records"][0]["attributes"]["ApproximateReceiveCount"] for event in (first, second)]
    assert counts == ["1", "2"]
    assert TIMEOUT - 0.1 < again - begun < TIMEOUT + 1
    assert eventually(lambda: jobs.last_result() == "OK")


def test_a_message_that_always_fails_is_tried_as_often_as_the_queue_says(
    jobs: Jobs, runtime: FakeRuntime, sqs_client: SQSClient, lambda_client: LambdaClient
) -> None:
    dead = Jobs(sqs_client, lambda_client, "dead")
    redrive = json.dumps({"deadLetterTargetArn": dead.arn, "maxReceiveCount": 2})
    sqs_client.set_queue_attributes(QueueUrl=jobs.url, Attributes={"RedrivePolicy": redrive})
    runtime.does = lambda _: 1 // 0
    jobs.send("a").map()
    assert eventually(lambda: dead.counts() == (1, 0))
    assert runtime.bodies() == [["a"], ["a"]]
    assert jobs.counts() == (0, 0)


def test_a_batch_holds_at_most_as_many_messages_as_the_mapping_says(jobs: Jobs, runtime: FakeRuntime) -> None:
    assert jobs.send(*"abcde").map(BatchSize=2).emptied()
    assert sorted(len(bodies) for bodies in runtime.bodies()) == [1, 2, 2]


def test_a_window_collects_messages_that_come_one_by_one(
    jobs: Jobs, runtime: FakeRuntime, sqs_client: SQSClient
) -> None:
    sqs_client.set_queue_attributes(QueueUrl=jobs.url, Attributes={"VisibilityTimeout": "30"})
    jobs.map(MaximumBatchingWindowInSeconds=1, BatchSize=20)
    for body in "abc":
        jobs.send(body)
        time.sleep(0.1)
    assert jobs.emptied()
    assert runtime.bodies() == [["a", "b", "c"]]


def test_a_full_batch_does_not_wait_for_its_window(jobs: Jobs, runtime: FakeRuntime) -> None:
    begun = time.monotonic()
    assert jobs.send(*"abcd").map(MaximumBatchingWindowInSeconds=60, BatchSize=4).emptied()
    assert time.monotonic() - begun < 10
    assert runtime.bodies() == [["a", "b", "c", "d"]]


def test_messages_beyond_the_limit_of_a_payload_make_another_invocation(
    jobs: Jobs, runtime: FakeRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PAYLOAD_SYNCHRONOUS", 3000)
    bodies = [letter * 1000 for letter in "abc"]
    assert jobs.send(*bodies).map().emptied()
    assert runtime.bodies() == [bodies[:1], bodies[1:2], bodies[2:]]


@pytest.mark.parametrize("most", [2, 5], ids=["as the mapping says", "five unless it says"])
def test_no_more_batches_run_at_once_than_the_maximum_concurrency(
    jobs: Jobs, runtime: FakeRuntime, most: int
) -> None:
    waiting = threading.Event()
    runtime.does = lambda _: waiting.wait(0.5) and None
    settings: Any = {} if most == 5 else {"ScalingConfig": {"MaximumConcurrency": most}}
    jobs.send(*"abcdefgh").map(BatchSize=1, **settings)
    assert eventually(lambda: runtime.most == most)
    time.sleep(0.1)
    assert runtime.most == most
    waiting.set()
    assert jobs.emptied()


def test_a_disabled_mapping_leaves_messages_alone_until_it_is_enabled(
    jobs: Jobs, runtime: FakeRuntime, lambda_client: LambdaClient
) -> None:
    jobs.map(Enabled=False).send("a")
    time.sleep(0.2)
    assert (jobs.counts(), runtime.ran) == ((1, 0), [])
    lambda_client.update_event_source_mapping(UUID=jobs.uuid, Enabled=True)
    assert jobs.emptied()
    assert runtime.ran[0][1]["Records"][0]["attributes"]["ApproximateReceiveCount"] == "1"


def throttle(client: LambdaClient) -> None:
    client.put_function_concurrency(FunctionName="worker", ReservedConcurrentExecutions=0)


def unthrottle(client: LambdaClient) -> None:
    client.delete_function_concurrency(FunctionName="worker")


def lose_alias(client: LambdaClient) -> None:
    client.delete_alias(FunctionName="worker", Name="live")


def make_alias(client: LambdaClient) -> None:
    client.create_alias(FunctionName="worker", Name="live", FunctionVersion="2")


@pytest.mark.parametrize(
    ("broken", "mended", "said"),
    [(throttle, unthrottle, "Rate Exceeded"), (lose_alias, make_alias, "Function not found: .*:live")],
    ids=["throttled function", "deleted alias"],
)
def test_messages_that_cannot_be_delivered_wait_for_a_better_time(
    jobs: Jobs, runtime: FakeRuntime, lambda_client: LambdaClient, broken: Make, mended: Make, said: str
) -> None:
    jobs.map()
    broken(lambda_client)
    jobs.send("a")
    assert eventually(lambda: jobs.last_result().startswith("PROBLEM"))
    assert re.search(said, jobs.last_result())
    assert runtime.ran == []
    mended(lambda_client)
    assert jobs.emptied()
    assert runtime.bodies() == [["a"]]


def test_a_deleted_mapping_polls_no_more(
    jobs: Jobs, runtime: FakeRuntime, lambda_client: LambdaClient
) -> None:
    assert jobs.map().send("a").emptied()
    lambda_client.delete_event_source_mapping(UUID=jobs.uuid)
    time.sleep(0.1)
    jobs.send("b")
    time.sleep(0.2)
    assert (jobs.counts(), runtime.bodies()) == ((1, 0), [["a"]])


def test_a_fifo_group_keeps_its_order_also_after_a_failure(
    sqs_client: SQSClient, lambda_client: LambdaClient, worker: None, runtime: FakeRuntime
) -> None:
    fifo = Jobs(sqs_client, lambda_client, "jobs.fifo", FifoQueue="true", ContentBasedDeduplication="true")

    def fails_once(event: Any) -> None:
        if len(runtime.ran) == 1:
            raise ValueError

    runtime.does = fails_once
    fifo.send(*"abc", MessageGroupId="g").map(BatchSize=3)
    assert eventually(lambda: len(runtime.ran) == 1)
    fifo.send(*"de", MessageGroupId="g").send("z", MessageGroupId="other")
    assert fifo.emptied()
    handled = [body for bodies in runtime.bodies()[1:] for body in bodies if body != "z"]
    assert runtime.bodies()[0] == ["a", "b", "c"]
    assert handled == ["a", "b", "c", "d", "e"]
    assert ["z"] in runtime.bodies()


def test_many_senders_and_batches_lose_and_repeat_no_message(jobs: Jobs, runtime: FakeRuntime) -> None:
    bodies = [str(number) for number in range(120)]
    senders = [threading.Thread(target=jobs.send, args=bodies[start::4]) for start in range(4)]
    jobs.map(BatchSize=3)
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert jobs.emptied()
    assert sorted(body for each in runtime.bodies() for body in each) == sorted(bodies)
