"""What is asked of the account or the platform: settings and limits, and signing, which is not used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from local import limits

from .store import Region
from .versions import find_function

Answer = dict[str, Any]


def get_account_settings(region: Region) -> Answer:
    """GetAccountSettings: the limits of the region and what of them is used."""
    reserved = sum(function.reserved or 0 for function in region.functions.values())
    return {
        "AccountLimit": {
            "TotalCodeSize": limits.CODE_STORAGE,
            "CodeSizeUnzipped": limits.UNZIPPED,
            "CodeSizeZipped": limits.ZIP_UPLOADED,
            "ConcurrentExecutions": limits.CONCURRENT_EXECUTIONS,
            "UnreservedConcurrentExecutions": limits.CONCURRENT_EXECUTIONS - reserved,
        },
        "AccountUsage": {"TotalCodeSize": region.code_size(), "FunctionCount": len(region.functions)},
    }


def get_function_code_signing_config(region: Region, *, function_name: str) -> Answer:
    """GetFunctionCodeSigningConfig: no function has one, since CreateFunction refuses it."""
    function, _ = find_function(region, function_name)
    return {"FunctionName": function.name, "CodeSigningConfigArn": ""}


OPERATIONS: Mapping[str, Callable[..., Answer]] = {
    "GetAccountSettings": get_account_settings,
    "GetFunctionCodeSigningConfig": get_function_code_signing_config,
}
