from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from local import limits
from local.aws.server import Server
from tests.local.conftest import client_of, zipped

from .conftest import refuses

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient

Make = Callable[..., Any]
WHO = """
import os
def handler(event, context):
    print("hello from", context.function_version)
    return {
        "version": context.function_version,
        "arn": context.invoked_function_arn,
        "name": os.environ.get("NAME"),
        "event": event,
        "client": context.client_context.custom if context.client_context else None,
    }
"""
ARN = "arn:aws:lambda:us-west-2:123456789012:function:echo"


def invoke(client: LambdaClient, payload: Any = None, **more: Any) -> Any:
    return client.invoke(FunctionName="echo", Payload=json.dumps(payload).encode(), **more)


def answer(client: LambdaClient, payload: Any = None, **more: Any) -> Any:
    return json.loads(invoke(client, payload, **more)["Payload"].read())


def test_each_qualifier_runs_what_it_stands_for(lambda_client: LambdaClient, make_function: Make) -> None:
    make_function(code=WHO, Environment={"Variables": {"NAME": "first"}}, Publish=True)
    lambda_client.create_alias(FunctionName="echo", Name="live", FunctionVersion="1")
    lambda_client.update_function_configuration(
        FunctionName="echo", Environment={"Variables": {"NAME": "second"}}
    )
    seen = {
        suffix: answer(lambda_client, **({"Qualifier": suffix} if suffix else {}))
        for suffix in ("", "$LATEST", "1", "live")
    }
    assert {suffix: said["name"] for suffix, said in seen.items()} == {
        "": "second",
        "$LATEST": "second",
        "1": "first",
        "live": "first",
    }
    assert [said["arn"] for said in seen.values()] == [ARN, f"{ARN}:$LATEST", f"{ARN}:1", f"{ARN}:live"]
    assert invoke(lambda_client, Qualifier="live")["ExecutedVersion"] == "1"


def test_a_changed_function_runs_its_new_code_at_once(
    lambda_client: LambdaClient, make_function: Make
) -> None:
    make_function()
    assert answer(lambda_client, 1) == 1
    code = zipped({"main.py": "def handler(event, context):\n    return event + 1\n"})
    lambda_client.update_function_code(FunctionName="echo", ZipFile=code)
    assert answer(lambda_client, 1) == 2


def test_no_payload_is_an_empty_object(lambda_client: LambdaClient, make_function: Make) -> None:
    make_function()
    assert lambda_client.invoke(FunctionName="echo")["Payload"].read() == b"{}"


def test_the_log_tail_is_given_when_it_is_asked_for(lambda_client: LambdaClient, make_function: Make) -> None:
    make_function(code="def handler(event, context):\n    print('x' * 5000)\n    print('the end')\n")
    log = base64.b64decode(invoke(lambda_client, LogType="Tail")["LogResult"])
    assert len(log) == limits.LOG_TAIL
    assert b"the end" in log
    assert b"REPORT RequestId" in log
    assert "LogResult" not in invoke(lambda_client)


def test_an_error_of_the_function_is_told_as_one(lambda_client: LambdaClient, make_function: Make) -> None:
    make_function(code="def handler(event, context):\n    raise ValueError('no')\n")
    failed = invoke(lambda_client)
    assert (failed["StatusCode"], failed["FunctionError"]) == (200, "Unhandled")
    said = json.loads(failed["Payload"].read())
    assert (said["errorType"], said["errorMessage"]) == ("ValueError", "no")


def test_a_dry_run_runs_nothing(lambda_client: LambdaClient, make_function: Make) -> None:
    make_function(code="raise SystemExit")
    assert invoke(lambda_client, InvocationType="DryRun")["StatusCode"] == 204
    with refuses("ResourceNotFoundException", f"Function not found: {ARN}:9"):
        invoke(lambda_client, InvocationType="DryRun", Qualifier="9")


def test_the_client_context_reaches_the_function(lambda_client: LambdaClient, make_function: Make) -> None:
    make_function(code=WHO)
    context = base64.b64encode(json.dumps({"custom": {"a": "b"}}).encode()).decode()
    assert answer(lambda_client, ClientContext=context)["client"] == {"a": "b"}


def test_a_payload_must_be_json_and_small_enough(
    lambda_client: LambdaClient, make_function: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_function()
    with refuses("InvalidRequestContentException", "Could not parse request body into json", 400):
        lambda_client.invoke(FunctionName="echo", Payload=b"{")
    monkeypatch.setattr(limits, "PAYLOAD_SYNCHRONOUS", 10)
    with refuses("RequestTooLargeException", "Request must be smaller than 10 bytes", 413):
        invoke(lambda_client, "0123456789")


def test_no_reserved_concurrency_means_no_invocations(
    lambda_client: LambdaClient, make_function: Make
) -> None:
    make_function()
    lambda_client.put_function_concurrency(FunctionName="echo", ReservedConcurrentExecutions=0)
    with refuses("TooManyRequestsException", "Rate Exceeded", 429):
        invoke(lambda_client)
    lambda_client.delete_function_concurrency(FunctionName="echo")
    assert answer(lambda_client, 1) == 1


def test_what_a_function_logs_is_in_its_group(
    cloud: Server, lambda_client: LambdaClient, make_function: Make
) -> None:
    logs: Any = client_of(cloud, "logs")
    logs.create_log_group(logGroupName="own")
    make_function(code=WHO, LoggingConfig={"LogGroup": "own"})
    invoke(lambda_client)
    events = logs.filter_log_events(logGroupName="own")["events"]
    assert "hello from $LATEST\n" in [event["message"] for event in events]


def test_a_function_without_a_group_makes_none(
    cloud: Server, lambda_client: LambdaClient, make_function: Make
) -> None:
    make_function()
    invoke(lambda_client)
    logs: Any = client_of(cloud, "logs")
    assert logs.describe_log_groups()["logGroups"] == []
