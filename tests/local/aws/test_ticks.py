from __future__ import annotations

import json
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from local.aws.server import Server, serve
from tests.local.conftest import client_of
from tests.local.functions.fake_runtime import FakeRuntime

if TYPE_CHECKING:
    from types_boto3_events import EventBridgeClient
    from types_boto3_lambda import LambdaClient
    from types_boto3_sqs import SQSClient

Make = Callable[..., Any]
ALIAS = "arn:aws:lambda:us-west-2:123456789012:function:cleanup:live"
RULE = "arn:aws:events:us-west-2:123456789012:rule/nightly"
DEAD = "arn:aws:sqs:us-west-2:123456789012:dead"


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> FakeRuntime:
    fake = FakeRuntime(lambda _: {"deleted": 2})
    monkeypatch.setattr("local.functions.service.Runtimes", lambda *_: fake)
    return fake


@pytest.fixture
def cloud(runtime: FakeRuntime) -> Iterator[Server]:
    with serve(managed_policies=False) as server:
        yield server


@pytest.fixture
def events(cloud: Server) -> EventBridgeClient:
    client: EventBridgeClient = client_of(cloud, "events")
    return client


@pytest.fixture
def alias(lambda_client: LambdaClient, make_function: Make) -> str:
    make_function("cleanup", Publish=True)
    lambda_client.create_alias(FunctionName="cleanup", Name="live", FunctionVersion="1")
    return ALIAS


@pytest.fixture
def nightly(events: EventBridgeClient, alias: str) -> None:
    """The rule `nightly` with that alias as its target, which has no permission yet."""
    events.put_rule(Name="nightly", ScheduleExpression="rate(1 day)")
    events.put_targets(Rule="nightly", Targets=[{"Id": "one", "Arn": alias}])


@pytest.fixture
def permitted(lambda_client: LambdaClient, alias: str) -> None:
    permit(lambda_client)


def permit(client: LambdaClient, **more: Any) -> None:
    settings: dict[str, Any] = {
        "FunctionName": "cleanup",
        "Qualifier": "live",
        "StatementId": "events",
        "Action": "lambda:InvokeFunction",
        "Principal": "events.amazonaws.com",
        "SourceArn": RULE,
    }
    client.add_permission(**settings | more)


def tick(cloud: Server, rule: str | None = None) -> list[dict[str, Any]]:
    query = "" if rule is None else f"?rule={urllib.parse.quote(rule)}"
    with urllib.request.urlopen(f"{cloud.endpoint}/_lamina/tick{query}", data=b"", timeout=30) as answer:
        fired: list[dict[str, Any]] = json.load(answer)["fired"]
    return fired


@pytest.mark.usefixtures("nightly", "permitted")
def test_a_rule_sends_its_event_to_the_alias_and_tells_which_version_answered(
    cloud: Server, runtime: FakeRuntime
) -> None:
    (fired,) = tick(cloud)
    assert fired == {
        "rule": "nightly",
        "schedule": "rate(1 day)",
        "target": ALIAS,
        "version": "1",
        "answer": '{"deleted": 2}',
        "fault": None,
    }
    ((_, event, _),) = runtime.ran
    assert (event["detail-type"], event["resources"]) == ("Scheduled Event", [RULE])


@pytest.mark.usefixtures("nightly", "permitted")
def test_a_targets_own_input_is_what_the_function_gets(
    cloud: Server, runtime: FakeRuntime, events: EventBridgeClient
) -> None:
    events.put_targets(Rule="nightly", Targets=[{"Id": "one", "Arn": ALIAS, "Input": '{"days": 3}'}])
    tick(cloud)
    assert [event for _, event, _ in runtime.ran] == [{"days": 3}]


@pytest.mark.usefixtures("nightly")
@pytest.mark.parametrize(
    "permission",
    [
        None,
        {"Principal": "apigateway.amazonaws.com"},
        {"SourceArn": RULE.replace("nightly", "hourly")},
        {"Qualifier": "1"},
    ],
    ids=["none", "another service", "another rule", "another qualifier"],
)
def test_without_a_permission_on_the_alias_nothing_is_invoked(
    cloud: Server, runtime: FakeRuntime, lambda_client: LambdaClient, permission: Any
) -> None:
    if permission is not None:
        permit(lambda_client, **permission)
    (fired,) = tick(cloud)
    assert fired["fault"] == f"its policy does not let events.amazonaws.com invoke it for {RULE}"
    assert runtime.ran == []


