"""SQS: the ranges of a queue's attributes, and how large a message can be."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from moto.sqs.models import sqs_backends

from local import limits

from .asked import Asked, QuotaError

_PREFIX = "AWS.SimpleQueueService."


def _attributes(asked: Asked) -> None:
    given = asked.parameters.get("Attributes") or {}
    for name, allowed in limits.QUEUE_ATTRIBUTES.items():
        if name in given and not _is_in(given[name], allowed):
            raise QuotaError("InvalidAttributeValue", f"Invalid value for the parameter {name}.")
    redrive = _count_of(given.get("RedrivePolicy"))
    if redrive is not None and not _is_in(redrive, limits.RECEIVE_COUNT):
        raise _invalid(
            f"Value {given['RedrivePolicy']} for parameter RedrivePolicy is invalid. Reason: Invalid value "
            f"for maxReceiveCount: {redrive}, valid values are from {limits.RECEIVE_COUNT[0]} to "
            f"{limits.RECEIVE_COUNT[-1]} both inclusive."
        )


def _message(asked: Asked) -> None:
    _check_message(asked, asked.parameters)


def _batch(asked: Asked) -> None:
    entries = asked.parameters.get("Entries") or []
    total = sum(_size(entry) for entry in entries)
    if total > limits.MESSAGE:
        raise QuotaError(
            f"{_PREFIX}BatchRequestTooLong",
            f"Batch requests cannot be longer than {limits.MESSAGE} bytes. You have sent {total} bytes.",
        )
    for entry in entries:
        _check_message(asked, entry)


def _check_message(asked: Asked, message: Mapping[str, Any]) -> None:
    attributes = message.get("MessageAttributes") or {}
    if len(attributes) > limits.MESSAGE_ATTRIBUTES:
        raise _invalid(
            f"Number of message attributes [{len(attributes)}] exceeds the allowed maximum "
            f"[{limits.MESSAGE_ATTRIBUTES}]."
        )
    most = _most(asked)
    if _size(message) > most:
        raise _invalid(
            f"One or more parameters are invalid. Reason: Message must be shorter than {most} bytes."
        )


def _most(asked: Asked) -> int:
    name = str(asked.parameters.get("QueueUrl", "")).rpartition("/")[2]
    queue = sqs_backends[asked.account][asked.region].queues.get(name)
    # moto sets a queue's attributes by name, unseen by type checkers.
    return int(vars(queue).get("maximum_message_size") or limits.MESSAGE) if queue else limits.MESSAGE


def _size(message: Mapping[str, Any]) -> int:
    """The bytes of the body and of the attributes' names, types and values."""
    attributes = (message.get("MessageAttributes") or {}).items()
    texts: Iterable[str] = (
        text
        for name, value in attributes
        for text in (name, value.get("DataType", ""), str(value.get("StringValue", "")))
    )
    return len(str(message.get("MessageBody", "")).encode()) + sum(len(text.encode()) for text in texts)


def _count_of(redrive: str | None) -> Any:
    try:
        return json.loads(redrive).get("maxReceiveCount") if redrive else None
    except (ValueError, AttributeError):
        return None


def _is_in(value: Any, allowed: range) -> bool:
    text = str(value)
    return text.isdecimal() and int(text) in allowed


def _invalid(message: str) -> QuotaError:
    return QuotaError("InvalidParameterValue", message)


CHECKS: Mapping[str, Callable[[Asked], None]] = {
    "CreateQueue": _attributes,
    "SetQueueAttributes": _attributes,
    "SendMessage": _message,
    "SendMessageBatch": _batch,
}
