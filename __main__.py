"""The whole stack: a layer, three functions that run on it, their release, and what calls them."""

import pulumi

from components.adopt import take_over
from components.alarms import AlarmedFunctionArgs, Alarms
from components.bucket import ArtifactBucket, PrivateBucket
from components.faults import told_in_one_line
from components.function import PythonFunction
from components.http_api import HttpApi
from components.layer import LambdaLayer
from components.policy import statement
from components.queue_worker import QueueWorker
from components.release import Release
from components.released import ReleasedFunctionArgs
from components.schedule import Schedule
from components.settings import stack_settings
from components.work_queue import WorkQueue

TIMEOUTS = {"api": 30, "worker": 60, "cleanup": 30}
LISTING = {"StringEquals": {"s3:prefix": "thumbnails/"}}

with told_in_one_line():
    settings = stack_settings(functions=list(TIMEOUTS))
    take_over(settings.adopt, settings.names)

# Destroyed with what is in it: artifacts can be made again, and the ledger tells of functions that go, too.
artifacts = ArtifactBucket("artifacts", {"force_destroy": True})
pictures = PrivateBucket("pictures", {})
queue = WorkQueue("thumbnails", {"timeout": TIMEOUTS["worker"]})
layer = LambdaLayer(
    "deps",
    {
        "directory": ".",
        "lock": settings.lock,
        "python": settings.python,
        "architecture": settings.architecture,
        "bucket": artifacts.name,
        "bytecode": settings.bytecode,
        "slim": settings.slim,
        "exclude": settings.exclude,
        "prefer": settings.prefer,
        "require": settings.require,
        "verify": settings.verify,
    },
)


def may(actions: list[str], arn: pulumi.Output[str], *within: str) -> pulumi.Output[str]:
    """The statement that allows something to a resource, or to what is within it."""
    return arn.apply(lambda whole: statement(actions, [f"{whole}{part}" for part in within or ("",)]))


def function(name: str, rights: list[pulumi.Output[str]], **environment: pulumi.Input[str]) -> PythonFunction:
    """One of the service's functions."""
    return PythonFunction(
        name,
        {
            "directory": ".",
            "source": "app",
            "handler": f"app.{name}.handler",
            "python": settings.python,
            "architecture": settings.architecture,
            "bucket": artifacts.name,
            "layers": [layer.arn],
            "layer_sizes": [layer.unzipped_size],
            "largest_packages": [layer.largest],
            "environment": {
                "LAMINA_BUCKET": pictures.name,
                **environment,
                **settings.environment,
                **settings.variables.get(name, {}),
            },
            "statements": rights,
            "memory": 512,
            "timeout": TIMEOUTS[name],
        },
    )


def released(name: str, function: PythonFunction) -> ReleasedFunctionArgs:
    """A function's part in the release."""
    return {
        "function_name": function.function_name,
        "version": function.version,
        "qualified_arn": function.qualified_arn,
        "layer_arn": layer.arn,
        "layer_digest": layer.digest,
        "code_digest": function.code_digest,
        "code_sha256": function.code_sha256,
        "memory": function.memory,
        "timeout": function.timeout,
        "variables": function.variables,
        "pin": settings.pins.get(name, ""),
    }


def watched(name: str, function: PythonFunction) -> AlarmedFunctionArgs:
    """What the alarms need to know of a function."""
    facts: AlarmedFunctionArgs = {"function_name": function.function_name, "timeout": TIMEOUTS[name]}
    if settings.canary and name in settings.pins:
        facts["canary"] = function.version
    return facts


functions = {
    "api": function(
        "api",
        [
            may(["s3:GetObject"], pictures.arn, "/pictures/*", "/thumbnails/*"),
            may(["sqs:SendMessage"], queue.arn),
        ],
        LAMINA_QUEUE_URL=queue.url,
    ),
    "worker": function(
        "worker",
        [
            may(["s3:GetObject"], pictures.arn, "/pictures/*"),
            may(["s3:PutObject"], pictures.arn, "/thumbnails/*"),
        ],
    ),
    "cleanup": function(
        "cleanup",
        [
            pictures.arn.apply(lambda arn: statement(["s3:ListBucket"], [arn], condition=LISTING)),
            may(["s3:DeleteObject"], pictures.arn, "/thumbnails/*"),
        ],
        LAMINA_THUMBNAIL_DAYS="30",
    ),
}
release = Release(
    "release",
    {
        "functions": {name: released(name, function) for name, function in functions.items()},
        "bucket": artifacts.name,
        "canary": settings.canary,
    },
)
live = release.alias_arns

api = HttpApi(
    "api",
    {"alias_arn": live["api"], "alias_invoke_arn": release.alias_invoke_arns["api"], "allow_origins": ["*"]},
)
QueueWorker(
    "thumbnails",
    {"queue_arn": queue.arn, "alias_arn": live["worker"], "role_name": functions["worker"].role_name},
)
Schedule("cleanup", {"expression": "rate(1 day)", "alias_arn": live["cleanup"]})
Alarms(
    "alarms",
    {
        "functions": {name: watched(name, function) for name, function in functions.items()},
        "queues": {"thumbnails": {"queue_arn": queue.arn, "dead_letter_arn": queue.dead_letter_arn}},
        "actions": settings.alarm_actions,
    },
)

pulumi.export("lambda_layer_arn", layer.arn)
pulumi.export("lambda_layer_version", layer.version)
pulumi.export("lambda_layer_digest", layer.digest)
pulumi.export("api_url", api.url)
pulumi.export("artifacts_bucket", artifacts.name)
pulumi.export("function_versions", release.versions)
