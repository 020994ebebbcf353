"""Asynchronous invocations: queued, retried, and handed to a destination or dead-letter queue at the end."""

from __future__ import annotations

import datetime as dt
import json
import logging
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

from local.runtime.deployment import InvocationResult

from . import limits
from .errors import LambdaError
from .names import LATEST
from .queues import send_message
from .store import EventInvoke, Region, Store
from .versions import find_function, find_version

LOG = logging.getLogger(__name__)
WORKERS = 8


@dataclass(frozen=True, slots=True)
class AsyncEvent:
    """An event that waits for its function."""

    region: Region
    arn: str
    payload: bytes
    request_id: str
    queued: dt.datetime


class Run(Protocol):
    """Invokes a function and waits for it: `Invoker.run`."""

    def __call__(
        self, region: Region, arn: str, event: bytes, *, request_id: str | None = None
    ) -> tuple[str, InvocationResult]:
        """Gives the version that ran and its answer."""


class AsyncInvocations:
    """The queue of events.

    AWS docs, "How Lambda handles errors and retries with asynchronous invocation": two retries, after one and
    two minutes; throttles are tried again for up to six hours.

    Args:
        store: where the functions' settings are.
        run: runs one attempt.
        retry_seconds: the waits before the retries.
    """

    def __init__(self, store: Store, run: Run, retry_seconds: tuple[float, ...]) -> None:
        self._store = store
        self._run = run
        self._retry_seconds = retry_seconds
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="async-invocation")
        self._timers: set[threading.Timer] = set()
        self._lock = threading.Lock()
        self._closed = False

    def put(self, event: AsyncEvent) -> None:
        """Queues an event; it is run as soon as a worker is free."""
        self._submit(event, 1)

    def close(self) -> None:
        """Drops what waits; attempts that run are not waited for."""
        with self._lock:
            self._closed = True
            for timer in self._timers:
                timer.cancel()
            self._workers.shutdown(wait=False, cancel_futures=True)

    def _submit(self, event: AsyncEvent, attempt: int) -> None:
        with self._lock:
            if not self._closed:
                self._workers.submit(self._attempt, event, attempt)

    def _attempt(self, event: AsyncEvent, attempt: int) -> None:
        try:
            ran = self._run(event.region, event.arn, event.payload, request_id=event.request_id)
        except LambdaError as error:
            LOG.warning("%s: event %s was not delivered: %s", event.arn, event.request_id, error)
            if error.code in {"TooManyRequestsException", "ResourceConflictException"}:
                self._wait(event, attempt)
            return
        except Exception:
            LOG.exception("%s: event %s was lost", event.arn, event.request_id)
            return
        settings, dead_letters = self._settings(event)
        retries = limits.ASYNC_RETRIES if settings is None or settings.retries is None else settings.retries
        if ran[1].error is not None and attempt <= retries and not self._too_old(event, settings):
            self._wait(event, attempt + 1)
            return
        _hand_on(event, attempt, ran, settings, dead_letters)

    def _wait(self, event: AsyncEvent, attempt: int) -> None:
        seconds = self._retry_seconds[min(max(attempt - 2, 0), len(self._retry_seconds) - 1)]
        timer = threading.Timer(seconds, self._again, (event, attempt))
        timer.daemon = True
        with self._lock:
            if self._closed:
                return
            self._timers = {waiting for waiting in self._timers if waiting.is_alive()} | {timer}
            timer.start()

    def _again(self, event: AsyncEvent, attempt: int) -> None:
        self._submit(event, attempt)

    def _too_old(self, event: AsyncEvent, settings: EventInvoke | None) -> bool:
        most = limits.ASYNC_AGE_SECONDS if settings is None or settings.max_age is None else settings.max_age
        return event.region.tools.clock() - event.queued > dt.timedelta(seconds=most)

    def _settings(self, event: AsyncEvent) -> tuple[EventInvoke | None, str | None]:
        """Gives the settings of the qualifier that was invoked, and the version's dead-letter queue."""
        with self._store.lock:
            try:
                function, qualifier = find_function(event.region, event.arn)
                version = find_version(event.region, function, qualifier)
            except LambdaError:
                return None, None
            settings = function.event_invokes.get(qualifier or LATEST)
            return settings, version.configuration.dead_letter_target


def _hand_on(
    event: AsyncEvent,
    attempts: int,
    ran: tuple[str, InvocationResult],
    settings: EventInvoke | None,
    dead_letters: str | None,
) -> None:
    version, result = ran
    kind = "OnSuccess" if result.error is None else "OnFailure"
    target = (settings.destinations if settings else {}).get(kind, {}).get("Destination")
    if target:
        body = json.dumps(_record(event, attempts, version, result))
        _deliver(event, target, body, {})
    if result.error is not None and dead_letters:
        attributes = {
            "RequestID": event.request_id,
            "ErrorCode": "200",
            "ErrorMessage": result.payload.decode(errors="replace")[:1024],
        }
        _deliver(event, dead_letters, event.payload.decode(), attributes)


def _deliver(event: AsyncEvent, queue_arn: str, body: str, attributes: Mapping[str, str]) -> None:
    if not send_message(event.region.place, queue_arn, body, attributes):
        LOG.warning("%s: %s is gone; what was meant for it is lost", event.arn, queue_arn)


def _record(event: AsyncEvent, attempts: int, version: str, result: InvocationResult) -> dict[str, Any]:
    """AWS docs, "Capturing records of Lambda asynchronous invocations", the example invocation record."""
    response: dict[str, Any] = {"statusCode": 200, "executedVersion": version}
    if result.error is not None:
        response["functionError"] = result.error
    return {
        "version": "1.0",
        "timestamp": f"{event.region.tools.clock():%Y-%m-%dT%H:%M:%S}.000Z",
        "requestContext": {
            "requestId": event.request_id,
            "functionArn": event.arn,
            "condition": "Success" if result.error is None else "RetriesExhausted",
            "approximateInvokeCount": attempts,
        },
        "requestPayload": json.loads(event.payload),
        "responseContext": response,
        "responsePayload": json.loads(result.payload or b"null"),
    }
