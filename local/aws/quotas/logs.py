"""CloudWatch Logs: for how long logs can be kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from local import limits
from local.functions.errors import broken_constraints

from .asked import Asked, QuotaError


def _retention(asked: Asked) -> None:
    days = asked.parameters.get("retentionInDays")
    if days not in limits.RETENTION_DAYS:
        fault = (
            f"Value '{days}' at 'retentionInDays' failed to satisfy constraint: "
            f"Member must satisfy enum value set: {list(limits.RETENTION_DAYS)}"
        )
        raise QuotaError("InvalidParameterException", broken_constraints([fault]).message)


CHECKS: Mapping[str, Callable[[Asked], None]] = {"PutRetentionPolicy": _retention}
