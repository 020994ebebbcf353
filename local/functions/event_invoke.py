"""How asynchronous invocations are treated: retries, age, destinations."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from . import clock
from .errors import not_found
from .names import LATEST
from .paging import page_of
from .queues import check_destination
from .records import EventInvoke, Function
from .store import Region
from .versions import find_function, find_version

Answer = dict[str, Any]
# The operations' parameters, which are all that the SDK knows, and the fields that keep them.
_FIELDS = {
    "maximum_retry_attempts": "retries",
    "maximum_event_age_in_seconds": "max_age",
    "destination_config": "destinations",
}


def put_function_event_invoke_config(
    region: Region, *, function_name: str, qualifier: str | None = None, **settings: Any
) -> Answer:
    """PutFunctionEventInvokeConfig: replaces the whole of it."""
    function, key = _qualified(region, function_name, qualifier)
    return _keep(region, function, key, EventInvoke(modified=region.tools.clock()), settings)


def update_function_event_invoke_config(
    region: Region, *, function_name: str, qualifier: str | None = None, **settings: Any
) -> Answer:
    """UpdateFunctionEventInvokeConfig: what is not given stays."""
    function, key = _qualified(region, function_name, qualifier)
    before = dataclasses.replace(_existing(function, key), modified=region.tools.clock())
    return _keep(region, function, key, before, settings)


def get_function_event_invoke_config(
    region: Region, *, function_name: str, qualifier: str | None = None
) -> Answer:
    """GetFunctionEventInvokeConfig."""
    function, key = _qualified(region, function_name, qualifier)
    _existing(function, key)
    return _shown(function, key)


def delete_function_event_invoke_config(
    region: Region, *, function_name: str, qualifier: str | None = None
) -> Answer:
    """DeleteFunctionEventInvokeConfig."""
    function, key = _qualified(region, function_name, qualifier)
    _existing(function, key)
    del function.event_invokes[key]
    return {}


def list_function_event_invoke_configs(
    region: Region, *, function_name: str, marker: str | None = None, max_items: int | None = None
) -> Answer:
    """ListFunctionEventInvokeConfigs."""
    function, _ = find_function(region, function_name)
    found = [_shown(function, key) for key in sorted(function.event_invokes)]
    page, following = page_of(found, marker, max_items)
    return {"FunctionEventInvokeConfigs": page, "NextMarker": following}


def _qualified(region: Region, given: str, qualifier: str | None) -> tuple[Function, str]:
    function, key = find_function(region, given, qualifier)
    find_version(region, function, key)
    return function, key or LATEST


def _keep(
    region: Region, function: Function, key: str, before: EventInvoke, settings: Mapping[str, Any]
) -> Answer:
    _check_destinations(region, settings.get("destination_config"))
    changes = {_FIELDS[name]: value for name, value in settings.items()}
    function.event_invokes[key] = dataclasses.replace(before, **changes)
    return _shown(function, key)


def _check_destinations(region: Region, config: Mapping[str, Any] | None) -> None:
    for destination in (config or {}).values():
        if destination.get("Destination"):
            check_destination(region.place, destination["Destination"])


def _existing(function: Function, key: str) -> EventInvoke:
    if key not in function.event_invokes:
        raise not_found(f"The function {function.arn}:{key} doesn't have an EventInvokeConfig")
    return function.event_invokes[key]


def _shown(function: Function, key: str) -> Answer:
    settings = function.event_invokes[key]
    return {
        "FunctionArn": f"{function.arn}:{key}",
        "LastModified": clock.seconds(settings.modified),
        "MaximumRetryAttempts": settings.retries,
        "MaximumEventAgeInSeconds": settings.max_age,
        "DestinationConfig": {"OnSuccess": {}, "OnFailure": {}, **settings.destinations},
    }


OPERATIONS: Mapping[str, Callable[..., Answer]] = {
    "PutFunctionEventInvokeConfig": put_function_event_invoke_config,
    "UpdateFunctionEventInvokeConfig": update_function_event_invoke_config,
    "GetFunctionEventInvokeConfig": get_function_event_invoke_config,
    "DeleteFunctionEventInvokeConfig": delete_function_event_invoke_config,
    "ListFunctionEventInvokeConfigs": list_function_event_invoke_configs,
}
