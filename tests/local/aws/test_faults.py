from __future__ import annotations

import json
import re
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from local import cloud as background
from local.aws.server import Server
from tests.local.conftest import client_of

# One reading call of each service, with the protocol that it speaks.
CALLS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "lambda": ("ListFunctions", lambda client: client.list_functions()),
    "s3": ("ListBuckets", lambda client: client.list_buckets()),
    "iam": ("ListRoles", lambda client: client.list_roles()),
    "sqs": ("ListQueues", lambda client: client.list_queues()),
    "events": ("ListRules", lambda client: client.list_rules()),
    "logs": ("DescribeLogGroups", lambda client: client.describe_log_groups()),
    "apigatewayv2": ("GetApis", lambda client: client.get_apis()),
    "sts": ("GetCallerIdentity", lambda client: client.get_caller_identity()),
}


def asked(server: Server, path: str = "faults", method: str = "GET", content: Any = None) -> Any:
    data = None if content is None else json.dumps(content).encode()
    request = urllib.request.Request(f"{server.endpoint}/_lamina/{path}", data, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read())


def put(server: Server, operation: str, kind: str, **more: Any) -> str:
    return str(asked(server, method="POST", content={"operation": operation, "kind": kind, **more})["id"])


def refusal(call: Callable[[], Any]) -> tuple[str, int]:
    """The code and the status that a call is refused with."""
    with pytest.raises(ClientError) as refused:
        call()
    answer = refused.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def made_buckets(server: Server) -> list[str]:
    return [each["Name"] for each in client_of(server, "s3").list_buckets()["Buckets"]]


def make_bucket(server: Server) -> Any:
    where = {"LocationConstraint": "us-west-2"}
    return client_of(server, "s3").create_bucket(Bucket="kept", CreateBucketConfiguration=where)


@pytest.mark.parametrize("service", CALLS)
def test_an_error_has_its_code_and_message_in_the_protocol_of_each_service(
    cloud: Server, service: str
) -> None:
    operation, call = CALLS[service]
    put(cloud, f"*:{operation}", "error", code="Odd", message="an <odd> one", status=418)
    with pytest.raises(
        ClientError, match=rf"\(Odd\) when calling the {operation} .*: an <odd> one"
    ) as refused:
        call(client_of(cloud, service))
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 418
    call(client_of(cloud, service))


@pytest.mark.parametrize(
    ("service", "throttling", "unavailable"),
    [
        ("lambda", ("TooManyRequestsException", 429), ("ServiceException", 500)),
        ("s3", ("SlowDown", 503), ("InternalError", 500)),
        ("iam", ("Throttling", 400), ("ServiceFailure", 500)),
        ("sqs", ("RequestThrottled", 400), ("InternalFailure", 500)),
        ("events", ("ThrottlingException", 400), ("InternalException", 500)),
        ("logs", ("ThrottlingException", 400), ("ServiceUnavailableException", 503)),
        ("apigatewayv2", ("TooManyRequestsException", 429), ("InternalServerErrorException", 500)),
    ],
)
def test_each_service_throttles_and_breaks_in_its_own_words(
    cloud: Server, service: str, throttling: tuple[str, int], unavailable: tuple[str, int]
) -> None:
    operation, call = CALLS[service]
    put(cloud, f"*:{operation}", "throttling")
    put(cloud, f"*:{operation}", "unavailable", nth=2)
    client = client_of(cloud, service)
    assert [refusal(lambda: call(client)), refusal(lambda: call(client))] == [throttling, unavailable]


def test_an_error_without_a_status_has_the_one_that_its_service_declares(cloud: Server) -> None:
    put(cloud, "lambda:*", "error", code="ResourceConflictException")
    put(cloud, "s3:*", "error")
    assert refusal(client_of(cloud, "lambda").list_functions) == ("ResourceConflictException", 409)
    assert refusal(client_of(cloud, "s3").list_buckets) == ("AccessDenied", 403)


def test_a_dropped_call_takes_no_effect_and_a_lost_one_does(cloud: Server) -> None:
    put(cloud, "s3:CreateBucket", "dropped")
    with pytest.raises(ConnectionClosedError):
        make_bucket(cloud)
    assert made_buckets(cloud) == []
    put(cloud, "s3:CreateBucket", "lost")
    with pytest.raises(ConnectionClosedError):
        make_bucket(cloud)
    assert made_buckets(cloud) == ["kept"]


