"""Hands invocations to the runtime client of one environment and its answers back; knows nothing of HTTP."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from .outcome import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """What the runtime client gets to handle.

    Attributes:
        request_id: the id of the request.
        event: the payload.
        deadline: in milliseconds since 1970.
        arn: what was invoked, with its qualifier.
        trace_id: the header of X-Ray.
        client_context: as JSON, or None.
    """

    request_id: str
    event: bytes
    deadline: int
    arn: str
    trace_id: str
    client_context: str | None = None

    def headers(self) -> dict[str, str]:
        """Gives the headers that describe the invocation to the runtime client."""
        given = {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": self.request_id,
            "Lambda-Runtime-Deadline-Ms": str(self.deadline),
            "Lambda-Runtime-Invoked-Function-Arn": self.arn,
            "Lambda-Runtime-Trace-Id": self.trace_id,
        }
        if self.client_context is not None:
            given["Lambda-Runtime-Client-Context"] = self.client_context
        return given


class Exchange:
    """Hands one invocation at a time from whoever invokes to the runtime client, and its outcome back."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting = False
        self._pending: Invocation | None = None
        self._running: Invocation | None = None
        self._outcome: Outcome | None = None
        self._init_error: Outcome | None = None
        self._returncode: int | None = None

    # The side that invokes.

    def wait_until_ready(self, until: float) -> bool:
        """Waits until the client asks for work.

        Args:
            until: on the monotonic clock.

        Returns:
            False when the process ended or reported that it cannot start, or when the time is over.
        """
        with self._changed:
            while not self._waiting and self._init_error is None and self._returncode is None:
                if not self._changed.wait(until - time.monotonic()):
                    return False
            return self._waiting and self._returncode is None

    def submit(self, invocation: Invocation) -> None:
        """Gives the client something to do.

        Args:
            invocation: what; the one before has its outcome.
        """
        with self._changed:
            self._pending, self._outcome = invocation, None
            self._changed.notify_all()

    def wait_for_outcome(self, until: float) -> Outcome | None:
        """Waits for the answer to what was submitted.

        Args:
            until: on the monotonic clock.

        Returns:
            The outcome, or None when the process ended or the time is over.
        """
        with self._changed:
            while self._outcome is None and self._returncode is None:
                if not self._changed.wait(until - time.monotonic()):
                    return None
            return self._outcome

    @property
    def init_error(self) -> Outcome | None:
        """Why the client could not start, if it said so."""
        return self._init_error

    @property
    def returncode(self) -> int | None:
        """What the process ended with, once it has."""
        return self._returncode

    def process_ended(self, returncode: int) -> None:
        """Tells everybody who waits that nothing will come any more.

        Args:
            returncode: as `subprocess` gives it.
        """
        with self._changed:
            self._returncode = returncode
            self._changed.notify_all()

    # The side of the runtime client.

    def next(self) -> Invocation | None:
        """Waits for work.

        Returns:
            The invocation, or None when the process has ended meanwhile.
        """
        with self._changed:
            self._waiting = True
            self._changed.notify_all()
            while self._pending is None and self._returncode is None:
                self._changed.wait()
            self._waiting = False
            self._running, self._pending = self._pending, None
            return self._running

    def finish(self, request_id: str, outcome: Outcome) -> bool:
        """Takes the outcome of an invocation.

        Args:
            request_id: which one.
            outcome: how it ended.

        Returns:
            False when that is not the one that runs.
        """
        with self._changed:
            if self._running is None or self._running.request_id != request_id:
                return False
            self._running, self._outcome = None, outcome
            self._changed.notify_all()
            return True

    def fail_init(self, outcome: Outcome) -> None:
        """Takes the reason why the client cannot start.

        Args:
            outcome: what its invocation ends with.
        """
        with self._changed:
            self._init_error = outcome
            self._changed.notify_all()
