"""Asynchronous invocations: queued, retried, and handed to a destination or dead-letter queue at the end.

AWS docs, "How Lambda handles errors and retries with asynchronous invocation": two retries of what failed,
after one and two minutes; what is throttled is tried again after a second, then after twice as long each time
up to five minutes, until the event is too old.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor

from .async_ending import hand_on
from .async_event import AsyncEvent, Attempt, Settings, ending, wait_seconds, with_given
from .errors import LambdaError
from .names import LATEST
from .running import Run
from .store import Store
from .versions import find_function, find_version

LOG = logging.getLogger(__name__)
WORKERS = 8
# Errors of the platform, not of the function, that may be over the next time.
PASSING = frozenset({"TooManyRequestsException", "ResourceConflictException"})


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
            hand_on(event, attempt, settings, condition)
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
            hand_on(event, attempt, settings, "EventAgeExceeded")
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
            return settings if given is None else with_given(settings, given)
