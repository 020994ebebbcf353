"""A runtime that runs no process: what "functions" do is a Python function of the test."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from local.runtime.deployment import Deployment, InvocationResult


def nothing(event: Any) -> Any:
    """Returns nothing."""


@dataclass
class FakeRuntime:
    """Notes each invocation and answers as the test says; what `does` raises is the function's error.

    Attributes:
        does: what every function does with its event.
        ran: the version, the event and the second of each invocation, in order.
        most: how many ran at once at most.
    """

    does: Callable[[Any], Any] = nothing
    ran: list[tuple[str, Any, float]] = field(default_factory=list)
    most: int = 0
    _running: int = 0
    _lock: Any = field(default_factory=threading.Lock)

    def invoke(self, deployment: Deployment, event: bytes, **_: Any) -> InvocationResult:
        with self._lock:
            self.ran.append((deployment.version, json.loads(event), time.monotonic()))
            self._running += 1
            self.most = max(self.most, self._running)
        error = None
        try:
            answer = self.does(json.loads(event))
        except Exception as raised:  # noqa: BLE001 - as a function may
            error, answer = "Unhandled", {"errorMessage": str(raised), "errorType": type(raised).__name__}
        with self._lock:
            self._running -= 1
        return InvocationResult(
            payload=json.dumps(answer).encode(), error=error, events=(), log_stream="s", request_id="r"
        )

    def bodies(self) -> list[list[str]]:
        """The bodies of the messages of each invocation."""
        return [[record["body"] for record in event["Records"]] for _, event, _ in self.ran]

    def versions(self) -> list[str]:
        """The version of each invocation."""
        return [version for version, _, _ in self.ran]

    def forget(self, key: str) -> None:
        """There is nothing to forget."""

    def close(self) -> None:
        """There is nothing to end."""
