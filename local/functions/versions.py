"""Function versions: how they come to be, how they are shown, published and listed."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from . import clock
from .archives import Archive
from .configuration import shown_configuration
from .errors import conflict, invalid, not_found, stale
from .layers import check_storage
from .names import LATEST, parse_function
from .paging import page_of
from .records import Configuration, Function, Version
from .store import Region

Answer = dict[str, Any]


def new_version(region: Region, code: Archive, configuration: Configuration) -> Version:
    """A `$LATEST` that has just been created: it is pending for a while."""
    now = region.tools.clock()
    ready = now + region.tools.delay
    return Version(
        number=LATEST,
        code=code,
        configuration=configuration,
        modified=now,
        deployment=region.tools.new_id(),
        usable_from=ready,
        settled_from=ready,
        revision_ids=(region.tools.new_id(), region.tools.new_id()),
    )


def changed_version(region: Region, before: Version, code: Archive, configuration: Configuration) -> Version:
    """A `$LATEST` whose code or configuration has just been changed: the update goes on for a while."""
    after = new_version(region, code, configuration)
    return dataclasses.replace(after, usable_from=before.usable_from)


def touched(region: Region, version: Version) -> Version:
    """The same version with new RevisionIds: something that belongs to it was changed."""
    return dataclasses.replace(version, revision_ids=(region.tools.new_id(), region.tools.new_id()))


def find_function(region: Region, given: str, qualifier: str | None = None) -> tuple[Function, str | None]:
    """Finds the function that an operation names.

    Args:
        region: where to look.
        given: a name or ARN, perhaps with a qualifier.
        qualifier: the operation's own.

    Returns:
        The function and the qualifier, if any.

    Raises:
        LambdaError: there is no such function.
    """
    name, found = parse_function(region.place, given, qualifier)
    if name not in region.functions:
        raise not_found(f"Function not found: {region.place.function_arn(name, found)}")
    return region.functions[name], found


def find_version(region: Region, function: Function, qualifier: str | None) -> Version:
    """The version of a qualifier: a number, `$LATEST` (also None) or an alias, whose main version it is.

    Raises:
        LambdaError: there is no such version or alias.
    """
    alias = function.aliases.get(qualifier or LATEST)
    version = function.version(alias.version if alias else qualifier or LATEST)
    if version is None:
        raise not_found(f"Function not found: {region.place.function_arn(function.name, qualifier)}")
    return version


def check_settled(region: Region, function: Function) -> None:
    """Refuses to change a function while a change is going on.

    Raises:
        LambdaError: it is pending, or its last update is in progress.
    """
    now = region.tools.clock()
    if now < function.latest.usable_from:
        raise conflict(
            "The operation cannot be performed at this time. "
            "The function is currently in the following state: Pending"
        )
    if now < function.latest.settled_from:
        raise conflict(
            "The operation cannot be performed at this time. An update is in progress for resource: "
            f"{function.arn}"
        )


def check_revision(region: Region, version: Version, revision_id: str | None) -> None:
    """Refuses a change that was based on an earlier state.

    Raises:
        LambdaError: the RevisionId is not the version's.
    """
    if revision_id is not None and revision_id != version.revision_id(region.tools.clock()):
        raise stale("GetFunction/GetAlias")


def shown_version(
    region: Region, function: Function, version: Version, *, arn: str | None = None, fresh: bool = False
) -> Answer:
    """A version as operations give it.

    Args:
        region: where the function is.
        function: the function.
        version: one of its versions.
        arn: what `FunctionArn` says; by default the version's own, without a qualifier for `$LATEST`.
        fresh: whether the change was made by this very operation: then it goes on, however short it is.

    Returns:
        The members of `FunctionConfiguration`.
    """
    now = region.tools.clock()
    pending = now < version.usable_from or (fresh and version.settled_from == version.usable_from)
    updating = now < version.settled_from or fresh
    own_arn = function.arn if version.number == LATEST else f"{function.arn}:{version.number}"
    shown = {
        "FunctionName": function.name,
        "FunctionArn": arn or own_arn,
        "CodeSize": version.code.size,
        "CodeSha256": version.code.code_sha256,
        "LastModified": clock.written(version.modified),
        "Version": version.number,
        "RevisionId": version.revision_ids[0] if fresh else version.revision_id(now),
        "SnapStart": {"ApplyOn": version.configuration.snap_start, "OptimizationStatus": "Off"},
        "RuntimeVersionConfig": {"RuntimeVersionArn": _runtime_version(region, version)},
        **shown_configuration(version.configuration, function.name),
    }
    if pending:
        reason = {"StateReason": "The function is being created.", "StateReasonCode": "Creating"}
        return shown | {"State": "Pending"} | reason
    if updating:
        reason = {
            "LastUpdateStatusReason": "The function is being created.",
            "LastUpdateStatusReasonCode": "Creating",
        }
        return shown | {"State": "Active", "LastUpdateStatus": "InProgress"} | reason
    return shown | {"State": "Active", "LastUpdateStatus": "Successful"}


def publish_version(
    region: Region,
    *,
    function_name: str,
    code_sha256: str | None = None,
    description: str | None = None,
    revision_id: str | None = None,
) -> Answer:
    """PublishVersion; where nothing changed since the newest version, it gives that one."""
    function, _ = find_function(region, function_name)
    check_settled(region, function)
    check_revision(region, function.latest, revision_id)
    if code_sha256 is not None and code_sha256 != function.latest.code.code_sha256:
        raise invalid(
            f"CodeSHA256 ({code_sha256}) is different from current CodeSHA256 in $LATEST "
            f"({function.latest.code.code_sha256}). Please try again with the CodeSHA256 in $LATEST."
        )
    return publish_latest(region, function, description)


def publish_latest(region: Region, function: Function, description: str | None = None) -> Answer:
    """Publishes `$LATEST` unless the newest version was published from the same.

    Args:
        region: where the function is.
        function: what to publish.
        description: of the version; by default the function's.

    Returns:
        The new version, or the newest one.
    """
    newest = function.versions.get(max(function.versions, default=0))
    latest = function.latest
    if newest and newest.code == latest.code and newest.published_from == latest.configuration:
        return shown_version(region, function, newest)
    check_storage(region, latest.code.size)
    function.last_number += 1
    configuration = latest.configuration
    if description is not None:
        configuration = dataclasses.replace(configuration, description=description)
    version = dataclasses.replace(
        new_version(region, latest.code, configuration),
        number=str(function.last_number),
        modified=latest.modified,
        published_from=latest.configuration,
    )
    function.versions[function.last_number] = version
    return shown_version(region, function, version, fresh=True)


def list_versions_by_function(
    region: Region, *, function_name: str, marker: str | None = None, max_items: int | None = None
) -> Answer:
    """ListVersionsByFunction: `$LATEST`, then the published versions from the oldest to the newest."""
    function, _ = find_function(region, function_name)
    page, following = page_of(list(function.all_versions()), marker, max_items)
    shown = [
        shown_version(region, function, version, arn=f"{function.arn}:{version.number}") for version in page
    ]
    return {"Versions": shown, "NextMarker": following}


def _runtime_version(region: Region, version: Version) -> str:
    """An ARN of AWS's form; the version is the interpreter's, which is not one of AWS's images."""
    place = region.place
    return f"arn:{place.partition}:lambda:{place.region}::runtime:{version.configuration.runtime}-local"


OPERATIONS: Mapping[str, Callable[..., Answer]] = {
    "PublishVersion": publish_version,
    "ListVersionsByFunction": list_versions_by_function,
}
