"""The alarms: what tells people that a live function or a queue needs them, through CloudWatch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from .names import LIVE, physical_name

# CloudWatch API reference, PutMetricAlarm: so many targets may be told of each change of an alarm's state.
MOST_ACTIONS = 5
# Lambda and SQS report every minute (AWS Lambda Developer Guide, "Types of metrics for Lambda functions";
# Amazon SQS Developer Guide, "Available CloudWatch metrics").
PERIOD = 60
PERIODS = 5
# A function that takes so much of its timeout is about to be cut off.
TIMEOUT_SHARE = 0.8
OLDEST_MESSAGE = 15 * 60


class AlarmedFunctionArgs(TypedDict):
    """A function whose live version is watched."""

    function_name: pulumi.Input[str]
    """The function's name."""
    timeout: int
    """Its timeout in seconds, which its duration is held to."""
    canary: NotRequired[pulumi.Input[str]]
    """The version that gets a share of `live`'s traffic, which is then watched by itself, too."""


class AlarmedQueueArgs(TypedDict):
    """A queue that has to be worked off."""

    queue_arn: pulumi.Input[str]
    """The queue's ARN."""
    dead_letter_arn: pulumi.Input[str]
    """The ARN of its dead-letter queue, which should be empty."""
    oldest_message: NotRequired[int]
    """The seconds that a message may wait; 900 unless given."""


class AlarmsArgs(TypedDict):
    """What is watched, and who is told."""

    functions: Mapping[str, AlarmedFunctionArgs]
    """By the short names that the alarms have for them."""
    queues: Mapping[str, AlarmedQueueArgs]
    """By the short names that the alarms have for them."""
    actions: NotRequired[Sequence[str]]
    """The ARNs of SNS topics that hear of each alarm and of its end; five at most, nobody unless given."""


@dataclass(frozen=True, slots=True)
class Watch:
    """One alarm, in the terms of CloudWatch.

    Attributes:
        name: the alarm's name among those of its function or queue.
        metric: the metric's name.
        statistic: `Sum`, `Maximum`, or a percentile such as `p99`.
        threshold: the value from which on a minute is a bad one.
        bad: how many of the last five minutes must be bad.
        meaning: what it means, for whoever gets it.
    """

    name: str
    metric: str
    statistic: str
    threshold: float
    bad: int
    meaning: str


