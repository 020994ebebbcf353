from __future__ import annotations

import contextlib
import json
import urllib.request
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from local.aws.server import Server
from local.provider.aws import Aws, Settings
from local.provider.clock import Clock
from local.provider.errors import ProviderError
from local.provider.retries import MAX_ATTEMPTS, MAX_REFUSED, Retries

# Fast enough for 25 attempts, whose pauses come to an hour and a half.
SCALE = 10_000_000.0
BUSY = "A conflicting conditional operation is currently in progress against this resource"


@pytest.fixture
def patient(cloud: Server) -> Aws:
    """The provider's way to the embedded AWS, on a fast clock."""
    return Aws(Settings("us-west-2"), {"AWS_ENDPOINT_URL": cloud.endpoint}, Clock(SCALE))


def put(cloud: Server, operation: str, kind: str, **more: Any) -> None:
    rule = json.dumps({"operation": operation, "kind": kind, **more}).encode()
    urllib.request.urlopen(f"{cloud.endpoint}/_lamina/faults", rule, timeout=10).close()


def seen(cloud: Server) -> int:
    with urllib.request.urlopen(f"{cloud.endpoint}/_lamina/faults", timeout=10) as answer:
        return int(json.loads(answer.read())["faults"][0]["seen"])


@pytest.mark.parametrize("kind", ["throttling", "unavailable", "dropped", "lost"])
def test_what_passes_is_tried_again(cloud: Server, patient: Aws, kind: str) -> None:
    put(cloud, "sts:GetCallerIdentity", kind, times=4)
    assert patient.account == "123456789012"
    assert seen(cloud) == 5


def test_what_does_not_pass_is_given_up_after_25_attempts(cloud: Server, patient: Aws) -> None:
    put(cloud, "sts:GetCallerIdentity", "unavailable", times=0)
    with pytest.raises(ProviderError, match=r"reading STS Caller Identity: .*StatusCode: 500, .*Failure"):
        _ = patient.account
    assert seen(cloud) == MAX_ATTEMPTS == 25


def test_a_refusal_is_final(cloud: Server, patient: Aws) -> None:
    put(cloud, "sts:GetCallerIdentity", "error")
    with pytest.raises(ProviderError, match="AccessDenied: refused by a fault rule"):
        _ = patient.account
    assert seen(cloud) == 1


@pytest.mark.parametrize(
    ("operation", "code", "message", "attempts"),
    [
        (
            "s3:ListBuckets",
            "OperationAborted",
            BUSY,
            2,
        ),
        ("s3:ListBuckets", "OperationAborted", "for another reason", 1),
        ("apigateway:GetApis", "ConflictException", "Unable to complete operation; try again later", 2),
        ("apigateway:GetApis", "ConflictException", "it is there already", 1),
    ],
    ids=["s3-busy", "s3-other", "apigateway-busy", "apigateway-other"],
)
def test_some_services_have_errors_of_their_own_that_pass(
    cloud: Server, patient: Aws, operation: str, code: str, message: str, attempts: int
) -> None:
    put(cloud, operation, "error", code=code, message=message, status=409)
    service = "apigatewayv2" if operation.startswith("apigateway") else "s3"
    client = patient.client(service)
    call = client.get_apis if service == "apigatewayv2" else client.list_buckets
    with pytest.raises(client.exceptions.ClientError) if attempts == 1 else contextlib.nullcontext():
        call()
    assert seen(cloud) == attempts


def test_where_nobody_listens_ten_attempts_are_enough(patient: Aws) -> None:
    retries = Retries(Clock(SCALE))
    refused = EndpointConnectionError(endpoint_url="http://127.0.0.1:1")
    operation = patient.client("sts").meta.service_model.operation_model("GetCallerIdentity")
    assert retries.decide(MAX_REFUSED - 1, operation, None, refused) == 0
    assert retries.decide(MAX_REFUSED, operation, None, refused) is None


def test_a_cancelled_operation_is_not_tried_again(cloud: Server) -> None:
    clock = Clock(1.0)
    slow = Aws(Settings("us-west-2"), {"AWS_ENDPOINT_URL": cloud.endpoint}, clock)
    put(cloud, "sts:GetCallerIdentity", "throttling", times=0)
    clock.cancel()
    with pytest.raises(ProviderError, match="the operation was cancelled"):
        _ = slow.account
