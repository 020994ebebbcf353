"""The resources of the program that this repository deploys, and what can become each of them."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass

FUNCTIONS = ("api", "worker", "cleanup")

_CONTENT = "is named by its content, so each content is made once, and anew"
_RELEASE = "belongs to a release of Lamina's own"


@dataclass(frozen=True, slots=True)
class Place:
    """One resource of the program, to which one that is there may be matched.

    Attributes:
        path: the component's type, the resource's type and its name, such as `WorkQueue/Queue/thumbnails`;
            a `*` in the name stands for what is only known when the program runs.
        type: Pulumi's type of it.
        terraform: Terraform's type of the same.
        name: the input that holds its name in AWS, if the program or Pulumi would make one up.
        new: why it is always made anew; empty where it can be adopted.
    """

    path: str
    type: str
    terraform: str
    name: str = ""
    new: str = ""

    @property
    def kind(self) -> str:
        """The resource's type alone, such as `Queue`."""
        return self.path.split("/")[1]

    def named_by(self, identity: str) -> str:
        """The name in AWS that an id says, or "" where the two have nothing to do with each other.

        The forms are those of the import sections of Pulumi's AWS provider: a role's policy is `ROLE:NAME`, a
        permission `FUNCTION:ALIAS/NAME`, a rule `[BUS/]NAME`, a target `[BUS/]RULE/NAME`, a queue its URL; a
        log group's name has slashes of its own.
        """
        if not self.name or self.kind == "Api":
            return ""
        separator = {"RolePolicy": ":", "LogGroup": "", "Bucket": ""}.get(self.kind, "/")
        return identity.rpartition(separator)[2] if separator else identity


def _bucket(component: str, name: str) -> tuple[Place, ...]:
    settings = {
        "BucketPublicAccessBlock": "public_access_block",
        "BucketOwnershipControls": "ownership_controls",
        "BucketPolicy": "policy",
        "BucketServerSideEncryptionConfiguration": "server_side_encryption_configuration",
        "BucketVersioning": "versioning",
        "BucketLifecycleConfiguration": "lifecycle_configuration",
    }
    return (
        Place(f"{component}/Bucket/{name}", "aws:s3/bucket:Bucket", "aws_s3_bucket", "bucket"),
        *(
            Place(f"{component}/{kind}/{name}", _type("s3", kind), f"aws_s3_bucket_{terraform}")
            for kind, terraform in settings.items()
        ),
    )


def _function(name: str) -> tuple[Place, ...]:
    own = f"PythonFunction/{{}}/{name}"
    return (
        Place(
            f"{own.format('BucketObjectv2')}-*", _type("s3", "BucketObjectv2"), "aws_s3_object", new=_CONTENT
        ),
        Place(own.format("LogGroup"), _type("cloudwatch", "LogGroup"), "aws_cloudwatch_log_group", "name"),
        Place(own.format("Role"), _type("iam", "Role"), "aws_iam_role", "name"),
        Place(own.format("RolePolicy"), _type("iam", "RolePolicy"), "aws_iam_role_policy", "name"),
        Place(own.format("Function"), _type("lambda", "Function"), "aws_lambda_function", "name"),
        Place(
            f"Release/Invocation/release-{name}-smoke",
            _type("lambda", "Invocation"),
            "aws_lambda_invocation",
            new=_RELEASE,
        ),
        Place(
            f"Release/BucketObjectv2/release-{name}-entry",
            _type("s3", "BucketObjectv2"),
            "aws_s3_object",
            new=_RELEASE,
        ),
        Place(f"Release/Alias/release-{name}-live", _type("lambda", "Alias"), "aws_lambda_alias"),
    )


def _type(module: str, kind: str) -> str:
    return f"aws:{module}/{kind[0].lower()}{kind[1:]}:{kind}"


_EVENTS, _API, _LAMBDA = "cloudwatch", "apigatewayv2", "lambda"
PLACES: tuple[Place, ...] = (
    *_bucket("ArtifactBucket", "artifacts"),
    *_bucket("PrivateBucket", "pictures"),
    Place("WorkQueue/Queue/thumbnails", _type("sqs", "Queue"), "aws_sqs_queue", "name"),
    Place("WorkQueue/Queue/thumbnails-dead", _type("sqs", "Queue"), "aws_sqs_queue", "name"),
    Place("LambdaLayer/BucketObjectv2/deps-*", _type("s3", "BucketObjectv2"), "aws_s3_object", new=_CONTENT),
    Place(
        "LambdaLayer/LayerVersion/deps-*",
        _type(_LAMBDA, "LayerVersion"),
        "aws_lambda_layer_version",
        new=_CONTENT,
    ),
    *(place for name in FUNCTIONS for place in _function(name)),
    Place("Release/BucketObjectv2/release-set", _type("s3", "BucketObjectv2"), "aws_s3_object", new=_RELEASE),
    Place("HttpApi/Api/api", _type(_API, "Api"), "aws_apigatewayv2_api", "name"),
    Place("HttpApi/Integration/api", _type(_API, "Integration"), "aws_apigatewayv2_integration"),
    Place("HttpApi/Route/api", _type(_API, "Route"), "aws_apigatewayv2_route"),
    Place("HttpApi/Stage/api", _type(_API, "Stage"), "aws_apigatewayv2_stage"),
    Place("HttpApi/LogGroup/api", _type(_EVENTS, "LogGroup"), "aws_cloudwatch_log_group", "name"),
    Place("HttpApi/Permission/api", _type(_LAMBDA, "Permission"), "aws_lambda_permission", "statement_id"),
    Place("QueueWorker/RolePolicy/thumbnails", _type("iam", "RolePolicy"), "aws_iam_role_policy", "name"),
    Place(
        "QueueWorker/EventSourceMapping/thumbnails",
        _type(_LAMBDA, "EventSourceMapping"),
        "aws_lambda_event_source_mapping",
    ),
    Place("Schedule/EventRule/cleanup", _type(_EVENTS, "EventRule"), "aws_cloudwatch_event_rule", "name"),
    Place(
        "Schedule/EventTarget/cleanup",
        _type(_EVENTS, "EventTarget"),
        "aws_cloudwatch_event_target",
        "target_id",
    ),
    Place(
        "Schedule/Permission/cleanup", _type(_LAMBDA, "Permission"), "aws_lambda_permission", "statement_id"
    ),
    Place(
        "Alarms/MetricAlarm/alarms-*",
        _type(_EVENTS, "MetricAlarm"),
        "aws_cloudwatch_metric_alarm",
        new="watches what Lamina releases, under a name of its own",
    ),
)
# The paths that a mapping can name.
ADOPTABLE = {place.path: place for place in PLACES if not place.new}


def place_of(path: str) -> Place | None:
    """The place of a resource, such as `LambdaLayer/LayerVersion/deps-3f…`; None where there is none."""
    return next((place for place in PLACES if fnmatch.fnmatchcase(path, place.path)), None)
