"""What becomes of an event in the end: records for destinations, and dead letters."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from .async_event import AsyncEvent, Attempt, Settings
from .queues import send_message

LOG = logging.getLogger(__name__)


def hand_on(event: AsyncEvent, attempt: Attempt, settings: Settings, condition: str) -> None:
    """Sends what has ended to its destination and, if it failed, to the dead-letter queue, if any."""
    target = settings.destinations.get("OnSuccess" if attempt.succeeded else "OnFailure")
    if target:
        _send(event, target, json.dumps(_record(event, attempt, condition)), {})
    if not attempt.succeeded and settings.dead_letters:
        _send(event, settings.dead_letters, event.payload.decode(), _dead_letter_attributes(event, attempt))


def _send(event: AsyncEvent, queue_arn: str, body: str, attributes: Mapping[str, str | int]) -> None:
    if not send_message(event.region.place, queue_arn, body, attributes):
        LOG.warning("%s: %s is gone; what was meant for it is lost", event.arn, queue_arn)


def _dead_letter_attributes(event: AsyncEvent, attempt: Attempt) -> dict[str, str | int]:
    """AWS docs, "Adding a dead-letter queue", "Dead-letter queue message attributes"."""
    if attempt.result is None:
        code, message = 429, str(attempt.refused)
    else:
        answer = json.loads(attempt.result.payload or b"null")
        told = answer.get("errorMessage") if isinstance(answer, dict) else None
        code, message = 200, told or attempt.result.payload.decode(errors="replace")
    return {"RequestID": event.request_id, "ErrorCode": code, "ErrorMessage": message[:1024] or "Unknown"}


def _record(event: AsyncEvent, attempt: Attempt, condition: str) -> dict[str, Any]:
    """AWS docs, "Capturing records of Lambda asynchronous invocations", the example invocation record."""
    record: dict[str, Any] = {
        "version": "1.0",
        "timestamp": f"{event.region.tools.clock():%Y-%m-%dT%H:%M:%S}.000Z",
        "requestContext": {
            "requestId": event.request_id,
            "functionArn": event.arn,
            "condition": condition,
            "approximateInvokeCount": attempt.number if attempt.result is not None else attempt.number - 1,
        },
        "requestPayload": json.loads(event.payload),
    }
    if attempt.result is not None:
        response: dict[str, Any] = {"statusCode": 200, "executedVersion": attempt.version}
        if attempt.result.error is not None:
            response["functionError"] = attempt.result.error
        record["responseContext"] = response
        record["responsePayload"] = json.loads(attempt.result.payload or b"null")
    return record
