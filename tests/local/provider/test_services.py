"""Roles, log groups, rules, queues and APIs."""

from __future__ import annotations

import json
from typing import Any

import grpc
import pytest

from local.provider.values import UNKNOWN, Secret, unmarshal

from .engine import CheckError, Engine, Made, init_error, kinds

ROLE = "aws:iam/role:Role"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
    ],
}
ALLOW = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
}
OPEN = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Principal": "*", "Resource": "*"}],
}
LOGS = "aws:cloudwatch/logGroup:LogGroup"
RULE = "aws:cloudwatch/eventRule:EventRule"
TARGET = "aws:cloudwatch/eventTarget:EventTarget"
QUEUE = "aws:sqs/queue:Queue"
API = "aws:apigatewayv2/api:Api"


def unchanged(engine: Engine, made: Made, inputs: dict[str, Any]) -> Made:
    """A refresh and an equal second run show no change; gives the refreshed resource."""
    fresh = engine.refresh(made)
    assert fresh is not None
    assert kinds(engine.diff(fresh, inputs)) == {}
    return fresh


@pytest.fixture
def role(engine: Engine) -> Made:
    return engine.create(
        ROLE, "worker", {"assumeRolePolicy": TRUST, "forceDetachPolicies": True, "name": "worker-role"}
    )


def test_role_lives_through_policies_of_its_own_and_attached_ones(engine: Engine) -> None:
    inputs = {"assumeRolePolicy": TRUST, "description": "reads", "tags": {"team": "one"}}
    made = engine.create(ROLE, "reader", inputs)
    assert made.identity.startswith("reader-")
    assert made.outputs["arn"] == f"arn:aws:iam::123456789012:role/{made.identity}"
    assert made.inputs["maxSessionDuration"] == 3600
    assert made.inputs["__defaults"] == ["maxSessionDuration", "name", "path"]
    given = {"role": made.identity, "policy": ALLOW}
    policy = engine.create("aws:iam/rolePolicy:RolePolicy", "read", given)
    assert policy.identity == f"{made.identity}:{policy.outputs['name']}"
    fresh = unchanged(engine, made, inputs)
    assert [each["name"] for each in fresh.outputs["inlinePolicies"]] == [policy.outputs["name"]]
    unchanged(engine, policy, given)
    changed = engine.update(fresh, {**inputs, "description": "reads more", "maxSessionDuration": 7200})
    assert changed.outputs["maxSessionDuration"] == 7200
    engine.delete(policy)
    assert engine.refresh(policy) is None
    engine.delete(made)
    assert engine.refresh(made) is None


