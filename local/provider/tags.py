"""Tags on their way to AWS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def tag_set(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as the services take them that want a list, sorted by key."""
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


def retag_resource(client: Any, tagged: Mapping[str, str], new: Any, removed: list[str]) -> None:
    """Takes tags away, then sets others, with the calls that most services have for this.

    Args:
        client: of a service with `TagResource` and `UntagResource`.
        tagged: the argument that names what is tagged; services spell it in their own ways.
        new: the tags to set, a map or a list as the service takes them.
        removed: the keys of those to take away.
    """
    if removed:
        client.untag_resource(**tagged, TagKeys=removed)
    if new:
        client.tag_resource(**tagged, Tags=new)
