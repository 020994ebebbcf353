"""Each limit of the table: what is at it is taken, what is one over it is refused as AWS refuses it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local import limits
from local.aws.server import Server, serve
from tests.local.conftest import ACCOUNT, REGION, TRUST, client_of

FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:cleanup"


class Cloud:
    """Clients of one embedded AWS, and something to try limits on."""

    def __init__(self, server: Server) -> None:
        self.iam, self.sqs, self.events = (client_of(server, name) for name in ("iam", "sqs", "events"))
        self.logs, self.s3 = client_of(server, "logs"), client_of(server, "s3")
        self.apigatewayv2 = client_of(server, "apigatewayv2")

    def role(self) -> str:
        name = uuid.uuid4().hex
        self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
        return name

    def queue(self) -> str:
        url: str = self.sqs.create_queue(QueueName=uuid.uuid4().hex)["QueueUrl"]
        return url

    def rule(self) -> str:
        name = uuid.uuid4().hex
        self.events.put_rule(Name=name, ScheduleExpression="rate(1 day)")
        return name

    def api(self) -> str:
        identity: str = self.apigatewayv2.create_api(Name="a", ProtocolType="HTTP")["ApiId"]
        return identity

    def bucket(self) -> str:
        name = uuid.uuid4().hex
        self.s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        return name


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with serve(managed_policies=False) as server:
        yield Cloud(server)


def unique(length: int) -> str:
    """A name of that length that no other test has."""
    return uuid.uuid4().hex.ljust(length, "x")[:length]


def padded(document: dict[str, Any], size: int) -> str:
    """A policy document of that many characters, white space aside."""
    text = json.dumps(document, separators=(",", ":"))
    filled: str = json.dumps({**document, "Id": "x" * (size - len(text) - len(',"Id":""'))}, indent=1)
    assert len("".join(filled.split())) == size
    return filled


ALLOWED = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}


def role_name(cloud: Cloud, n: int) -> None:
    cloud.iam.create_role(RoleName=unique(n), AssumeRolePolicyDocument=json.dumps(TRUST))


def role_description(cloud: Cloud, n: int) -> None:
    cloud.iam.create_role(
        RoleName=unique(32), Description="d" * n, AssumeRolePolicyDocument=json.dumps(TRUST)
    )


def trust_policy(cloud: Cloud, n: int) -> None:
    cloud.iam.create_role(RoleName=unique(32), AssumeRolePolicyDocument=padded(TRUST, n))


def new_trust_policy(cloud: Cloud, n: int) -> None:
    cloud.iam.update_assume_role_policy(RoleName=cloud.role(), PolicyDocument=padded(TRUST, n))


def inline_policies(cloud: Cloud, n: int) -> None:
    role = cloud.role()
    cloud.iam.put_role_policy(RoleName=role, PolicyName="one", PolicyDocument=padded(ALLOWED, 5000))
    cloud.iam.put_role_policy(RoleName=role, PolicyName="two", PolicyDocument=padded(ALLOWED, 200))
    cloud.iam.put_role_policy(RoleName=role, PolicyName="two", PolicyDocument=padded(ALLOWED, n - 5000))


def attached_policies(cloud: Cloud, n: int) -> None:
    role = cloud.role()
    for _ in range(n):
        made = cloud.iam.create_policy(PolicyName=unique(32), PolicyDocument=json.dumps(ALLOWED))
        cloud.iam.attach_role_policy(RoleName=role, PolicyArn=made["Policy"]["Arn"])


def queue_name(cloud: Cloud, n: int) -> None:
    cloud.sqs.create_queue(QueueName=unique(n))


def queue_attribute(name: str) -> Callable[[Cloud, int], None]:
    def set_it(cloud: Cloud, n: int) -> None:
        cloud.sqs.set_queue_attributes(QueueUrl=cloud.queue(), Attributes={name: str(n)})

    set_it.__name__ = name
    return set_it


def receive_count(cloud: Cloud, n: int) -> None:
    dead = cloud.sqs.get_queue_attributes(QueueUrl=cloud.queue(), AttributeNames=["QueueArn"])
    redrive = {"deadLetterTargetArn": dead["Attributes"]["QueueArn"], "maxReceiveCount": n}
    cloud.sqs.create_queue(QueueName=unique(32), Attributes={"RedrivePolicy": json.dumps(redrive)})


def message(cloud: Cloud, n: int) -> None:
    attributes = {"k": {"DataType": "String", "StringValue": "é"}}
    body = "é" * ((n - 9) // 2) + "x" * ((n - 9) % 2)
    cloud.sqs.send_message(QueueUrl=cloud.queue(), MessageBody=body, MessageAttributes=attributes)


def message_of_small_queue(cloud: Cloud, n: int) -> None:
    url = cloud.queue()
    cloud.sqs.set_queue_attributes(QueueUrl=url, Attributes={"MaximumMessageSize": "1024"})
    cloud.sqs.send_message(QueueUrl=url, MessageBody="x" * n)


def message_attributes(cloud: Cloud, n: int) -> None:
    attributes = {f"a{number}": {"DataType": "String", "StringValue": "x"} for number in range(n)}
    cloud.sqs.send_message(QueueUrl=cloud.queue(), MessageBody="x", MessageAttributes=attributes)


def batch_bytes(cloud: Cloud, n: int) -> None:
    entries = [{"Id": "a", "MessageBody": "x" * (n - 100)}, {"Id": "b", "MessageBody": "x" * 100}]
    cloud.sqs.send_message_batch(QueueUrl=cloud.queue(), Entries=entries)


def batch_entries(cloud: Cloud, n: int) -> None:
    entries = [{"Id": str(number), "MessageBody": "x"} for number in range(n)]
    cloud.sqs.send_message_batch(QueueUrl=cloud.queue(), Entries=entries)


def rule_name(cloud: Cloud, n: int) -> None:
    cloud.events.put_rule(Name=unique(n), ScheduleExpression="rate(1 day)")


def rule_description(cloud: Cloud, n: int) -> None:
    cloud.events.put_rule(Name=unique(32), ScheduleExpression="rate(1 day)", Description="d" * n)


def targets(cloud: Cloud, n: int) -> None:
    rule = cloud.rule()
    for number in range(n):
        cloud.events.put_targets(Rule=rule, Targets=[{"Id": str(number), "Arn": FUNCTION}])


def target_id(cloud: Cloud, n: int) -> None:
    cloud.events.put_targets(Rule=cloud.rule(), Targets=[{"Id": "i" * n, "Arn": FUNCTION}])


def target_input(cloud: Cloud, n: int) -> None:
    target = {"Id": "one", "Arn": FUNCTION, "Input": f'"{"x" * (n - 2)}"'}
    cloud.events.put_targets(Rule=cloud.rule(), Targets=[target])


def target_retries(cloud: Cloud, n: int) -> None:
    target = {"Id": "one", "Arn": FUNCTION, "RetryPolicy": {"MaximumRetryAttempts": n}}
    cloud.events.put_targets(Rule=cloud.rule(), Targets=[target])


def log_group_name(cloud: Cloud, n: int) -> None:
    cloud.logs.create_log_group(logGroupName=unique(n))


def retention(cloud: Cloud, n: int) -> None:
    group = unique(32)
    cloud.logs.create_log_group(logGroupName=group)
    cloud.logs.put_retention_policy(logGroupName=group, retentionInDays=n)


def api_name(cloud: Cloud, n: int) -> None:
    cloud.apigatewayv2.create_api(Name="a" * n, ProtocolType="HTTP")


def api_description(cloud: Cloud, n: int) -> None:
    cloud.apigatewayv2.create_api(Name="a", Description="d" * n, ProtocolType="HTTP")


def stage_name(cloud: Cloud, n: int) -> None:
    cloud.apigatewayv2.create_stage(ApiId=cloud.api(), StageName="s" * n)


def stages(cloud: Cloud, n: int) -> None:
    api = cloud.api()
    for number in range(n):
        cloud.apigatewayv2.create_stage(ApiId=api, StageName=f"s{number}")


def integration_timeout(cloud: Cloud, n: int) -> None:
    cloud.apigatewayv2.create_integration(
        ApiId=cloud.api(),
        IntegrationType="AWS_PROXY",
        IntegrationUri=FUNCTION,
        PayloadFormatVersion="2.0",
        TimeoutInMillis=n,
    )


def bucket_name(cloud: Cloud, n: int) -> None:
    cloud.s3.create_bucket(Bucket=unique(n), CreateBucketConfiguration={"LocationConstraint": REGION})


def object_key(cloud: Cloud, n: int) -> None:
    cloud.s3.put_object(Bucket=cloud.bucket(), Key="k" * (n % 2) + "é" * (n // 2), Body=b"")


def metadata(cloud: Cloud, n: int) -> None:
    cloud.s3.put_object(Bucket=cloud.bucket(), Key="k", Body=b"", Metadata={"name": "x" * (n - 4)})


def bucket_tags(cloud: Cloud, n: int) -> None:
    tags = [{"Key": str(number), "Value": "v"} for number in range(n)]
    cloud.s3.put_bucket_tagging(Bucket=cloud.bucket(), Tagging={"TagSet": tags})


MOST: list[tuple[Callable[[Cloud, int], None], int, str]] = [
    (role_name, 64, "ValidationError"),
    (role_description, 1000, "ValidationError"),
    (trust_policy, limits.TRUST_POLICY, "LimitExceeded"),
    (new_trust_policy, limits.TRUST_POLICY, "LimitExceeded"),
    (inline_policies, limits.INLINE_POLICIES, "LimitExceeded"),
    (attached_policies, limits.POLICIES_OF_ROLE, "LimitExceeded"),
    (queue_name, 80, "InvalidParameterValue"),
    (receive_count, limits.RECEIVE_COUNT[-1], "InvalidParameterValue"),
    (message, limits.MESSAGE, "InvalidParameterValue"),
    (message_of_small_queue, 1024, "InvalidParameterValue"),
    (message_attributes, limits.MESSAGE_ATTRIBUTES, "InvalidParameterValue"),
    (batch_bytes, limits.MESSAGE, "AWS.SimpleQueueService.BatchRequestTooLong"),
    (batch_entries, 10, "AWS.SimpleQueueService.TooManyEntriesInBatchRequest"),
    (rule_name, 64, "ValidationException"),
    (rule_description, 512, "ValidationException"),
    (targets, limits.TARGETS_OF_RULE, "LimitExceededException"),
    (target_id, 64, "ValidationException"),
    (target_input, 8192, "ValidationException"),
    (target_retries, 185, "ValidationException"),
    (log_group_name, 512, "InvalidParameterException"),
    (retention, limits.RETENTION_DAYS[-1], "InvalidParameterException"),
    (api_name, limits.API_NAME, "BadRequestException"),
    (api_description, limits.API_DESCRIPTION, "BadRequestException"),
    (stage_name, limits.STAGE_NAME, "BadRequestException"),
    (stages, limits.STAGES_OF_API, "TooManyRequestsException"),
    (integration_timeout, 30_000, "BadRequestException"),
    (bucket_name, limits.BUCKET_NAME[-1], "InvalidBucketName"),
    (object_key, limits.OBJECT_KEY, "KeyTooLongError"),
    (metadata, limits.OBJECT_METADATA, "MetadataTooLarge"),
    (bucket_tags, limits.BUCKET_TAGS, "BadRequest"),
    *(
        (queue_attribute(name), allowed[-1], "InvalidAttributeValue")
        for name, allowed in limits.QUEUE_ATTRIBUTES.items()
    ),
]
LEAST: list[tuple[Callable[[Cloud, int], None], int, str]] = [
    (receive_count, limits.RECEIVE_COUNT[0], "InvalidParameterValue"),
    (retention, limits.RETENTION_DAYS[0], "InvalidParameterException"),
    *(
        (queue_attribute(name), allowed[0], "InvalidAttributeValue")
        for name, allowed in limits.QUEUE_ATTRIBUTES.items()
    ),
]


def named(case: object) -> str | None:
    return getattr(case, "__name__", None)


def assert_refused(call: Callable[[Cloud, int], None], cloud: Cloud, n: int, code: str) -> None:
    with pytest.raises(ClientError) as refused:
        call(cloud, n)
    error: Any = refused.value.response["Error"]
    assert error["Code"] == code
    assert error["Message"]


@pytest.mark.parametrize(("call", "most", "code"), MOST, ids=named)
def test_what_is_at_a_limit_is_taken_and_one_over_it_is_refused(
    cloud: Cloud, call: Callable[[Cloud, int], None], most: int, code: str
) -> None:
    call(cloud, most)
    assert_refused(call, cloud, most + 1, code)


@pytest.mark.parametrize(("call", "least", "code"), LEAST, ids=named)
def test_what_is_at_a_lower_limit_is_taken_and_one_under_it_is_refused(
    cloud: Cloud, call: Callable[[Cloud, int], None], least: int, code: str
) -> None:
    call(cloud, least)
    assert_refused(call, cloud, least - 1, code)


def test_logs_are_kept_for_the_days_that_there_are_only(cloud: Cloud) -> None:
    assert_refused(retention, cloud, 4, "InvalidParameterException")


def test_all_values_that_break_a_description_are_told_at_once(cloud: Cloud) -> None:
    with pytest.raises(ClientError, match=r"2 validation errors detected: .*'name'.*; .*'state'.*ENABLED"):
        cloud.events.put_rule(Name="a b", ScheduleExpression="rate(1 day)", State="ON")


def test_a_schedule_that_is_none_is_refused(cloud: Cloud) -> None:
    with pytest.raises(ClientError, match=r"ValidationException.*Parameter ScheduleExpression is not valid"):
        cloud.events.put_rule(Name="r", ScheduleExpression="rate(1 days)")


@pytest.mark.parametrize("key", ["GET /pictures", "ANY /a/{proxy+}", "$default", "POST /"])
def test_route_keys_of_http_apis_are_taken_once(cloud: Cloud, key: str) -> None:
    api = cloud.api()
    cloud.apigatewayv2.create_route(ApiId=api, RouteKey=key)
    with pytest.raises(ClientError, match=r"ConflictException.*already exists for this API"):
        cloud.apigatewayv2.create_route(ApiId=api, RouteKey=key)


@pytest.mark.parametrize("key", ["pictures", "GET pictures", "FETCH /pictures", "GET /a b"])
def test_route_keys_of_another_form_are_refused(cloud: Cloud, key: str) -> None:
    with pytest.raises(ClientError, match=r"BadRequestException.*not formatted properly for HTTP protocol"):
        cloud.apigatewayv2.create_route(ApiId=cloud.api(), RouteKey=key)


@pytest.mark.parametrize("name", ["$default", "v1_a-b"])
def test_stage_names_of_the_documentation_are_taken(cloud: Cloud, name: str) -> None:
    assert cloud.apigatewayv2.create_stage(ApiId=cloud.api(), StageName=name)["StageName"] == name


@pytest.mark.parametrize(
    "name",
    [
        "ab", "Abc", "a_c", "a..b", "a.-b", "-abc", "abc-", "192.168.1.1",
        "xn--abc", "sthree-abc", "amzn-s3-demo-abc", "abc-s3alias", "abc--ol-s3", "abc.mrap",
    ],
)  # fmt: skip
def test_bucket_names_that_the_rules_forbid_are_refused(cloud: Cloud, name: str) -> None:
    with pytest.raises(ClientError, match="InvalidBucketName"):
        cloud.s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})


@pytest.mark.parametrize("name", ["abc", "a.b.c", "0-1", "my.bucket-2026"])
def test_other_bucket_names_are_taken(cloud: Cloud, name: str) -> None:
    cloud.s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
