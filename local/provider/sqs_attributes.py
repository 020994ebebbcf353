"""A queue's attributes, as SQS tells them."""

from __future__ import annotations

from botocore.exceptions import ClientError

from .aws import Aws, error_code, failed_with
from .values import State

MISSING = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")


def absent(error: ClientError) -> bool:
    """Whether SQS says that there is no such queue."""
    return error_code(error).endswith("NonExistentQueue") or failed_with(error, *MISSING)


def attributes_of(aws: Aws, state: State, url: str) -> dict[str, str] | None:
    """Every attribute that the queue has, None when it is gone."""
    try:
        answer = aws.client("sqs", state).get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    except ClientError as error:
        if absent(error):
            return None
        raise
    return dict(answer.get("Attributes", {}))
