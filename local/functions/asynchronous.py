"""Asynchronous invocations: queued, retried, and handed to a destination or dead-letter queue at the end.

AWS docs, "How Lambda handles errors and retries with asynchronous invocation": two retries of what failed,
after one and two minutes; what is throttled is tried again after a second, then after twice as long each time
up to five minutes, until the event is too old.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import logging
import threading
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

from local import limits
from local.runtime.deployment import InvocationResult

from .errors import LambdaError
from .names import LATEST
from .queues import send_message
from .store import EventInvoke, Region, Store
from .versions import find_function, find_version

LOG = logging.getLogger(__name__)
WORKERS = 8
# Errors of the platform, not of the function, that may be over the next time.
PASSING = frozenset({"TooManyRequestsException", "ResourceConflictException"})


@dataclass(frozen=True, slots=True)
class AsyncEvent:
    """An event that waits for its function."""

    region: Region
    arn: str
    payload: bytes
    request_id: str
    queued: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """How one attempt to deliver an event ended.

    Attributes:
        number: of the attempt, from 1; those that were throttled do not count.
        throttled: how often it was throttled so far.
        version: that ran, and
        result: what it answered; both None when it did not run.
        refused: why it did not run.
    """

    number: int = 1
    throttled: int = 0
    version: str | None = None
    result: InvocationResult | None = None
    refused: LambdaError | None = None

    @property
    def succeeded(self) -> bool:
        """Whether the function ran and returned."""
        return self.result is not None and self.result.error is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What counts for events of one qualifier.

    Attributes:
        retries: how often a failed event is tried again.
        age: after how many seconds an event is given up.
        destinations: the queues' ARNs by `OnSuccess` and `OnFailure`.
        dead_letters: the ARN of the dead-letter queue.
        stopped: whether the function's reserved concurrency is zero.
    """

    retries: int = limits.ASYNC_RETRIES
    age: int = limits.ASYNC_AGE_SECONDS
    destinations: Mapping[str, str] = dataclasses.field(default_factory=dict)
    dead_letters: str | None = None
    stopped: bool = False


class Run(Protocol):
    """Invokes a function and waits for it: `Invoker.run`."""

    def __call__(
        self, region: Region, arn: str, event: bytes, *, request_id: str | None = None
    ) -> tuple[str, InvocationResult]:
        """Gives the version that ran and its answer."""


class AsyncInvocations:
    """The queue of events.

    Args:
        store: where the functions' settings are.
        run: runs one attempt.
        scale: how much of AWS's waits is waited; events age as much faster.
    """

    def __init__(self, store: Store, run: Run, scale: float = 1.0) -> None:
        self._store = store
        self._run = run
        self._scale = scale
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="async-invocation")
        self._timers: set[threading.Timer] = set()
        self._lock = threading.Lock()
        self._closed = False

    def put(self, event: AsyncEvent) -> Future[Attempt]:
        """Queues an event, which is run as soon as a worker is free; gives how the first attempt ends."""
        first: Future[Attempt] = Future()
        self._submit(event, Attempt(), first)
        return first

    def close(self) -> None:
        """Drops what waits; attempts that run are not waited for."""
        with self._lock:
            self._closed = True
            for timer in self._timers:
                timer.cancel()
            self._workers.shutdown(wait=False, cancel_futures=True)

    def _submit(self, event: AsyncEvent, attempt: Attempt, told: Future[Attempt] | None = None) -> None:
        with self._lock:
            if not self._closed:
                self._workers.submit(self._deliver, event, attempt, told)

    def _deliver(self, event: AsyncEvent, attempt: Attempt, told: Future[Attempt] | None) -> None:
        try:
            ended = self._attempt(event, attempt)
            if told is not None:
                told.set_result(ended)
            self._go_on(event, ended)
        except Exception as error:
            LOG.exception("%s: event %s was lost", event.arn, event.request_id)
            if told is not None and not told.done():
                told.set_exception(error)

    def _attempt(self, event: AsyncEvent, attempt: Attempt) -> Attempt:
        try:
            version, result = self._run(event.region, event.arn, event.payload, request_id=event.request_id)
        except LambdaError as error:
            LOG.warning("%s: event %s was not delivered: %s", event.arn, event.request_id, error)
            return dataclasses.replace(
                attempt, version=None, result=None, refused=error, throttled=attempt.throttled + 1
            )
        return dataclasses.replace(attempt, version=version, result=result, refused=None)

    def _go_on(self, event: AsyncEvent, attempt: Attempt) -> None:
        settings = self._settings(event)
        condition = ending(attempt, settings)
        if attempt.refused is not None and attempt.refused.code not in PASSING:
            return
        if condition is not None:
            _hand_on(event, attempt, settings, condition)
            return
        timer = threading.Timer(wait_seconds(attempt) * self._scale, self._again, (event, attempt))
        timer.daemon = True
        with self._lock:
            if self._closed:
                return
            self._timers = {waiting for waiting in self._timers if waiting.is_alive()} | {timer}
            timer.start()

    def _again(self, event: AsyncEvent, attempt: Attempt) -> None:
        settings = self._settings(event)
        age = (event.region.tools.clock() - event.queued) / dt.timedelta(seconds=self._scale)
        if age > settings.age:
            _hand_on(event, attempt, settings, "EventAgeExceeded")
            return
        ran = attempt.refused is None
        self._submit(event, dataclasses.replace(attempt, number=attempt.number + ran))

    def _settings(self, event: AsyncEvent) -> Settings:
        """Gives the settings of the qualifier that was invoked, and the version's dead-letter queue."""
        with self._store.lock:
            try:
                function, qualifier = find_function(event.region, event.arn)
                version = find_version(event.region, function, qualifier)
            except LambdaError:
                return Settings()
            given = function.event_invokes.get(qualifier or LATEST)
            settings = Settings(
                dead_letters=version.configuration.dead_letter_target, stopped=function.reserved == 0
            )
            return settings if given is None else _with(settings, given)


def ending(attempt: Attempt, settings: Settings) -> str | None:
    """Tells whether an event is done with after an attempt.

    Args:
        attempt: the last one.
        settings: of its qualifier.

    Returns:
        The `condition` of the invocation record, or None when the event is to be tried again.
    """
    if attempt.succeeded:
        return "Success"
    if attempt.refused is not None:
        return "ZeroReservedConcurrency" if settings.stopped else None
    return "RetriesExhausted" if attempt.number > settings.retries else None


def wait_seconds(attempt: Attempt) -> float:
    """How long an event waits after an attempt that was throttled or failed."""
    if attempt.refused is not None:
        return float(min(2 ** min(attempt.throttled - 1, 16), limits.ASYNC_THROTTLE_SECONDS))
    return limits.ASYNC_RETRY_SECONDS[min(attempt.number, len(limits.ASYNC_RETRY_SECONDS)) - 1]


def _with(settings: Settings, given: EventInvoke) -> Settings:
    targets = {kind: target["Destination"] for kind, target in given.destinations.items() if target}
    return dataclasses.replace(
        settings,
        retries=settings.retries if given.retries is None else given.retries,
        age=settings.age if given.max_age is None else given.max_age,
        destinations=targets,
    )


def _hand_on(event: AsyncEvent, attempt: Attempt, settings: Settings, condition: str) -> None:
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