@pytest.mark.usefixtures("nightly", "permitted")
def test_an_alias_that_is_gone_is_told(cloud: Server, lambda_client: LambdaClient) -> None:
    lambda_client.delete_alias(FunctionName="cleanup", Name="live")
    (fired,) = tick(cloud)
    assert fired["fault"] == f"Function not found: {ALIAS}"


@pytest.mark.usefixtures("nightly", "permitted")
def test_a_function_that_fails_is_told_with_its_error(cloud: Server, runtime: FakeRuntime) -> None:
    def fails(event: Any) -> None:
        raise ValueError("no bucket")

    runtime.does = fails
    (fired,) = tick(cloud)
    assert fired["version"] == "1"
    assert fired["fault"].startswith('the function failed: {"errorMessage": "no bucket"')


@pytest.mark.usefixtures("nightly")
def test_what_is_not_delivered_goes_to_the_targets_dead_letter_queue_if_that_lets_it(
    cloud: Server, events: EventBridgeClient, sqs_client: SQSClient
) -> None:
    url = sqs_client.create_queue(QueueName="dead")["QueueUrl"]
    events.put_targets(
        Rule="nightly", Targets=[{"Id": "one", "Arn": ALIAS, "DeadLetterConfig": {"Arn": DEAD}}]
    )
    (fired,) = tick(cloud)
    assert f"the policy of its dead-letter queue {DEAD} does not let events.amazonaws.com" in fired["fault"]
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": DEAD,
        "Condition": {"ArnEquals": {"aws:SourceArn": RULE}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs_client.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    (fired,) = tick(cloud)
    assert fired["fault"].endswith(f"; the event is in its dead-letter queue {DEAD}")
    (message,) = sqs_client.receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"]
    assert json.loads(message["Body"])["detail-type"] == "Scheduled Event"
    told = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert (told["RULE_ARN"], told["TARGET_ARN"], told["ERROR_CODE"]) == (RULE, ALIAS, "NO_PERMISSIONS")


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ({"Arn": DEAD}, "serves no target that is no Lambda function"),
        ({"Arn": ALIAS, "SqsParameters": {"MessageGroupId": "g"}}, "serves no target with SqsParameters"),
        ({"Arn": ALIAS.replace("cleanup", "other")}, "Function not found"),
    ],
    ids=["queue", "queue's settings", "no function"],
)
@pytest.mark.usefixtures("permitted")
def test_targets_that_are_not_served_are_told_by_name(
    cloud: Server, events: EventBridgeClient, target: dict[str, Any], said: str
) -> None:
    events.put_rule(Name="nightly", ScheduleExpression="rate(1 day)")
    whole: Any = {"Id": "one", **target}
    events.put_targets(Rule="nightly", Targets=[whole])
    (fired,) = tick(cloud)
    assert said in fired["fault"]


def test_only_enabled_rules_with_a_schedule_fire_unless_one_is_named(
    cloud: Server, events: EventBridgeClient
) -> None:
    events.put_rule(Name="off", ScheduleExpression="rate(1 day)", State="DISABLED")
    events.put_rule(Name="on", ScheduleExpression="rate(1 day)")
    events.put_rule(Name="pattern", EventPattern='{"source": ["aws.s3"]}')
    assert [(each["rule"], each["fault"]) for each in tick(cloud)] == [("on", "the rule has no target")]
    assert [each["fault"] for each in tick(cloud, "off")] == ["the rule is disabled"]
    assert tick(cloud, "pattern") == []


def test_a_tick_wants_a_post(cloud: Server) -> None:
    with pytest.raises(urllib.request.HTTPError, match="405"):
        urllib.request.urlopen(f"{cloud.endpoint}/_lamina/tick", timeout=10)
