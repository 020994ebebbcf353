"""What runs a function, as those see it who have events for one."""

from __future__ import annotations

from typing import Protocol

from local.runtime.deployment import InvocationResult

from .store import Region


class Run(Protocol):
    """Invokes a function and waits for it: `Invoker.run`."""

    def __call__(
        self, region: Region, arn: str, event: bytes, *, request_id: str | None = None
    ) -> tuple[str, InvocationResult]:
        """Gives the version that ran and its answer."""
