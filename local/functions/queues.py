"""The embedded SQS from within: queues by their ARN, receiving, deleting and sending."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from moto.core.exceptions import ServiceException
from moto.sqs.models import Message, Queue, SQSBackend, sqs_backends

from .errors import invalid
from .names import Place

EVERY_ATTRIBUTE = ["All"]


def find_queue(place: Place, arn: str) -> Queue | None:
    """Gives the queue of an ARN, or None when there is none (or it is of another service or place)."""
    parts = arn.split(":")
    if len(parts) != 6 or parts[2:5] != ["sqs", place.region, place.account]:
        return None
    queue = _backend(place).queues.get(parts[5])
    return queue if isinstance(queue, Queue) else None


def check_destination(place: Place, arn: str) -> None:
    """Refuses what events cannot be sent to.

    Raises:
        LambdaError: it is no SQS queue, or there is no such queue.
    """
    if arn.split(":")[2] != "sqs":
        raise invalid(f"The local Lambda service does not serve {arn} as a destination, only SQS queues")
    if find_queue(place, arn) is None:
        raise invalid(f"The destination ARN {arn} is invalid.")


def visibility_timeout(queue: Queue) -> int:
    """For how many seconds a message that was received is hidden."""
    seconds: int = vars(queue)["visibility_timeout"]  # moto sets it by name, unseen by type checkers
    return int(seconds or 0)


def queue_policy(queue: Queue) -> Mapping[str, Any] | None:
    """The resource policy of a queue, or None."""
    document = queue.policy
    return json.loads(document) if document else None


def receive(place: Place, queue: Queue, count: int) -> list[Message]:
    """Receives what is visible now, without waiting.

    Args:
        place: where the queue is.
        queue: the queue.
        count: how many messages at most.

    Returns:
        The messages; none when the queue is gone.
    """
    try:
        return _backend(place).receive_message(
            queue.name, count, 0, visibility_timeout(queue), EVERY_ATTRIBUTE
        )
    except ServiceException:
        return []


def delete(place: Place, queue: Queue, messages: list[Message]) -> None:
    """Deletes messages that were received; those whose queue is gone are gone."""
    for message in messages:
        try:
            _backend(place).delete_message(queue.name, message.receipt_handle or "")
        except ServiceException:
            continue


def send_message(place: Place, arn: str, body: str, attributes: Mapping[str, str | int]) -> bool:
    """Sends a message.

    Args:
        place: where the queue is.
        arn: of the queue.
        body: of the message.
        attributes: of the message; numbers become such of the type `Number`.

    Returns:
        False when there is no such queue.
    """
    queue = find_queue(place, arn)
    if queue is None:
        return False
    wired = {
        name: {"DataType": "Number" if isinstance(value, int) else "String", "StringValue": str(value)}
        for name, value in attributes.items()
    }
    _backend(place).send_message(queue.name, body, message_attributes=wired)
    return True


def _backend(place: Place) -> SQSBackend:
    return sqs_backends[place.account][place.region]
