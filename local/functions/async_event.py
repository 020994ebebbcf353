"""An event that waits for its function, its attempts, and what is decided after each."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from local import limits
from local.runtime.deployment import InvocationResult

from .errors import LambdaError
from .records import EventInvoke
from .store import Region


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


def with_given(settings: Settings, given: EventInvoke) -> Settings:
    """The settings, with those of a function's `EventInvokeConfig` over them."""
    targets = {kind: target["Destination"] for kind, target in given.destinations.items() if target}
    return dataclasses.replace(
        settings,
        retries=settings.retries if given.retries is None else given.retries,
        age=settings.age if given.max_age is None else given.max_age,
        destinations=targets,
    )
