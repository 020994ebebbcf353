"""Reserved and provisioned concurrency."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from local import limits

from . import clock
from .errors import LambdaError, invalid
from .names import LATEST
from .paging import page_of
from .records import Function, Provisioned
from .store import Region
from .versions import find_function, find_version

Answer = dict[str, Any]


def put_function_concurrency(
    region: Region, *, function_name: str, reserved_concurrent_executions: int
) -> Answer:
    """PutFunctionConcurrency."""
    function, _ = find_function(region, function_name)
    others = sum(other.reserved or 0 for other in region.functions.values() if other is not function)
    left = limits.CONCURRENT_EXECUTIONS - others - reserved_concurrent_executions
    if reserved_concurrent_executions and left < limits.UNRESERVED_CONCURRENCY:
        raise invalid(
            "Specified ReservedConcurrentExecutions for function decreases account's "
            f"UnreservedConcurrentExecution below its minimum value of [{limits.UNRESERVED_CONCURRENCY}]."
        )
    provisioned = sum(settings.requested for settings in function.provisioned.values())
    if provisioned > reserved_concurrent_executions:
        raise invalid(
            "ReservedConcurrentExecutions can not be lower than the function's provisioned concurrency "
            f"[{provisioned}]."
        )
    function.reserved = reserved_concurrent_executions
    return {"ReservedConcurrentExecutions": function.reserved}


def get_function_concurrency(region: Region, *, function_name: str) -> Answer:
    """GetFunctionConcurrency."""
    function, _ = find_function(region, function_name)
    return {"ReservedConcurrentExecutions": function.reserved}


def delete_function_concurrency(region: Region, *, function_name: str) -> Answer:
    """DeleteFunctionConcurrency."""
    function, _ = find_function(region, function_name)
    function.reserved = None
    return {}


def put_provisioned_concurrency_config(
    region: Region, *, function_name: str, qualifier: str, provisioned_concurrent_executions: int
) -> Answer:
    """PutProvisionedConcurrencyConfig; what is provisioned here are numbers, not warm environments."""
    function, key = _qualified(region, function_name, qualifier)
    if key in function.aliases and function.aliases[key].weights:
        raise invalid("Alias with weights can not be used with Provisioned Concurrency")
    room = limits.CONCURRENT_EXECUTIONS if function.reserved is None else function.reserved
    others = sum(settings.requested for name, settings in function.provisioned.items() if name != key)
    if provisioned_concurrent_executions + others > room:
        raise invalid(
            f"Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution "
            f"for function [{room}]"
        )
    now = region.tools.clock()
    function.provisioned[key] = Provisioned(
        requested=provisioned_concurrent_executions, modified=now, ready_from=now + region.tools.delay
    )
    shown = _shown(region, function.provisioned[key])
    return shown | {
        "Status": "IN_PROGRESS",
        "AllocatedProvisionedConcurrentExecutions": 0,
        "AvailableProvisionedConcurrentExecutions": 0,
    }


def get_provisioned_concurrency_config(region: Region, *, function_name: str, qualifier: str) -> Answer:
    """GetProvisionedConcurrencyConfig."""
    function, key = _qualified(region, function_name, qualifier)
    if key not in function.provisioned:
        raise LambdaError(
            "ProvisionedConcurrencyConfigNotFoundException",
            "No Provisioned Concurrency Config found for this function",
        )
    return _shown(region, function.provisioned[key])


def delete_provisioned_concurrency_config(region: Region, *, function_name: str, qualifier: str) -> Answer:
    """DeleteProvisionedConcurrencyConfig."""
    function, key = _qualified(region, function_name, qualifier)
    function.provisioned.pop(key, None)
    return {}


def list_provisioned_concurrency_configs(
    region: Region, *, function_name: str, marker: str | None = None, max_items: int | None = None
) -> Answer:
    """ListProvisionedConcurrencyConfigs."""
    function, _ = find_function(region, function_name)
    found = [
        {"FunctionArn": f"{function.arn}:{key}", **_shown(region, function.provisioned[key])}
        for key in sorted(function.provisioned)
    ]
    page, following = page_of(found, marker, max_items)
    return {"ProvisionedConcurrencyConfigs": page, "NextMarker": following}


def _qualified(region: Region, given: str, qualifier: str) -> tuple[Function, str]:
    function, key = find_function(region, given, qualifier)
    if key is None or key == LATEST:
        raise invalid("Provisioned Concurrency Configs cannot be applied to unpublished function versions.")
    find_version(region, function, key)
    return function, key


def _shown(region: Region, settings: Provisioned) -> Answer:
    ready = region.tools.clock() >= settings.ready_from
    return {
        "RequestedProvisionedConcurrentExecutions": settings.requested,
        "AllocatedProvisionedConcurrentExecutions": settings.requested if ready else 0,
        "AvailableProvisionedConcurrentExecutions": settings.requested if ready else 0,
        "Status": "READY" if ready else "IN_PROGRESS",
        "LastModified": clock.written(settings.modified),
    }


OPERATIONS: Mapping[str, Callable[..., Answer]] = {
    "PutFunctionConcurrency": put_function_concurrency,
    "GetFunctionConcurrency": get_function_concurrency,
    "DeleteFunctionConcurrency": delete_function_concurrency,
    "PutProvisionedConcurrencyConfig": put_provisioned_concurrency_config,
    "GetProvisionedConcurrencyConfig": get_provisioned_concurrency_config,
    "DeleteProvisionedConcurrencyConfig": delete_provisioned_concurrency_config,
    "ListProvisionedConcurrencyConfigs": list_provisioned_concurrency_configs,
}
