"""Layers: publishing, reading, listing and deleting layer versions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from local.limits import CODE_STORAGE

from . import clock, sources
from .errors import LambdaError, invalid, not_found
from .names import parse_layer, parse_layer_version
from .paging import page_of
from .records import Layer, LayerVersion
from .store import Region

Answer = dict[str, Any]


def publish_layer_version(
    region: Region,
    *,
    layer_name: str,
    content: Mapping[str, Any],
    description: str = "",
    license_info: str | None = None,
    compatible_runtimes: tuple[str, ...] = (),
    compatible_architectures: tuple[str, ...] = (),
) -> Answer:
    """PublishLayerVersion: always a new version, whose number no earlier version of the layer had."""
    name = parse_layer(region.place, layer_name)
    archive = sources.read_archive(region.place, region.tools.archives, content, "PublishLayerVersion")
    check_storage(region, archive.size)
    layer = region.layers.setdefault(name, Layer(name))
    layer.last_number += 1
    layer_arn = region.place.layer_arn(name)
    version = LayerVersion(
        arn=f"{layer_arn}:{layer.last_number}",
        layer_arn=layer_arn,
        number=layer.last_number,
        archive=archive,
        created=region.tools.clock(),
        description=description,
        license_info=license_info,
        runtimes=tuple(compatible_runtimes),
        architectures=tuple(compatible_architectures),
    )
    layer.versions[version.number] = version
    return _shown(version) | {"Content": _content(region, version)}


def check_storage(region: Region, size: int) -> None:
    """Refuses code for which the region has no room.

    Raises:
        LambdaError: code and layers would be over the limit.
    """
    if region.code_size() + size > CODE_STORAGE:
        raise LambdaError("CodeStorageExceededException", "Code storage limit exceeded.")


def get_layer_version(region: Region, *, layer_name: str, version_number: int) -> Answer:
    """GetLayerVersion."""
    version = existing_layer_version(region, layer_name, version_number)
    return _shown(version) | {"Content": _content(region, version)}


def get_layer_version_by_arn(region: Region, *, arn: str) -> Answer:
    """GetLayerVersionByArn."""
    parsed = parse_layer_version(arn)
    if parsed is None or parsed[0] != region.place.region:
        raise not_found("The resource you requested does not exist.")
    return get_layer_version(region, layer_name=parsed[1], version_number=parsed[2])


def find_layer_version(region: Region, arn: str) -> LayerVersion | None:
    """Gives the layer version of an ARN that is in this region and not deleted, or None."""
    parsed = parse_layer_version(arn)
    if parsed is None:
        return None
    layer = region.layers.get(parsed[1])
    version = layer.versions.get(parsed[2]) if layer else None
    return version if version is not None and version.arn == arn else None


def list_layers(
    region: Region,
    *,
    compatible_runtime: str | None = None,
    compatible_architecture: str | None = None,
    marker: str | None = None,
    max_items: int | None = None,
) -> Answer:
    """ListLayers: each layer that still has a version, with its newest one that matches."""
    found = []
    for name in sorted(region.layers):
        matching = _matching(region.layers[name], compatible_runtime, compatible_architecture)
        if matching:
            found.append(
                {
                    "LayerName": name,
                    "LayerArn": region.place.layer_arn(name),
                    "LatestMatchingVersion": _listed(matching[0]),
                }
            )
    page, following = page_of(found, marker, max_items)
    return {"Layers": page, "NextMarker": following}


def list_layer_versions(
    region: Region,
    *,
    layer_name: str,
    compatible_runtime: str | None = None,
    compatible_architecture: str | None = None,
    marker: str | None = None,
    max_items: int | None = None,
) -> Answer:
    """ListLayerVersions, the newest first."""
    layer = region.layers.get(parse_layer(region.place, layer_name))
    matching = _matching(layer, compatible_runtime, compatible_architecture) if layer else []
    page, following = page_of(matching, marker, max_items)
    return {"LayerVersions": [_listed(version) for version in page], "NextMarker": following}


def delete_layer_version(region: Region, *, layer_name: str, version_number: int) -> Answer:
    """DeleteLayerVersion; functions that use the version keep it, and deleting it again is no error."""
    _check_number(version_number)
    layer = region.layers.get(parse_layer(region.place, layer_name))
    if layer is not None:
        layer.versions.pop(version_number, None)
        layer.policies.pop(version_number, None)
    return {}


def existing_layer_version(region: Region, given: str, number: int) -> LayerVersion:
    """Gives a layer version by the layer's name or ARN and its number.

    Raises:
        LambdaError: there is none.
    """
    _check_number(number)
    layer = region.layers.get(parse_layer(region.place, given))
    if layer is None or number not in layer.versions:
        raise not_found("The resource you requested does not exist.")
    return layer.versions[number]


def _check_number(number: int) -> None:
    if number < 1:
        raise invalid("Layer Version Cannot be less than 1.")


def _matching(layer: Layer, runtime: str | None, architecture: str | None) -> list[LayerVersion]:
    return [
        layer.versions[number]
        for number in sorted(layer.versions, reverse=True)
        if runtime in {None, *layer.versions[number].runtimes}
        and architecture in {None, *layer.versions[number].architectures}
    ]


def _listed(version: LayerVersion) -> Answer:
    return {
        "LayerVersionArn": version.arn,
        "Version": version.number,
        "Description": version.description,
        "CreatedDate": clock.written(version.created),
        "CompatibleRuntimes": list(version.runtimes) or None,
        "CompatibleArchitectures": list(version.architectures) or None,
        "LicenseInfo": version.license_info,
    }


def _shown(version: LayerVersion) -> Answer:
    return {"LayerArn": version.layer_arn, **_listed(version)}


def _content(region: Region, version: LayerVersion) -> Answer:
    return {
        "Location": region.tools.archives.location(version.archive),
        "CodeSha256": version.archive.code_sha256,
        "CodeSize": version.archive.size,
    }


OPERATIONS: Mapping[str, Callable[..., Answer]] = {
    "PublishLayerVersion": publish_layer_version,
    "GetLayerVersion": get_layer_version,
    "GetLayerVersionByArn": get_layer_version_by_arn,
    "ListLayers": list_layers,
    "ListLayerVersions": list_layer_versions,
    "DeleteLayerVersion": delete_layer_version,
}
