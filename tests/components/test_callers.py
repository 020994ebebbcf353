"""What calls the functions: the HTTP API, the queue and its worker, the schedule."""

from __future__ import annotations

import json

import pulumi
import pytest

from components.http_api import HttpApi, HttpApiArgs
from components.names import alias_name
from components.queue_worker import QueueWorker, QueueWorkerArgs
from components.schedule import Schedule
from components.work_queue import WorkQueue, WorkQueueArgs

from .program import Registered, Run, run

ALIAS = "arn:aws:lambda:us-west-2:123456789012:function:lamina-staging-api:live"
INVOKE = f"arn:aws:apigateway:us-west-2:lambda:path/2015-03-31/functions/{ALIAS}/invocations"
QUEUE = "arn:aws:sqs:us-west-2:123456789012:thumbnails"


def http_api(origins: list[str] | None = None) -> Run:
    args: HttpApiArgs = {"alias_arn": ALIAS, "alias_invoke_arn": INVOKE}
    if origins is not None:
        args["allow_origins"] = origins
    return run(lambda: pulumi.export("url", HttpApi("api", args).url))


def queue(args: WorkQueueArgs) -> Run:
    return run(lambda: WorkQueue("jobs", args))


def worker(**more: int) -> Run:
    args: QueueWorkerArgs = {"queue_arn": QUEUE, "alias_arn": ALIAS, "role_name": "worker-role"}
    if "maximum_concurrency" in more:
        args["maximum_concurrency"] = more["maximum_concurrency"]
    return run(lambda: QueueWorker("jobs", args))


def allows_the_alias(permission: Registered, service: str) -> bool:
    return permission.inputs["action"] == "lambda:InvokeFunction" and (
        permission.inputs["function"],
        permission.inputs["qualifier"],
        permission.inputs["principal"],
    ) == ("lamina-staging-api", "live", service)


def test_every_request_goes_to_the_alias_as_payload_2_0() -> None:
    found = http_api()
    integration = found.one("Integration")
    assert integration.inputs["integrationUri"] == INVOKE
    assert integration.inputs["integrationType"] == "AWS_PROXY"
    assert integration.inputs["payloadFormatVersion"] == "2.0"
    route = found.one("Route")
    assert route.inputs["routeKey"] == "$default"
    assert route.inputs["target"] == "integrations/id-of-api"


def test_the_default_stage_deploys_itself_and_logs_each_access_as_json() -> None:
    found = http_api()
    stage = found.one("Stage")
    assert (stage.inputs["name"], stage.inputs["autoDeploy"]) == ("$default", True)
    log_group = found.one("LogGroup")
    assert log_group.inputs["retentionInDays"] == 30
    settings = stage.inputs["accessLogSettings"]
    assert settings["destinationArn"].endswith(f":log-group:{log_group.inputs['name']}")
    assert json.loads(settings["format"])["status"] == "$context.status"


def test_only_this_api_may_call_the_alias() -> None:
    permission = http_api().one("Permission")
    assert allows_the_alias(permission, "apigateway.amazonaws.com")
    assert permission.inputs["sourceArn"] == "arn:aws:execute-api:us-west-2:123456789012:abc/*/*"


def test_requests_are_allowed_before_they_are_sent() -> None:
    found = http_api()
    assert found.waits_for(found.one("Stage"), found.one("Permission"))


def test_pages_of_other_origins_may_call_only_if_they_are_named() -> None:
    assert "corsConfiguration" not in http_api().one("Api").inputs
    cors = http_api(["https://pictures.example"]).one("Api").inputs["corsConfiguration"]
    assert cors["allowOrigins"] == ["https://pictures.example"]
    assert "GET" in cors["allowMethods"]


def test_the_url_is_the_apis_endpoint() -> None:
    assert http_api().outputs["url"] == "https://abc.example"


def test_a_message_stays_hidden_six_times_as_long_as_the_function_may_run() -> None:
    found = queue({"timeout": 60})
    assert found.one("Queue", "jobs").inputs["visibilityTimeoutSeconds"] == 360
    with_window = queue({"timeout": 60, "window": 5})
    assert with_window.one("Queue", "jobs").inputs["visibilityTimeoutSeconds"] == 365


def test_what_cannot_be_done_is_kept_for_fourteen_days() -> None:
    found = queue({"timeout": 60, "max_receive_count": 3})
    dead = found.one("Queue", "jobs-dead")
    assert dead.inputs["messageRetentionSeconds"] == 14 * 86400
    assert found.one("Queue", "jobs").json("redrivePolicy") == {
        "deadLetterTargetArn": "arn:aws:sqs:us-west-2:123456789012:jobs-dead-1234567",
        "maxReceiveCount": 3,
    }


def test_both_queues_are_encrypted() -> None:
    assert all(each.inputs["sqsManagedSseEnabled"] for each in queue({"timeout": 1}).all("Queue"))


def test_the_worker_gets_batches_at_its_alias_and_fails_messages_one_by_one() -> None:
    mapping = worker().one("EventSourceMapping")
    assert mapping.inputs["functionName"] == ALIAS
    assert mapping.inputs["eventSourceArn"] == QUEUE
    assert mapping.inputs["batchSize"] == 10
    assert mapping.inputs["functionResponseTypes"] == ["ReportBatchItemFailures"]
    assert "scalingConfig" not in mapping.inputs


def test_the_workers_concurrency_can_be_limited() -> None:
    mapping = worker(maximum_concurrency=4).one("EventSourceMapping")
    assert mapping.inputs["scalingConfig"] == {"maximumConcurrency": 4}


def test_the_right_to_receive_comes_before_the_mapping_and_is_for_one_queue() -> None:
    found = worker()
    rights = found.one("RolePolicy")
    assert rights.inputs["role"] == "worker-role"
    [granted] = rights.json("policy")["Statement"]
    assert granted["Resource"] == [QUEUE]
    assert granted["Action"] == ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
    assert found.waits_for(found.one("EventSourceMapping"), rights)


def test_the_schedule_calls_the_alias_and_only_its_rule_may() -> None:
    found = run(lambda: Schedule("daily", {"expression": "rate(1 day)", "alias_arn": ALIAS}))
    assert found.one("EventRule").inputs["scheduleExpression"] == "rate(1 day)"
    target, permission = found.one("EventTarget"), found.one("Permission")
    assert target.inputs["arn"] == ALIAS
    assert allows_the_alias(permission, "events.amazonaws.com")
    assert permission.inputs["sourceArn"] == "arn:aws:events:us-west-2:123456789012:rule/daily-1234567"
    assert found.waits_for(target, permission)


@pytest.mark.parametrize(
    "arn", ["", "api", "arn:aws:lambda:us-west-2:1:function:api", "arn:aws:sqs:us-west-2:1:function:api:live"]
)
def test_what_is_not_an_alias_is_refused_by_name(arn: str) -> None:
    with pytest.raises(pulumi.RunError, match="is not the ARN of a function's alias"):
        alias_name(arn)
