"""Tags of functions and event source mappings."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from .errors import invalid, not_found
from .store import Region
from .versions import find_function

Answer = dict[str, Any]
MAX_TAGS = 50  # AWS docs, "Using tags on Lambda functions"


def check_tags(tags: Mapping[str, str]) -> None:
    """Refuses tags that Lambda would refuse.

    Raises:
        LambdaError: there are too many, or one has AWS's own prefix.
    """
    if len(tags) > MAX_TAGS:
        raise invalid("Number of tags exceeds resource tag limit.")
    if any(key.lower().startswith("aws:") for key in tags):
        raise invalid("Tag keys that begin with aws: are reserved.")


def tag_resource(region: Region, *, resource: str, tags: Mapping[str, str]) -> Answer:
    """TagResource."""
    after = {**_tags(region, resource), **tags}
    check_tags(after)
    _set(region, resource, after)
    return {}


def untag_resource(region: Region, *, resource: str, tag_keys: list[str]) -> Answer:
    """UntagResource."""
    left = {key: value for key, value in _tags(region, resource).items() if key not in tag_keys}
    _set(region, resource, left)
    return {}


def list_tags(region: Region, *, resource: str) -> Answer:
    """ListTags."""
    return {"Tags": dict(_tags(region, resource))}


def _mapping(region: Region, arn: str) -> str | None:
    kind, _, uuid = arn.rpartition(":")
    if not kind.endswith(":event-source-mapping"):
        return None
    if uuid not in region.mappings:
        raise not_found("The resource you requested does not exist.")
    return uuid


def _tags(region: Region, arn: str) -> Mapping[str, str]:
    uuid = _mapping(region, arn)
    return region.mappings[uuid].tags if uuid else find_function(region, arn)[0].tags


def _set(region: Region, arn: str, tags: dict[str, str]) -> None:
    uuid = _mapping(region, arn)
    if uuid:
        region.mappings[uuid] = dataclasses.replace(region.mappings[uuid], tags=tags)
    else:
        find_function(region, arn)[0].tags = tags


OPERATIONS: Mapping[str, Callable[..., Answer]] = {
    "TagResource": tag_resource,
    "UntagResource": untag_resource,
    "ListTags": list_tags,
}
