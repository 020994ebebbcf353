from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from local.aws.server import Server

from .conftest import refuses

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient

Make = Callable[..., Any]
ARN = "arn:aws:lambda:us-west-2:123456789012:function:echo"
RULE = "arn:aws:events:us-west-2:123456789012:rule/daily"


@pytest.fixture(autouse=True)
def live(lambda_client: LambdaClient, make_function: Make) -> None:
    make_function(Publish=True)
    lambda_client.create_alias(FunctionName="echo", Name="live", FunctionVersion="1")


def add(client: LambdaClient, statement: str = "s1", **more: Any) -> Any:
    given: dict[str, Any] = {
        "FunctionName": "echo",
        "StatementId": statement,
        "Action": "lambda:InvokeFunction",
        "Principal": "events.amazonaws.com",
        **more,
    }
    return json.loads(client.add_permission(**given)["Statement"])


def policy(client: LambdaClient, **more: Any) -> Any:
    return json.loads(client.get_policy(FunctionName="echo", **more)["Policy"])


def test_a_statement_is_formed_as_lambda_forms_it(lambda_client: LambdaClient) -> None:
    statement = add(lambda_client, Qualifier="live", SourceArn=RULE, SourceAccount="123456789012")
    assert statement == {
        "Sid": "s1",
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": f"{ARN}:live",
        "Condition": {
            "ArnLike": {"AWS:SourceArn": RULE},
            "StringEquals": {"AWS:SourceAccount": "123456789012"},
        },
    }
    assert policy(lambda_client, Qualifier="live") == {
        "Version": "2012-10-17",
        "Id": "default",
        "Statement": [statement],
    }


def test_function_version_and_alias_have_policies_of_their_own(
    lambda_client: LambdaClient, cloud: Server
) -> None:
    for qualifier in ({}, {"Qualifier": "1"}, {"Qualifier": "live"}):
        add(lambda_client, **qualifier)
    for suffix in ("", ":1", ":live"):
        found = cloud.service.policy(f"{ARN}{suffix}")
        assert found is not None
        assert [statement["Resource"] for statement in found["Statement"]] == [f"{ARN}{suffix}"]
    assert cloud.service.policy(f"{ARN}:other") is None


@pytest.mark.parametrize(
    ("given", "formed"),
    [
        ("123456789012", {"AWS": "arn:aws:iam::123456789012:root"}),
        ("arn:aws:iam::123456789012:role/x", {"AWS": "arn:aws:iam::123456789012:role/x"}),
        ("*", "*"),
    ],
)
def test_principals_take_their_form(lambda_client: LambdaClient, given: str, formed: Any) -> None:
    assert add(lambda_client, Principal=given)["Principal"] == formed


def test_what_is_no_principal_is_refused(lambda_client: LambdaClient) -> None:
    with refuses("InvalidParameterValueException", "The provided principal was invalid"):
        add(lambda_client, Principal="nobody")


def test_a_statement_id_is_taken_once(lambda_client: LambdaClient) -> None:
    add(lambda_client)
    with refuses("ResourceConflictException", r"The statement id \(s1\) provided already exists", 409):
        add(lambda_client)
    add(lambda_client, Qualifier="live")


def test_what_is_removed_is_gone(lambda_client: LambdaClient) -> None:
    add(lambda_client)
    add(lambda_client, "s2")
    lambda_client.remove_permission(FunctionName="echo", StatementId="s1")
    assert [statement["Sid"] for statement in policy(lambda_client)["Statement"]] == ["s2"]
    with refuses("ResourceNotFoundException", "Statement s1 is not found in resource policy"):
        lambda_client.remove_permission(FunctionName="echo", StatementId="s1")
    lambda_client.remove_permission(FunctionName="echo", StatementId="s2")
    with refuses("ResourceNotFoundException", "The resource you requested does not exist", 404):
        policy(lambda_client)
    with refuses("ResourceNotFoundException", "No policy is associated"):
        lambda_client.remove_permission(FunctionName="echo", StatementId="s2")


def test_a_change_needs_the_latest_revision_if_one_is_given(lambda_client: LambdaClient) -> None:
    add(lambda_client)
    first = lambda_client.get_policy(FunctionName="echo")["RevisionId"]
    assert first == lambda_client.get_function_configuration(FunctionName="echo")["RevisionId"]
    add(lambda_client, "s2", RevisionId=first)
    with refuses("PreconditionFailedException", status=412):
        add(lambda_client, "s3", RevisionId=first)


def test_latest_and_what_is_missing_have_no_policy(lambda_client: LambdaClient) -> None:
    with refuses("InvalidParameterValueException", "do not support adding policies for"):
        add(lambda_client, Qualifier="$LATEST")
    with refuses("ResourceNotFoundException", f"Function not found: {ARN}:none"):
        add(lambda_client, Qualifier="none")


def test_a_policy_ends_at_20_kb(lambda_client: LambdaClient) -> None:
    def fill() -> None:
        for number in range(200):
            add(lambda_client, f"s{number}", SourceArn=RULE)

    with refuses("PolicyLengthExceededException", r"bigger than the limit \(20480\)"):
        fill()
