"""An event source mapping's fields as Lambda takes them."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Any

from .values import State

FIELDS = {
    "functionName": "FunctionName",
    "batchSize": "BatchSize",
    "bisectBatchOnFunctionError": "BisectBatchOnFunctionError",
    "destinationConfig": "DestinationConfig",
    "enabled": "Enabled",
    "filterCriteria": "FilterCriteria",
    "functionResponseTypes": "FunctionResponseTypes",
    "kmsKeyArn": "KMSKeyArn",
    "maximumBatchingWindowInSeconds": "MaximumBatchingWindowInSeconds",
    "maximumRecordAgeInSeconds": "MaximumRecordAgeInSeconds",
    "maximumRetryAttempts": "MaximumRetryAttempts",
    "metricsConfig": "MetricsConfig",
    "parallelizationFactor": "ParallelizationFactor",
    "scalingConfig": "ScalingConfig",
    "tumblingWindowInSeconds": "TumblingWindowInSeconds",
}


def request_of(new: State, names: AbstractSet[str]) -> dict[str, Any]:
    """The arguments for the named properties, those that are unset included."""
    return {FIELDS[name]: _sent(name, new.get(name)) for name in sorted(names)}


def _sent(name: str, value: Any) -> Any:
    """A field as Lambda takes it; AWS ignores the removal of some unless they are sent empty."""
    given = value or {}
    match name:
        case "destinationConfig":
            failure = (given.get("onFailure") or {}).get("destinationArn")
            sent: Any = {"OnFailure": {"Destination": failure} if failure else {}}
        case "filterCriteria":
            sent = {"Filters": [{"Pattern": each["pattern"]} for each in given.get("filters", [])]}
        case "scalingConfig":
            most = given.get("maximumConcurrency")
            sent = {"MaximumConcurrency": most} if most else {}
        case "metricsConfig":
            sent = {"Metrics": given.get("metrics", [])}
        case _:
            sent = _EMPTY.get(name) if value is None else value
    return sent


_EMPTY: dict[str, Any] = {
    "batchSize": 0,
    "functionResponseTypes": [],
    "maximumBatchingWindowInSeconds": 0,
    "tumblingWindowInSeconds": 0,
    "bisectBatchOnFunctionError": False,
    "kmsKeyArn": "",
}
