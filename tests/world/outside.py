"""What people do to a deployed stack from outside, each by a call or two of the AWS SDK."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .world import PROJECT, STACK, World


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is changed or deleted.

    Attributes:
        name: what is done, for people.
        do: does it.
        told: a part of what is then said of it: a subject or a sentence.
        place: where it shows in a picture: its key, and for a part of that the names that lead to it.
    """

    name: str
    do: Callable[[World], object]
    told: str
    place: tuple[str, ...]


def full(name: str) -> str:
    """The name in AWS of one of the program's functions, or of an alarm."""
    return f"{PROJECT}-{STACK}-{name}"


def made(world: World, kind: str, name: str) -> dict[str, Any]:
    """What the state has of a resource, by its type's last part and its name, or that up to a hyphen."""
    for each in world.state()["resources"]:
        _, _, type_, own = each["urn"].split("::")
        if type_.endswith(f":{kind}") and (own == name or (name.endswith("-") and own.startswith(name))):
            outputs: dict[str, Any] = each["outputs"]
            return outputs
    raise LookupError(f"{kind} {name}")


def _configured(function: str, **settings: Any) -> Callable[[World], object]:
    def do(world: World) -> object:
        return world.client("lambda").update_function_configuration(FunctionName=full(function), **settings)

    return do


def _zip(path: str, text: str) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as target:
        target.writestr(path, text)
    return archive.getvalue()


def _other_code(world: World) -> object:
    code = _zip("app/worker.py", "def handler(event, context):\n    return 1\n")
    return world.client("lambda").update_function_code(FunctionName=full("worker"), ZipFile=code)


def _environment(world: World) -> object:
    client = world.client("lambda")
    variables = client.get_function_configuration(FunctionName=full("cleanup"))["Environment"]["Variables"]
    variables = {**variables, "DEBUG": "1", "LAMINA_THUMBNAIL_DAYS": "1"}
    return _configured("cleanup", Environment={"Variables": variables})(world)


def _alias(function: str, **settings: Any) -> Callable[[World], object]:
    def do(world: World) -> object:
        return world.client("lambda").update_alias(FunctionName=full(function), Name="live", **settings)

    return do


def _mapping(**settings: Any) -> Callable[[World], object]:
    def do(world: World) -> object:
        uuid = made(world, "EventSourceMapping", "thumbnails")["uuid"]
        return world.client("lambda").update_event_source_mapping(UUID=uuid, **settings)

    return do


def _mapping_deleted(world: World) -> object:
    uuid = made(world, "EventSourceMapping", "thumbnails")["uuid"]
    return world.client("lambda").delete_event_source_mapping(UUID=uuid)


def _rule(world: World) -> str:
    name: str = made(world, "EventRule", "cleanup")["name"]
    return name


def _target_removed(world: World) -> object:
    target = made(world, "EventTarget", "cleanup")
    return world.client("events").remove_targets(Rule=target["rule"], Ids=[target["targetId"]])


def _rule_deleted(world: World) -> object:
    return world.client("events").delete_rule(Name=_rule(world))


def _bucket(operation: str, name: str = "artifacts", **settings: Any) -> Callable[[World], object]:
    def do(world: World) -> object:
        call = getattr(world.client("s3"), operation)
        return call(Bucket=made(world, "Bucket", name)["bucket"], **settings)

    return do


def _public_policy(world: World) -> object:
    bucket = made(world, "Bucket", "artifacts")["arn"]
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"{bucket}/*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return _bucket("put_bucket_policy", Policy=policy)(world)


def _object_deleted(name: str) -> Callable[[World], object]:
    def do(world: World) -> object:
        found = made(world, "BucketObjectv2", name)
        return world.client("s3").delete_object(Bucket=found["bucket"], Key=found["key"])

    return do


def _permission_removed(world: World) -> object:
    found = made(world, "Permission", "api")
    return world.client("lambda").remove_permission(
        FunctionName=found["function"], Qualifier=found["qualifier"], StatementId=found["statementId"]
    )


