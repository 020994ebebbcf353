"""Aliases: names for versions, with a share of calls for a second version."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from local import limits

from .errors import conflict, invalid, not_found, stale
from .names import LATEST
from .paging import page_of
from .records import Alias, Function, Version
from .store import Region
from .versions import find_function

Answer = dict[str, Any]


def create_alias(
    region: Region,
    *,
    function_name: str,
    name: str,
    function_version: str,
    description: str = "",
    routing_config: Mapping[str, Any] | None = None,
) -> Answer:
    """CreateAlias."""
    function, _ = find_function(region, function_name)
    weights = _weights(routing_config)
    _check_versions(function, function_version, weights)
    if name in function.aliases:
        raise conflict(f"Alias already exists: {function.arn}:{name}")
    alias = Alias(
        name=name,
        version=function_version,
        description=description,
        weights=weights,
        revision_id=region.tools.new_id(),
    )
    function.aliases[name] = alias
    return _shown(function, alias)


def get_alias(region: Region, *, function_name: str, name: str) -> Answer:
    """GetAlias."""
    function, _ = find_function(region, function_name)
    return _shown(function, _existing(function, name))


def list_aliases(
    region: Region,
    *,
    function_name: str,
    function_version: str | None = None,
    marker: str | None = None,
    max_items: int | None = None,
) -> Answer:
    """ListAliases, of all versions or of one."""
    function, _ = find_function(region, function_name)
    found = [
        _shown(function, function.aliases[name])
        for name in sorted(function.aliases)
        if function_version in {None, function.aliases[name].version, *function.aliases[name].weights}
    ]
    page, following = page_of(found, marker, max_items)
    return {"Aliases": page, "NextMarker": following}


def update_alias(
    region: Region,
    *,
    function_name: str,
    name: str,
    function_version: str | None = None,
    description: str | None = None,
    routing_config: Mapping[str, Any] | None = None,
    revision_id: str | None = None,
) -> Answer:
    """UpdateAlias: what is not given stays; an empty routing configuration takes the weights away."""
    function, _ = find_function(region, function_name)
    before = _existing(function, name)
    if revision_id is not None and revision_id != before.revision_id:
        raise stale("GetAlias")
    after = dataclasses.replace(
        before,
        version=function_version or before.version,
        description=before.description if description is None else description,
        weights=before.weights if routing_config is None else _weights(routing_config),
        revision_id=region.tools.new_id(),
    )
    _check_versions(function, after.version, after.weights)
    if after.weights and name in function.provisioned:
        raise invalid("Alias with provisioned concurrency can not point to more than 1 version")
    function.aliases[name] = after
    return _shown(function, after)


def delete_alias(region: Region, *, function_name: str, name: str) -> Answer:
    """DeleteAlias, with its policy and settings; that it does not exist is no error."""
    function, _ = find_function(region, function_name)
    for belongings in (function.aliases, function.policies, function.event_invokes, function.provisioned):
        belongings.pop(name, None)
    return {}


def _existing(function: Function, name: str) -> Alias:
    if name not in function.aliases:
        raise not_found(f"Cannot find alias arn: {function.arn}:{name}")
    return function.aliases[name]


def _weights(routing_config: Mapping[str, Any] | None) -> dict[str, float]:
    weights = dict((routing_config or {}).get("AdditionalVersionWeights", {}))
    if len(weights) > limits.ADDITIONAL_VERSIONS:
        raise invalid(
            f"Number of items in AdditionalVersionWeights cannot be greater than {limits.ADDITIONAL_VERSIONS}"
        )
    return weights


def _check_versions(function: Function, number: str, weights: Mapping[str, float]) -> None:
    """AWS docs, "Implement Lambda canary deployments using a weighted alias", on what versions must share."""
    main = function.version(number)
    if main is None:
        raise not_found(f"Function not found: {function.arn}:{number}")
    for other in weights:
        if number == LATEST:
            raise invalid(f"{LATEST} is not supported for an alias pointing to more than 1 version")
        if other == number:
            raise invalid(
                f"Invalid function version {other}. Function version {other} is already included in "
                "routing configuration."
            )
        second = function.version(other)
        if second is None:
            raise not_found(f"Function not found: {function.arn}:{other}")
        _check_alike(main, second)


def _check_alike(main: Version, second: Version) -> None:
    if main.configuration.role != second.configuration.role:
        raise invalid(
            f"The versions {main.number} and {second.number} of an alias with weights must have the same "
            "execution role"
        )
    if main.configuration.dead_letter_target != second.configuration.dead_letter_target:
        raise invalid(
            f"The versions {main.number} and {second.number} of an alias with weights must have the same "
            "dead-letter queue configuration"
        )


def _shown(function: Function, alias: Alias) -> Answer:
    routing = {"AdditionalVersionWeights": dict(alias.weights)} if alias.weights else None
    return {
        "AliasArn": f"{function.arn}:{alias.name}",
        "Name": alias.name,
        "FunctionVersion": alias.version,
        "Description": alias.description,
        "RoutingConfig": routing,
        "RevisionId": alias.revision_id,
    }


OPERATIONS: Mapping[str, Callable[..., Answer]] = {
    "CreateAlias": create_alias,
    "GetAlias": get_alias,
    "ListAliases": list_aliases,
    "UpdateAlias": update_alias,
    "DeleteAlias": delete_alias,
}