@pytest.mark.parametrize(("after", "there"), [(False, []), (True, ["kept"])], ids=["before", "after"])
def test_a_delay_comes_before_or_after_the_effect_and_ends_with_its_rule(
    cloud: Server, after: bool, there: list[str]
) -> None:
    rule = put(cloud, "s3:CreateBucket", "delay", seconds=60, after=after)
    thread = threading.Thread(target=make_bucket, args=[cloud])
    thread.start()
    while asked(cloud)["faults"][0]["matched"] == 0 or made_buckets(cloud) != there:
        time.sleep(0.01)
    assert thread.is_alive()
    asked(cloud, f"faults/{rule}", "DELETE")
    thread.join(10)
    assert made_buckets(cloud) == ["kept"]


def test_a_rule_counts_from_when_it_was_put_and_hits_as_often_as_it_says(cloud: Server) -> None:
    client = client_of(cloud, "sts")
    client.get_caller_identity()
    put(cloud, "sts:GetCallerIdentity", "throttling", nth=2, times=2)
    client.get_caller_identity()
    assert refusal(client.get_caller_identity) == refusal(client.get_caller_identity)
    client.get_caller_identity()
    (listed,) = asked(cloud)["faults"]
    assert (listed["seen"], listed["matched"]) == (4, 2)


def test_a_rule_without_end_hits_until_it_is_deleted(cloud: Server) -> None:
    client = client_of(cloud, "sts")
    put(cloud, "sts:*", "unavailable", times=0)
    for _ in range(3):
        refusal(client.get_caller_identity)
    assert asked(cloud, method="DELETE") == {"faults": []}
    client.get_caller_identity()


def test_faults_are_in_the_record_of_calls(cloud: Server) -> None:
    put(cloud, "s3:CreateBucket", "lost")
    with pytest.raises(ConnectionClosedError):
        make_bucket(cloud)
    client_of(cloud, "s3").list_buckets()
    calls = asked(cloud, "calls")["calls"]
    assert [(each["operation"], each["status"], each["fault"]) for each in calls] == [
        ("CreateBucket", 0, "lost"),
        ("ListBuckets", 200, ""),
    ]


def test_first_tries_alone_are_hit_where_the_rule_says_so(cloud: Server) -> None:
    client = boto3.client(
        "sts",
        endpoint_url=cloud.endpoint,
        region_name="us-west-2",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )
    put(cloud, "*", "dropped", times=0, first_tries=True)
    assert client.get_caller_identity()["Account"]
    (listed,) = asked(cloud)["faults"]
    assert (listed["seen"], listed["matched"]) == (1, 1)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"operation": "lambda:Invoke"}, "kind is missing"),
        ({"operation": "Invoke", "kind": "lost"}, "operation is 'Invoke'; it is such as lambda:Invoke"),
        ({"operation": "*", "kind": "slow", "nth": 0}, "kind is 'slow'; it is one of error, .*; nth is 0"),
        ({"operation": "*", "kind": "delay", "wait": 3}, "wait is no part of a rule"),
        ([], "a rule is a JSON object"),
    ],
    ids=["lacking", "operation", "two-faults", "unknown", "no-object"],
)
def test_a_rule_that_makes_no_sense_is_refused_with_all_its_faults(
    cloud: Server, rule: Any, message: str
) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        asked(cloud, method="POST", content=rule)
    assert refused.value.code == 400
    assert re.search(message, json.loads(refused.value.read())["message"])


def test_a_rule_that_is_not_there_cannot_be_deleted(cloud: Server) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404"):
        asked(cloud, "faults/none", "DELETE")


def test_death_ends_the_process_and_the_next_start_is_told(tmp_path: Path) -> None:
    started = background.start(tmp_path)
    try:
        server: Any = started
        put(server, "s3:CreateBucket", "death")
        with pytest.raises(ConnectionClosedError):
            make_bucket(server)
        with pytest.raises(background.CloudDiedError, match="does not run any more"):
            background.find(tmp_path)
    finally:
        background.stop(tmp_path)