def _everything_allowed(world: World) -> object:
    policy = made(world, "RolePolicy", "api")
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    return world.client("iam").put_role_policy(
        RoleName=policy["role"],
        PolicyName=policy["name"],
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )


def _nothing_allowed(world: World) -> object:
    policy = made(world, "RolePolicy", "worker")
    return world.client("iam").delete_role_policy(RoleName=policy["role"], PolicyName=policy["name"])


def _queue(**attributes: str) -> Callable[[World], object]:
    def do(world: World) -> object:
        url = made(world, "Queue", "thumbnails")["url"]
        return world.client("sqs").set_queue_attributes(QueueUrl=url, Attributes=attributes)

    return do


def _api(operation: str, kind: str = "", **settings: Any) -> Callable[[World], object]:
    def do(world: World) -> object:
        ids = {f"{kind}Id": made(world, kind, "api")["id"]} if kind else {}
        call = getattr(world.client("apigatewayv2"), operation)
        return call(ApiId=made(world, "Api", "api")["id"], **ids, **settings)

    return do


def _layer_version_deleted(world: World) -> object:
    layer = made(world, "LayerVersion", "deps-")
    return world.client("lambda").delete_layer_version(
        LayerName=layer["layerName"], VersionNumber=int(layer["version"])
    )


def _function_deleted(world: World) -> object:
    return world.client("lambda").delete_function(FunctionName=full("cleanup"))


GROUP = "/aws/lambda/"
ENCRYPTION = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]}

CHANGED = (
    Change(
        "layers removed",
        _configured("api", Layers=[]),
        "it runs with no layer, not with",
        ("lambda api", "Layers"),
    ),
    Change(
        "code replaced", _other_code, "it runs other code: its SHA-256 is ", ("lambda worker", "CodeSha256")
    ),
    Change(
        "environment changed",
        _environment,
        'its environment variable DEBUG was added: "1"',
        ("lambda cleanup", "Environment"),
    ),
    Change(
        "timeout changed",
        _configured("api", Timeout=3),
        "its timeout is 3 s, not 30 s",
        ("lambda api", "Timeout"),
    ),
    Change(
        "alias moved",
        _alias("api", FunctionVersion="1"),
        "it points to version 1, not 2",
        ("lambda api:live", "FunctionVersion"),
    ),
    Change(
        "alias weighted",
        _alias("worker", RoutingConfig={"AdditionalVersionWeights": {"1": 0.5}}),
        "50 % of its calls go to version 1",
        ("lambda worker:live",),
    ),
    Change(
        "mapping disabled",
        _mapping(Enabled=False),
        f"to {full('worker')}:live (thumbnails)\n    it is disabled",
        ("mapping", "State"),
    ),
    Change(
        "mapping points elsewhere",
        _mapping(FunctionName=f"{full('worker')}:1"),
        f"it calls {full('worker')}:1, not {full('worker')}:live",
        ("mapping", "FunctionArn"),
    ),
    Change(
        "schedule changed",
        lambda world: world.client("events").put_rule(
            Name=_rule(world), ScheduleExpression="rate(5 minutes)", State="ENABLED"
        ),
        "it runs at rate(5 minutes), not at rate(1 day)",
        ("events cleanup", "ScheduleExpression"),
    ),
    Change(
        "schedule disabled",
        lambda world: world.client("events").disable_rule(Name=_rule(world)),
        "    it is disabled\n    the next `up`",
        ("events cleanup", "State"),
    ),
    Change(
        "bucket policy changed",
        _public_policy,
        "it says: Allow s3:GetObject to everybody on arn:aws:s3:::artifacts-",
        ("s3 artifacts", "policy"),
    ),
    Change(
        "public access allowed",
        _bucket("put_public_access_block", PublicAccessBlockConfiguration={"BlockPublicAcls": True}),
        "its block public policy is false, not true",
        ("s3 artifacts", "public"),
    ),
    Change(
        "encryption changed",
        _bucket("put_bucket_encryption", ServerSideEncryptionConfiguration=ENCRYPTION),
        "the encryption of the bucket artifacts-",
        ("s3 artifacts", "encryption"),
    ),
    Change(
        "versioning suspended",
        _bucket("put_bucket_versioning", VersioningConfiguration={"Status": "Suspended"}),
        'its versioning configuration status is "Suspended", not "Enabled"',
        ("s3 artifacts", "versioning"),
    ),
    Change(
        "logs kept for ever",
        lambda world: world.client("logs").delete_retention_policy(logGroupName=GROUP + full("api")),
        "its retention in days is 0, not 30",
        ("logs /aws/lambda/api", "retentionInDays"),
    ),
    Change("role allowed everything", _everything_allowed, "it says: Allow * on *", ("iam api", "inline")),
    Change(
        "visibility timeout changed",
        _queue(VisibilityTimeout="5"),
        "its visibility timeout seconds is 5, not 360",
        ("sqs thumbnails", "VisibilityTimeout"),
    ),
    Change(
        "dead letters dropped",
        _queue(RedrivePolicy=""),
        "its redrive policy was taken away",
        ("sqs thumbnails",),
    ),
    Change(
        "origins changed",
        _api("update_api", CorsConfiguration={"AllowOrigins": ["https://elsewhere.example"]}),
        'its cors configuration allow origins is ["https://elsewhere.example"], not ["*"]',
        ("api api", "CorsConfiguration"),
    ),
    Change(
        "alarm silenced",
        lambda world: world.client("cloudwatch").disable_alarm_actions(AlarmNames=[full("api-errors")]),
        "its actions enabled is false, not true",
        ("alarm api-errors", "ActionsEnabled"),
    ),
)

