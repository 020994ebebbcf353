"""The queue worker: a function's alias works a queue off, and answers for each message by itself."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from .policy import document, statement

BATCH_SIZE = 10


class QueueWorkerArgs(TypedDict):
    """Which queue, and who works it off."""

    queue_arn: pulumi.Input[str]
    """The queue's ARN, such as WorkQueue gives it."""
    alias_arn: pulumi.Input[str]
    """The ARN of the alias that gets the messages."""
    role_name: pulumi.Input[str]
    """The name of the function's role, which gets the right to receive and delete them."""
    batch_size: NotRequired[int]
    """How many messages a batch may have; 10 unless given, more than 10 only with a window."""
    window: NotRequired[int]
    """The seconds to wait for a batch to fill up; 0 unless given. The queue must know it, too."""
    maximum_concurrency: NotRequired[int]
    """How many batches may be worked on at once, from 2 up; as many as Lambda likes unless given."""


class QueueWorker(pulumi.ComponentResource):
    """Hands the queue's messages to the alias; only those that it reports as failed come again."""

    mapping_id: pulumi.Output[str]
    """The event source mapping's UUID."""

    def __init__(self, name: str, args: QueueWorkerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("lamina:index:QueueWorker", name, {}, opts)
        rights = aws.iam.RolePolicy(
            name,
            role=args["role_name"],
            policy=pulumi.Output.from_input(args["queue_arn"]).apply(consuming),
            opts=pulumi.ResourceOptions(parent=self),
        )
        mapping = aws.lambda_.EventSourceMapping(
            name,
            event_source_arn=args["queue_arn"],
            function_name=args["alias_arn"],
            # Given, though it is the default: after a refresh a changed default passes for a wanted one, so a
            # mapping that was disabled from outside would stay so.
            enabled=True,
            batch_size=int(args.get("batch_size", BATCH_SIZE)),
            maximum_batching_window_in_seconds=int(args.get("window", 0)),
            function_response_types=["ReportBatchItemFailures"],
            scaling_config=_scaling(args),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[rights]),
        )
        self.mapping_id = mapping.uuid
        self.register_outputs({"mappingId": self.mapping_id})


def consuming(queue_arn: str) -> str:
    """The policy that Lambda needs to poll a queue on the function's behalf.

    Args:
        queue_arn: the queue's ARN.

    Returns:
        JSON text (AWS Lambda Developer Guide, "Creating and configuring an Amazon SQS event source mapping",
        execution role permissions).
    """
    actions = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
    return document([statement(actions, [queue_arn])])


def _scaling(args: QueueWorkerArgs) -> aws.lambda_.EventSourceMappingScalingConfigArgsDict | None:
    limit = args.get("maximum_concurrency")
    return None if limit is None else {"maximum_concurrency": limit}
