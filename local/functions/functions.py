"""Functions: creating, reading, changing, listing and deleting them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from . import sources
from .archives import Archive
from .configuration import changed_configuration, check_size, new_configuration
from .errors import conflict, invalid
from .layers import check_storage
from .names import LATEST, check_new_function, parse_function
from .paging import page_of
from .records import Function, Version
from .store import Region
from .tags import check_tags
from .versions import (
    changed_version,
    check_revision,
    check_settled,
    find_function,
    find_version,
    new_version,
    publish_latest,
    shown_version,
)

Answer = dict[str, Any]


def create_function(
    region: Region,
    *,
    function_name: str,
    code: Mapping[str, Any],
    publish: bool = False,
    tags: Mapping[str, str] | None = None,
    **settings: Any,
) -> Answer:
    """CreateFunction."""
    name, _ = parse_function(region.place, function_name)
    check_new_function(name)
    if name in region.functions:
        raise conflict(f"Function already exist: {name}")
    check_tags(tags or {})
    configuration = new_configuration(region, settings)
    archive = sources.read_archive(region.place, region.tools.archives, code, "CreateFunction")
    check_size(configuration, archive.unzipped_size)
    check_storage(region, archive.size)
    latest = new_version(region, archive, configuration)
    function = Function(
        name=name,
        arn=region.place.function_arn(name),
        latest=latest,
        last_number=region.last_numbers.get(name, 0),
        tags=dict(tags or {}),
    )
    region.functions[name] = function
    if publish:
        return publish_latest(region, function)
    return shown_version(region, function, latest, fresh=True)


def get_function(region: Region, *, function_name: str, qualifier: str | None = None) -> Answer:
    """GetFunction: configuration, where the code can be downloaded, tags and reserved concurrency."""
    function, found = find_function(region, function_name, qualifier)
    version = find_version(region, function, found)
    shown: Answer = {
        "Configuration": _shown(region, function, version, found),
        "Code": {"RepositoryType": "S3", "Location": region.tools.archives.location(version.code)},
        "Tags": dict(function.tags) or None,
    }
    if function.reserved is not None:
        shown["Concurrency"] = {"ReservedConcurrentExecutions": function.reserved}
    return shown


def get_function_configuration(region: Region, *, function_name: str, qualifier: str | None = None) -> Answer:
    """GetFunctionConfiguration."""
    function, found = find_function(region, function_name, qualifier)
    return _shown(region, function, find_version(region, function, found), found)


def update_function_code(
    region: Region,
    *,
    function_name: str,
    architectures: list[str] | None = None,
    publish: bool = False,
    dry_run: bool = False,
    revision_id: str | None = None,
    zip_file: bytes | None = None,
    s3_bucket: str | None = None,
    s3_key: str | None = None,
    s3_object_version: str | None = None,
) -> Answer:
    """UpdateFunctionCode; a dry run checks everything and changes nothing."""
    function, _ = find_function(region, function_name)
    source = {
        "ZipFile": zip_file,
        "S3Bucket": s3_bucket,
        "S3Key": s3_key,
        "S3ObjectVersion": s3_object_version,
    }
    given = {name: value for name, value in source.items() if value is not None}
    settings = {} if architectures is None else {"architectures": architectures}
    configuration = changed_configuration(region, function.latest.configuration, settings)
    archive = sources.read_archive(region.place, region.tools.archives, given, "UpdateFunctionCode")
    check_size(configuration, archive.unzipped_size)
    check_storage(region, archive.size)
    check_settled(region, function)
    check_revision(region, function.latest, revision_id)
    after = changed_version(region, function.latest, archive, configuration)
    if not dry_run:
        return _replace(region, function, after, publishing=publish)
    return shown_version(region, function, after)


def update_function_configuration(
    region: Region, *, function_name: str, revision_id: str | None = None, **settings: Any
) -> Answer:
    """UpdateFunctionConfiguration: what is not given stays as it is."""
    function, _ = find_function(region, function_name)
    configuration = changed_configuration(region, function.latest.configuration, settings)
    code: Archive = function.latest.code
    check_size(configuration, code.unzipped_size)
    check_settled(region, function)
    check_revision(region, function.latest, revision_id)
    return _replace(region, function, changed_version(region, function.latest, code, configuration))


def delete_function(region: Region, *, function_name: str, qualifier: str | None = None) -> Answer:
    """DeleteFunction: with a version's number that version, else the function with all that is its own."""
    function, found = find_function(region, function_name, qualifier)
    if found is None:
        del region.functions[function.name]
        region.last_numbers[function.name] = function.last_number
        for version in function.all_versions():
            region.tools.forget(version.deployment)
        return {"StatusCode": 204}
    if found == LATEST:
        raise invalid("$LATEST version cannot be deleted without deleting the function.")
    if not found.isdecimal():
        raise invalid("Deletion of aliases is not currently supported.")
    _delete_version(region, function, int(found))
    return {"StatusCode": 204}


def list_functions(
    region: Region,
    *,
    function_version: str | None = None,
    master_region: str | None = None,
    marker: str | None = None,
    max_items: int | None = None,
) -> Answer:
    """ListFunctions; with `FunctionVersion` ALL every version of every function."""
    if master_region is not None:
        raise invalid("The local Lambda service does not serve ListFunctions with MasterRegion")
    every = function_version is not None
    numbers = [
        (function, number)
        for _, function in sorted(region.functions.items())
        for number in (LATEST, *(function.versions if every else ()))
    ]
    page, following = page_of(numbers, marker, max_items)
    shown = [
        shown_version(
            region,
            function,
            function.latest if number == LATEST else function.versions[int(number)],
            arn=f"{function.arn}:{number}" if every else None,
        )
        for function, number in page
    ]
    return {"Functions": shown, "NextMarker": following}


def _shown(region: Region, function: Function, version: Version, qualifier: str | None) -> Answer:
    arn = f"{function.arn}:{qualifier}" if qualifier else function.arn
    return shown_version(region, function, version, arn=arn)


def _replace(region: Region, function: Function, after: Version, *, publishing: bool = False) -> Answer:
    region.tools.forget(function.latest.deployment)
    function.latest = after
    if publishing:
        return publish_latest(region, function)
    return shown_version(region, function, after, fresh=True)


def _delete_version(region: Region, function: Function, number: int) -> None:
    named = sorted(
        alias.name for alias in function.aliases.values() if str(number) in {alias.version, *alias.weights}
    )
    if named:
        raise conflict(
            f"Unable to delete version because the following aliases reference it: [{', '.join(named)}]"
        )
    version = function.versions.pop(number, None)
    if version is None:
        return  # no error on AWS either
    for belongings in (function.policies, function.event_invokes, function.provisioned):
        belongings.pop(str(number), None)
    region.tools.forget(version.deployment)


OPERATIONS: Mapping[str, Callable[..., Answer]] = {
    "CreateFunction": create_function,
    "GetFunction": get_function,
    "GetFunctionConfiguration": get_function_configuration,
    "UpdateFunctionCode": update_function_code,
    "UpdateFunctionConfiguration": update_function_configuration,
    "DeleteFunction": delete_function,
    "ListFunctions": list_functions,
}