DELETED = (
    Change(
        "alias deleted",
        lambda world: world.client("lambda").delete_alias(FunctionName=full("worker"), Name="live"),
        f"- the alias live of {full('worker')}",
        ("lambda worker:live", "Name"),
    ),
    Change("mapping deleted", _mapping_deleted, "- the mapping of thumbnails-", ("mapping",)),
    Change(
        "target removed",
        _target_removed,
        f"- the target {full('cleanup')}:live of the rule",
        ("events cleanup", "targets"),
    ),
    Change("rule deleted", _rule_deleted, "- the rule cleanup-", ("events cleanup",)),
    Change(
        "bucket policy deleted",
        _bucket("delete_bucket_policy"),
        "- the policy of the bucket artifacts-",
        ("s3 artifacts", "policy"),
    ),
    Change(
        "public access block deleted",
        _bucket("delete_public_access_block", "pictures"),
        "- the public access block of the bucket pictures-",
        ("s3 pictures", "public"),
    ),
    Change(
        "lifecycle deleted",
        _bucket("delete_bucket_lifecycle"),
        "- the lifecycle rules of the bucket artifacts-",
        ("s3 artifacts", "lifecycle"),
    ),
    Change(
        "log group deleted",
        lambda world: world.client("logs").delete_log_group(logGroupName=GROUP + full("worker")),
        f"- the log group /aws/lambda/{full('worker')}",
        ("logs /aws/lambda/worker",),
    ),
    Change(
        "permission removed",
        _permission_removed,
        "- the permission of apigateway.amazonaws.com to call",
        ("lambda api:live", "policy"),
    ),
    Change("role policy deleted", _nothing_allowed, "- the policy worker-", ("iam worker", "inline")),
    Change(
        "layer's object deleted",
        _object_deleted("deps-"),
        "- the object layers/deps/",
        ("s3 artifacts/layers",),
    ),
    Change(
        "route deleted",
        _api("delete_route", "Route"),
        "- the route $default of the HTTP API",
        ("api api", "routes"),
    ),
    Change(
        "alarm deleted",
        lambda world: world.client("cloudwatch").delete_alarms(AlarmNames=[full("api-errors")]),
        f"- the alarm {full('api-errors')}",
        ("alarm api-errors",),
    ),
    Change(
        "layer version deleted",
        _layer_version_deleted,
        f"- version 1 of the layer {full('deps')} (deps-",
        ("layer deps:1", "LayerVersionArn"),
    ),
    Change(
        "function deleted",
        _function_deleted,
        f"- the function {full('cleanup')} (cleanup)",
        ("lambda cleanup", "Timeout"),
    ),
)