def test_attachment_is_deleted_before_its_replacement_and_knows_nothing_but_itself(
    engine: Engine, aws: Any, role: Made
) -> None:
    arn = aws("iam").create_policy(PolicyName="extra", PolicyDocument=json.dumps(ALLOW))["Policy"]["Arn"]
    inputs = {"role": role.identity, "policyArn": arn}
    made = engine.create("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "extra", inputs)
    assert made.identity == f"{role.identity}/{arn}"
    diff = engine.diff(made, {**inputs, "policyArn": arn + "2"})
    assert diff.deleteBeforeReplace
    aws("iam").detach_role_policy(RoleName=role.identity, PolicyArn=arn)
    assert engine.refresh(made) is None
    engine.delete(role)


def test_role_with_a_name_of_its_own_is_deleted_first_and_one_without_is_not(engine: Engine) -> None:
    named = {"assumeRolePolicy": TRUST, "name": "fixed"}
    made = Made(ROLE, "r", "fixed", engine.check(ROLE, "r", named), {**named, "path": "/"})
    diff = engine.diff(made, {**named, "path": "/other/"})
    assert (kinds(diff)["path"], diff.deleteBeforeReplace) == ("UPDATE_REPLACE", True)
    unnamed = {"assumeRolePolicy": TRUST}
    checked = engine.check(ROLE, "r", unnamed)
    made = Made(ROLE, "r", checked["name"], checked, dict(checked))
    diff = engine.diff(made, {**unnamed, "path": "/other/"})
    assert (kinds(diff)["path"], diff.deleteBeforeReplace) == ("UPDATE_REPLACE", False)


def test_existing_role_is_an_error_in_the_words_of_the_sdk_and_saves_nothing(
    engine: Engine, role: Made
) -> None:
    said = r"creating IAM Role \(worker-role\): operation error IAM: CreateRole, https response error Status"
    with pytest.raises(grpc.RpcError, match=said) as caught:
        engine.create(ROLE, "worker", {"assumeRolePolicy": TRUST, "name": "worker-role"})
    assert "EntityAlreadyExists: " in str(caught.value)
    assert init_error(caught.value) is None
    engine.delete(role)


def test_log_group_sets_its_retention_and_shows_a_change_from_outside(engine: Engine, aws: Any) -> None:
    inputs = {"name": "/lamina/api", "retentionInDays": 14}
    made = engine.create(LOGS, "logs", inputs)
    assert made.outputs["arn"] == "arn:aws:logs:us-west-2:123456789012:log-group:/lamina/api"
    unchanged(engine, made, inputs)
    aws("logs").put_retention_policy(logGroupName="/lamina/api", retentionInDays=7)
    fresh = engine.refresh(made)
    assert fresh is not None
    assert kinds(engine.diff(fresh, inputs)) == {"retentionInDays": "UPDATE"}
    assert engine.update(fresh, inputs).outputs["retentionInDays"] == 14
    engine.delete(made)
    assert engine.refresh(made) is None


def test_log_group_refuses_a_retention_that_aws_does_not_have(engine: Engine) -> None:
    with pytest.raises(CheckError, match="expected retentionInDays to be one of"):
        engine.check(LOGS, "logs", {"retentionInDays": 15})


def test_failure_after_the_object_was_made_keeps_it_with_its_state(engine: Engine) -> None:
    inputs = {
        "assumeRolePolicy": TRUST,
        "name": "half",
        "managedPolicyArns": ["arn:aws:iam::123456789012:policy/none"],
    }
    with pytest.raises(grpc.RpcError, match="updating managed policies of IAM Role") as caught:
        engine.create(ROLE, "half", inputs)
    kept = init_error(caught.value)
    assert kept.id == "half"
    assert unmarshal(kept.properties)["name"] == "half"
    assert "operation error IAM: AttachRolePolicy" in kept.reasons[0]


def test_rule_and_target_are_made_found_changed_and_taken_away(engine: Engine, aws: Any) -> None:
    given = {"scheduleExpression": "rate(1 day)", "description": "daily"}
    rule = engine.create(RULE, "daily", given)
    unchanged(engine, rule, given)
    inputs = {"rule": rule.identity, "arn": "arn:aws:lambda:us-west-2:123456789012:function:cleanup:live"}
    target = engine.create(TARGET, "cleanup", inputs)
    assert target.identity == f"{rule.identity}-{target.outputs['targetId']}"
    unchanged(engine, target, inputs)
    moved = {**inputs, "arn": inputs["arn"] + "2", "retryPolicy": {"maximumRetryAttempts": 1}}
    assert kinds(engine.diff(target, moved)) == {"arn": "UPDATE", "retryPolicy": "ADD"}
    target = engine.update(target, moved)
    assert target.outputs["arn"] == moved["arn"]
    adopted = engine.adopt(TARGET, "cleanup", f"{rule.identity}/{target.outputs['targetId']}")
    assert adopted is not None
    assert adopted.identity == target.identity
    engine.delete(target)
    assert engine.refresh(target) is None
    engine.delete(rule)
    assert engine.refresh(rule) is None


def test_rule_needs_a_schedule_or_a_pattern(engine: Engine) -> None:
    with pytest.raises(CheckError, match="one of `eventPattern,scheduleExpression` must be specified"):
        engine.check(RULE, "none", {})


def test_queue_keeps_its_settings_and_takes_policies_from_elsewhere_without_a_change(
    engine: Engine, aws: Any
) -> None:
    inputs = {"visibilityTimeoutSeconds": 180, "sqsManagedSseEnabled": True}
    queue = engine.create(QUEUE, "pictures", inputs)
    dead = engine.create(QUEUE, "dead", {"messageRetentionSeconds": 1209600})
    assert queue.identity == queue.outputs["url"]
    assert queue.outputs["name"].startswith("pictures-")
    redrive = json.dumps({"deadLetterTargetArn": dead.outputs["arn"], "maxReceiveCount": 3})
    given = {"queueUrl": queue.identity, "redrivePolicy": redrive}
    drive = engine.create("aws:sqs/redrivePolicy:RedrivePolicy", "redrive", given)
    unchanged(engine, drive, given)
    policy = {"queueUrl": queue.identity, "policy": OPEN}
    policed = engine.create("aws:sqs/queuePolicy:QueuePolicy", "policy", policy)
    unchanged(engine, policed, policy)
    fresh = unchanged(engine, queue, inputs)
    assert json.loads(fresh.outputs["redrivePolicy"])["maxReceiveCount"] == 3
    aws("sqs").set_queue_attributes(QueueUrl=queue.identity, Attributes={"VisibilityTimeout": "30"})
    drifted = engine.refresh(queue)
    assert drifted is not None
    assert kinds(engine.diff(drifted, inputs)) == {"visibilityTimeoutSeconds": "UPDATE"}
    assert engine.update(drifted, inputs).outputs["visibilityTimeoutSeconds"] == 180
    engine.delete(drive)
    assert engine.refresh(drive) is None
    engine.delete(queue)
    assert engine.refresh(queue) is None
    engine.delete(drive)


def test_fifo_queue_is_named_with_its_suffix_and_a_wrong_name_is_refused(engine: Engine) -> None:
    assert engine.check(QUEUE, "orders", {"fifoQueue": True})["name"].endswith(".fifo")
    with pytest.raises(CheckError, match=r"invalid queue name: a\.b"):
        engine.check(QUEUE, "orders", {"name": "a.b"})


def test_a_queue_whose_name_was_made_up_can_become_one_of_the_other_kind(engine: Engine) -> None:
    queue = engine.create(QUEUE, "orders", {})
    assert list(engine.diff(queue, {"fifoQueue": True}).replaces) == ["fifoQueue"]
    engine.delete(queue)


def test_an_integrations_timeout_and_a_stages_rate_go_to_the_api(engine: Engine) -> None:
    api = engine.create(API, "limits", {"protocolType": "HTTP"})
    proxy: dict[str, Any] = {"apiId": api.identity, "integrationType": "HTTP_PROXY"}
    proxy |= {
        "integrationUri": "https://example.org",
        "integrationMethod": "GET",
        "timeoutMilliseconds": 5000,
    }
    integration = engine.create("aws:apigatewayv2/integration:Integration", "proxy", proxy)
    assert unchanged(engine, integration, proxy).outputs["timeoutMilliseconds"] == 5000
    slower = {**proxy, "timeoutMilliseconds": 9000}
    unchanged(engine, engine.update(integration, slower), slower)
    live = {"apiId": api.identity, "name": "$default", "defaultRouteSettings": {"throttlingRateLimit": 2.5}}
    unchanged(engine, engine.create("aws:apigatewayv2/stage:Stage", "live", live), live)
    engine.delete(api)


def test_http_api_with_integration_route_and_stage(engine: Engine, aws: Any) -> None:
    given = {
        "protocolType": "HTTP",
        "corsConfiguration": {"allowOrigins": ["*"], "allowMethods": ["GET", "POST"]},
    }
    api = engine.create(API, "pictures", given)
    assert api.outputs["executionArn"] == f"arn:aws:execute-api:us-west-2:123456789012:{api.identity}"
    unchanged(engine, api, given)
    proxy = {
        "apiId": api.identity,
        "integrationType": "AWS_PROXY",
        "integrationUri": "arn:aws:apigateway:us-west-2:lambda:path/2015-03-31/functions/x/invocations",
        "payloadFormatVersion": "2.0",
    }
    integration = engine.create("aws:apigatewayv2/integration:Integration", "proxy", proxy)
    unchanged(engine, integration, proxy)
    unchanged(engine, integration, {**proxy, "integrationMethod": "POST"})
    way = {"apiId": api.identity, "routeKey": "$default", "target": f"integrations/{integration.identity}"}
    route = engine.create("aws:apigatewayv2/route:Route", "default", way)
    unchanged(engine, route, way)
    without = {name: value for name, value in way.items() if name != "target"}
    unchanged(engine, engine.update(route, without), without)
    adopted = engine.adopt("aws:apigatewayv2/route:Route", "default", f"{api.identity}/{route.identity}")
    assert adopted is not None
    assert adopted.identity == route.identity
    live = {
        "apiId": api.identity,
        "name": "$default",
        "autoDeploy": True,
        "accessLogSettings": {
            "destinationArn": "arn:aws:logs:us-west-2:123456789012:log-group:api",
            "format": "$context.requestId",
        },
    }
    stage = engine.create("aws:apigatewayv2/stage:Stage", "live", live)
    assert stage.outputs["invokeUrl"] == f"https://{api.identity}.execute-api.us-west-2.amazonaws.com/"
    assert stage.outputs["executionArn"].endswith(f":{api.identity}/$default")
    unchanged(engine, stage, live)
    renamed = engine.update(api, {**given, "name": "pictures-two"})
    assert renamed.outputs["name"] == "pictures-two"
    for made in (stage, route, integration, api):
        engine.delete(made)
        assert engine.refresh(made) is None
        engine.delete(made)


def test_secret_input_stays_secret_in_inputs_and_outputs(engine: Engine) -> None:
    inputs = {"assumeRolePolicy": TRUST, "description": Secret("hush"), "name": "secretive"}
    made = engine.create(ROLE, "secretive", inputs)
    assert made.inputs["description"] == Secret("hush")
    assert made.outputs["description"] == Secret("hush")
    fresh = engine.refresh(made)
    assert fresh is not None
    assert fresh.outputs["description"] == Secret("hush")
    assert kinds(engine.diff(fresh, inputs)) == {}
    engine.delete(fresh)


def test_tags_that_are_unknown_make_all_tags_unknown(engine: Engine) -> None:
    assert engine.preview(QUEUE, "q", {"tags": {"a": UNKNOWN}})["tagsAll"] is UNKNOWN


def test_functions_tell_who_and_where_we_are(engine: Engine) -> None:
    assert engine.invoke("aws:index/getCallerIdentity:getCallerIdentity", {})["accountId"] == "123456789012"
    assert engine.invoke("aws:index/getRegion:getRegion", {})["region"] == "us-west-2"
    assert engine.invoke("aws:index/getPartition:getPartition", {})["dnsSuffix"] == "amazonaws.com"
    with pytest.raises(grpc.RpcError, match="aws:ec2/getVpc:getVpc is not known to the stand-in"):
        engine.invoke("aws:ec2/getVpc:getVpc", {})


def test_objects_of_a_bucket_are_listed_up_to_a_number_over_all_pages(engine: Engine, aws: Any) -> None:
    s3 = aws("s3")
    s3.create_bucket(Bucket="listed", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    for name in ("a/1", "a/2", "a/3", "b/1"):
        s3.put_object(Bucket="listed", Key=name, Body=b"")
    token = "aws:s3/getObjects:getObjects"
    assert engine.invoke(token, {"bucket": "listed", "prefix": "a/"})["keys"] == ["a/1", "a/2", "a/3"]
    assert engine.invoke(token, {"bucket": "listed", "maxKeys": 2})["keys"] == ["a/1", "a/2"]
    folders = engine.invoke(token, {"bucket": "listed", "delimiter": "/"})
    assert (folders["keys"], folders["commonPrefixes"]) == ([], ["a/", "b/"])
    with pytest.raises(grpc.RpcError, match=r"listing S3 Bucket \(none\) Objects"):
        engine.invoke(token, {"bucket": "none"})


def test_type_that_is_not_known_is_refused_by_name(engine: Engine) -> None:
    with pytest.raises(grpc.RpcError, match="aws:ec2/vpc:Vpc is not known to the stand-in"):
        engine.check("aws:ec2/vpc:Vpc", "v", {})