class Alarms(pulumi.ComponentResource):
    """Alarms for the live version of each function, for a canary, and for the queues.

    Alarms have fixed names, `<project>-<stack>-<function or queue>-<what>`: that is what people on call read.
    Minutes without data are good ones: a function that nobody calls has no metrics.
    """

    names: Sequence[pulumi.Output[str]]
    """The alarms' names."""

    def __init__(self, name: str, args: AlarmsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("lamina:index:Alarms", name, {}, opts)
        self._name = name
        self._actions = list(args.get("actions", ()))
        if len(self._actions) > MOST_ACTIONS:
            raise pulumi.RunError(
                f"{len(self._actions)} targets are to be told of alarms, and CloudWatch tells "
                f"{MOST_ACTIONS}: let one SNS topic tell the others"
            )
        alarms: list[aws.cloudwatch.MetricAlarm] = []
        for short, function in args["functions"].items():
            alarms += self._of_function(short, function)
        for short, queue in args["queues"].items():
            alarms += self._of_queue(short, queue)
        self.names = [alarm.name for alarm in alarms]
        self.register_outputs({"names": self.names})

    def _of_function(self, short: str, function: AlarmedFunctionArgs) -> list[aws.cloudwatch.MetricAlarm]:
        # AWS Lambda Developer Guide, "Metrics for functions": calls through an alias are counted under
        # `Resource`, and each version's part of them under `ExecutedVersion`.
        live: dict[str, pulumi.Input[str]] = {
            "FunctionName": function["function_name"],
            "Resource": pulumi.Output.concat(function["function_name"], f":{LIVE}"),
        }
        watches = of_function(function["timeout"])
        alarms = [self._alarm(short, watch, "AWS/Lambda", live) for watch in watches]
        canary = function.get("canary")
        if canary is not None:
            executed = {**live, "ExecutedVersion": canary}
            alarms += [self._alarm(f"{short}-canary", watch, "AWS/Lambda", executed) for watch in watches]
        return alarms

    def _of_queue(self, short: str, queue: AlarmedQueueArgs) -> list[aws.cloudwatch.MetricAlarm]:
        waiting, dead = of_queue(int(queue.get("oldest_message", OLDEST_MESSAGE)))
        return [
            self._alarm(short, waiting, "AWS/SQS", {"QueueName": queue_name(queue["queue_arn"])}),
            self._alarm(short, dead, "AWS/SQS", {"QueueName": queue_name(queue["dead_letter_arn"])}),
        ]

    def _alarm(
        self, short: str, watch: Watch, namespace: str, dimensions: Mapping[str, pulumi.Input[str]]
    ) -> aws.cloudwatch.MetricAlarm:
        percentile = watch.statistic.startswith("p")
        return aws.cloudwatch.MetricAlarm(
            f"{self._name}-{short}-{watch.name}",
            name=physical_name(f"{short}-{watch.name}"),
            alarm_description=watch.meaning,
            namespace=namespace,
            metric_name=watch.metric,
            dimensions=dimensions,
            statistic=None if percentile else watch.statistic,
            extended_statistic=watch.statistic if percentile else None,
            period=PERIOD,
            evaluation_periods=PERIODS,
            datapoints_to_alarm=watch.bad,
            threshold=watch.threshold,
            comparison_operator="GreaterThanOrEqualToThreshold",
            treat_missing_data="notBreaching",
            # Given, though it is the default: after a refresh a changed default passes for a wanted one, so
            # an alarm that was silenced from outside would stay so.
            actions_enabled=True,
            alarm_actions=self._actions or None,
            ok_actions=self._actions or None,
            opts=pulumi.ResourceOptions(parent=self),
        )


def of_function(timeout: int) -> list[Watch]:
    """What a function's calls are watched for.

    Args:
        timeout: the function's, in seconds.

    Returns:
        Errors: any call that failed, which a retry may hide. Throttles: refused calls in most minutes, as
        single ones are tried again. Duration: the slowest calls come near the timeout, in milliseconds.
    """
    near = round(1000 * TIMEOUT_SHARE * timeout)
    return [
        Watch("errors", "Errors", "Sum", 1, 1, "a call of the live version failed or ran into its timeout"),
        Watch("throttles", "Throttles", "Sum", 1, 3, "Lambda refuses calls: the concurrency is used up"),
        Watch(
            "duration",
            "Duration",
            "p99",
            near,
            1,
            f"the slowest calls take {near / 1000:g} s or more, and are cut off after {timeout} s",
        ),
    ]


def of_queue(oldest_message: int) -> tuple[Watch, Watch]:
    """What a queue is watched for.

    Args:
        oldest_message: the seconds that a message may wait.

    Returns:
        The age of the queue's oldest message, and what lies in its dead-letter queue.
    """
    return (
        Watch(
            "age",
            "ApproximateAgeOfOldestMessage",
            "Maximum",
            oldest_message,
            3,
            f"the oldest message waits for {oldest_message} s or more: the worker fails, or is too slow",
        ),
        Watch(
            "dead",
            "ApproximateNumberOfMessagesVisible",
            "Maximum",
            1,
            1,
            "messages could not be worked off and lie in the dead-letter queue",
        ),
    )


def queue_name(arn: pulumi.Input[str]) -> pulumi.Output[str]:
    """The name of the queue that an ARN (`arn:PARTITION:sqs:REGION:ACCOUNT:NAME`) names."""
    return pulumi.Output.from_input(arn).apply(lambda whole: whole.rpartition(":")[2])
