"""A batch of messages: the events that a function gets of it, and what its answer settles."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any

from moto.sqs.models import Message

from local import limits
from local.runtime.deployment import InvocationResult

from .records import Mapped


def events_of(mapped: Mapped, messages: list[Message]) -> Iterator[tuple[list[Message], bytes]]:
    """Gives the events of a batch: one, but for messages that together are over the limit of a payload.

    AWS docs, "Using Lambda with Amazon SQS", "Batching behavior": a batch ends where 6 MB are reached.
    """
    part: list[Message] = []
    records: list[str] = []
    size = len(_event([]))
    for message in messages:
        record = json.dumps(_record(mapped, message))
        if part and size + len(record) + len(records) > limits.PAYLOAD_SYNCHRONOUS:
            yield part, _event(records)
            part, records, size = [], [], len(_event([]))
        part.append(message)
        records.append(record)
        size += len(record)
    yield part, _event(records)


def _event(records: list[str]) -> bytes:
    return f'{{"Records":[{",".join(records)}]}}'.encode()


def succeeded(mapped: Mapped, messages: list[Message], result: InvocationResult) -> list[Message]:
    """Gives the messages that the function is done with."""
    if result.error is not None:
        return []
    if "ReportBatchItemFailures" not in mapped.response_types:
        return messages
    failed = _failures(result.payload, {message.id for message in messages})
    return [] if failed is None else [message for message in messages if message.id not in failed]


def _failures(payload: bytes, known: set[str]) -> set[str] | None:
    """Reads a partial batch response; None means that the whole batch failed.

    AWS docs, "Implementing partial batch responses", "Success and failure conditions".
    """
    try:
        answer = json.loads(payload or b"null")
    except ValueError:
        return None
    if answer is None or answer == {}:
        return set()
    if not isinstance(answer, dict):
        return None
    items = answer.get("batchItemFailures")
    if items is None or items == []:
        return set()
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        return None
    failed = {item.get("itemIdentifier") for item in items}
    return failed if failed <= known else None


def _record(mapped: Mapped, message: Message) -> dict[str, Any]:
    """AWS docs, "Using Lambda with Amazon SQS", "Example standard queue message event"."""
    attributes = {
        "ApproximateReceiveCount": str(message.approximate_receive_count),
        "SentTimestamp": str(message.sent_timestamp),
        "SenderId": str(message.sender_id),
        "ApproximateFirstReceiveTimestamp": str(message.approximate_first_receive_timestamp),
    }
    optional = {
        "MessageGroupId": message.group_id,
        "MessageDeduplicationId": message.deduplication_id,
        "SequenceNumber": message.sequence_number,
    }
    attributes |= {name: value for name, value in optional.items() if value is not None}
    record = {
        "messageId": message.id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": attributes,
        "messageAttributes": {name: _attribute(value) for name, value in message.message_attributes.items()},
        "md5OfBody": message.body_md5,
        "eventSource": "aws:sqs",
        "eventSourceARN": mapped.source_arn,
        "awsRegion": mapped.source_arn.split(":")[3],
    }
    if message.message_attributes:
        record["md5OfMessageAttributes"] = message.attribute_md5
    return record


def _attribute(value: Mapping[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {"dataType": value["DataType"], "stringListValues": [], "binaryListValues": []}
    if value.get("StringValue") is not None:
        shown["stringValue"] = value["StringValue"]
    if value.get("BinaryValue") is not None:
        binary = value["BinaryValue"]
        shown["binaryValue"] = base64.b64encode(binary).decode() if isinstance(binary, bytes) else binary
    return shown
