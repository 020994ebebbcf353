"""The work queue: an SQS queue, and a dead-letter queue for what could not be done."""

import json
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

DEAD_LETTER_SECONDS = 14 * 24 * 60 * 60
MAX_RECEIVE_COUNT = 5
# AWS Lambda Developer Guide, "Creating and configuring an Amazon SQS event source mapping": so many times the
# function's timeout, and the batching window.
VISIBILITY_TIMEOUTS = 6


class WorkQueueArgs(TypedDict):
    """How long the work may take, and how often it is tried."""

    timeout: int
    """The timeout, in seconds, of the function that works the queue off."""
    window: NotRequired[int]
    """The seconds that its mapping waits for a batch to fill up; 0 unless given."""
    max_receive_count: NotRequired[int]
    """How often a message is handed out before it goes to the dead-letter queue; 5 unless given."""


class WorkQueue(pulumi.ComponentResource):
    """A queue and its dead-letter queue, both encrypted.

    It stands apart from QueueWorker because whoever fills the queue must know it before the release, and the
    mapping to the worker's alias can only come after it.
    """

    url: pulumi.Output[str]
    """The queue's address."""
    arn: pulumi.Output[str]
    """The queue's ARN."""
    dead_letter_url: pulumi.Output[str]
    """The dead-letter queue's address."""
    dead_letter_arn: pulumi.Output[str]
    """The dead-letter queue's ARN."""

    def __init__(self, name: str, args: WorkQueueArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("lamina:index:WorkQueue", name, {}, opts)
        dead = aws.sqs.Queue(
            f"{name}-dead",
            message_retention_seconds=DEAD_LETTER_SECONDS,
            sqs_managed_sse_enabled=True,
            opts=pulumi.ResourceOptions(parent=self),
        )
        tries = int(args.get("max_receive_count", MAX_RECEIVE_COUNT))
        queue = aws.sqs.Queue(
            name,
            visibility_timeout_seconds=VISIBILITY_TIMEOUTS * args["timeout"] + args.get("window", 0),
            redrive_policy=dead.arn.apply(lambda arn: redrive_policy(arn, tries)),
            sqs_managed_sse_enabled=True,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.url = queue.url
        self.arn = queue.arn
        self.dead_letter_url = dead.url
        self.dead_letter_arn = dead.arn
        self.register_outputs(
            {
                "url": self.url,
                "arn": self.arn,
                "deadLetterUrl": self.dead_letter_url,
                "deadLetterArn": self.dead_letter_arn,
            }
        )


def redrive_policy(dead_letter_arn: str, tries: int) -> str:
    """Where a message goes after so many tries: JSON text (Amazon SQS API reference, SetQueueAttributes)."""
    return json.dumps({"deadLetterTargetArn": dead_letter_arn, "maxReceiveCount": tries}, sort_keys=True)
