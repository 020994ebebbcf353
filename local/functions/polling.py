"""Polls queues and invokes functions with what is in them, as Lambda's event source mappings do.

AWS docs, "Using Lambda with Amazon SQS" and "Handling errors for an SQS event source in Lambda": messages are
deleted when the function succeeded; else they show up again after the queue's visibility timeout, and go to
its dead-letter queue after as many receives as the queue says (which is SQS's own doing).
"""

from __future__ import annotations

import base64
import dataclasses
import json
import logging
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from moto.sqs.models import Message, Queue

from local import limits
from local.runtime.deployment import InvocationResult

from . import queues
from .errors import LambdaError
from .store import Mapped, Region, Store

LOG = logging.getLogger(__name__)
POLL_SECONDS = 0.5
RECEIVE = 10  # AWS docs, ReceiveMessage, "MaxNumberOfMessages"
CONCURRENCY = 5  # AWS docs: Lambda starts with five concurrent batches of a standard queue


class Run(Protocol):
    """Invokes a function and waits for it: `Invoker.run`."""

    def __call__(
        self, region: Region, arn: str, event: bytes, *, request_id: str | None = None
    ) -> tuple[str, InvocationResult]:
        """Gives the version that ran and its answer."""


class Pollers:
    """One thread for each mapping that is there; it ends when its mapping is deleted.

    Args:
        store: where mappings are.
        run: invokes a function.
    """

    def __init__(self, store: Store, run: Run) -> None:
        self._store = store
        self._run = run
        self._ended = threading.Event()
        self._served: set[str] = set()
        # As many as Lambda would run: a batch that waited for a thread would use up its visibility timeout.
        self._batches = ThreadPoolExecutor(limits.CONCURRENT_EXECUTIONS, thread_name_prefix="mapping-batch")

    def serve(self, region: Region, mapped: Mapped) -> None:
        """Begins to poll for a mapping; one that is served already goes on with its new settings."""
        if mapped.uuid in self._served:
            return
        self._served.add(mapped.uuid)
        threading.Thread(
            target=self._poll, args=(region, mapped.uuid), name=f"mapping-{mapped.uuid}", daemon=True
        ).start()

    def close(self) -> None:
        """Ends all polling; batches that run are not waited for."""
        self._ended.set()
        self._batches.shutdown(wait=False, cancel_futures=True)

    def _poll(self, region: Region, uuid: str) -> None:
        slots: dict[str, threading.Semaphore] = {}
        while not self._ended.wait(POLL_SECONDS):
            with self._store.lock:
                mapped = region.mappings.get(uuid)
                settled = mapped is not None and region.tools.clock() >= mapped.settled_from
            if mapped is None:
                self._served.discard(uuid)
                return
            if not mapped.enabled or not settled:
                continue
            slot = slots.setdefault(
                str(mapped.concurrency), threading.Semaphore(mapped.concurrency or CONCURRENCY)
            )
            try:
                self._poll_once(region, mapped, slot)
            except Exception:
                LOG.exception("polling %s for %s failed", mapped.source_arn, mapped.function)

    def _poll_once(self, region: Region, mapped: Mapped, slot: threading.Semaphore) -> None:
        queue = queues.find_queue(region.place, mapped.source_arn)
        while queue is not None and not self._ended.is_set() and slot.acquire(blocking=False):
            messages: list[Message] = []
            try:
                messages = self._gather(region, mapped, queue)
                if messages:
                    self._batches.submit(self._serve_batch, region, mapped, queue, messages, slot)
            except RuntimeError:  # closed meanwhile
                return
            finally:
                if not messages:
                    slot.release()
            if not messages:
                return

    def _gather(self, region: Region, mapped: Mapped, queue: Queue) -> list[Message]:
        """Receives one batch; with a window, waits for more until it is full or the window is over."""
        until = time.monotonic() + mapped.window
        messages: list[Message] = []
        while len(messages) < mapped.batch_size:
            wanted = min(RECEIVE, mapped.batch_size - len(messages))
            received = queues.receive(region.place, queue, wanted)
            messages += received
            if len(received) == wanted:
                continue
            if not messages or time.monotonic() >= until or self._ended.wait(POLL_SECONDS):
                break
        return messages

    def _serve_batch(
        self, region: Region, mapped: Mapped, queue: Queue, messages: list[Message], slot: threading.Semaphore
    ) -> None:
        said = "OK"
        try:
            for part, event in _events(mapped, messages):
                if not self._serve_part(region, mapped, queue, part, event):
                    said = "PROBLEM: Function call failed"
                    if queue.fifo_queue:  # the later ones of a group wait for the earlier ones
                        break
        except LambdaError as error:
            LOG.warning("%s was not invoked for %s: %s", mapped.function, mapped.source_arn, error)
            said = f"PROBLEM: {error}"
        except Exception:
            LOG.exception("a batch of %s for %s was lost", mapped.source_arn, mapped.function)
            said = "PROBLEM: internal error"
        finally:
            slot.release()
        with self._store.lock:
            if mapped.uuid in region.mappings:
                region.mappings[mapped.uuid] = dataclasses.replace(
                    region.mappings[mapped.uuid], last_result=said
                )

    def _serve_part(
        self, region: Region, mapped: Mapped, queue: Queue, messages: list[Message], event: bytes
    ) -> bool:
        """Invokes the function once and deletes what it is done with; tells whether that is everything."""
        _, result = self._run(region, region.place.function_arn(mapped.function, mapped.qualifier), event)
        done = _succeeded(mapped, messages, result)
        queues.delete(region.place, queue, done)
        return len(done) == len(messages)


def _events(mapped: Mapped, messages: list[Message]) -> Iterator[tuple[list[Message], bytes]]:
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


def _succeeded(mapped: Mapped, messages: list[Message], result: InvocationResult) -> list[Message]:
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
