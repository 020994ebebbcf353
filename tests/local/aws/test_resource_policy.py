from __future__ import annotations

from typing import Any

import pytest

from local.aws.resource_policy import permits

SERVICE = "apigateway.amazonaws.com"
ARN = "arn:aws:lambda:us-west-2:123456789012:function:api:live"
SOURCE = "arn:aws:execute-api:us-west-2:123456789012:abc/$default/GET/pictures"


def policy(**more: Any) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "apigateway.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": ARN,
    }
    return {"Statement": [statement | more]}


def source(pattern: str, operator: str = "ArnLike") -> dict[str, Any]:
    return {"Condition": {operator: {"AWS:SourceArn": pattern}}}


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"Principal": "*"},
        {"Action": ["lambda:GetFunction", "lambda:InvokeFunction"]},
        {"Action": "lambda:*"},
        source("arn:aws:execute-api:us-west-2:123456789012:abc/*/*"),
        source("arn:aws:execute-api:us-west-2:123456789012:abc/*/GET/pictures"),
        source("arn:aws:execute-api:us-west-2:123456789012:abc/?default/*", "StringLike"),
        {"Condition": {"StringEquals": {"AWS:SourceAccount": "123456789012"}}},
    ],
)
def test_a_statement_that_fits_lets_the_api_in(more: dict[str, Any]) -> None:
    assert permits(policy(**more), service=SERVICE, resource=ARN, source_arn=SOURCE)


@pytest.mark.parametrize(
    "more",
    [
        {"Effect": "Deny"},
        {"Principal": {"Service": "events.amazonaws.com"}},
        {"Action": "lambda:GetFunction"},
        {"Resource": ARN.removesuffix(":live")},
        source("arn:aws:execute-api:us-west-2:123456789012:other/*/*"),
        source("arn:aws:execute-api:us-west-2:123456789012:abc/*/POST/*"),
        source("arn:aws:execute-api:*:abc/*/*"),
        {"Condition": {"StringEquals": {"AWS:SourceAccount": "999999999999"}}},
        {"Condition": {"Bool": {"aws:SecureTransport": "true"}}},
    ],
)
def test_a_statement_that_does_not_fit_keeps_it_out(more: dict[str, Any]) -> None:
    assert not permits(policy(**more), service=SERVICE, resource=ARN, source_arn=SOURCE)


def test_without_a_policy_nobody_gets_in() -> None:
    assert not permits(None, service=SERVICE, resource=ARN, source_arn=SOURCE)
