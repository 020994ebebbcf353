"""Lists layer versions, function versions and objects: one call a page, and no other."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator

from ..progress import Stage
from .cloud import Cloud, told
from .records import LATEST, FunctionVersion, Layer, LayerVersion, StoredObject, Usage


def find_layer(cloud: Cloud, name: str, stage: Stage | None = None) -> Layer | None:
    """A layer with its versions.

    Args:
        cloud: where.
        name: of the layer.
        stage: is told how many versions came.

    Returns:
        The layer; None where there is none of that name, or none of its versions is left.

    Raises:
        FailureError: AWS refuses.
    """
    arn, versions = "", []
    with told(f"the versions of the layer {name}"):
        try:
            for page in cloud.functions.get_paginator("list_layer_versions").paginate(LayerName=name):
                found = page.get("LayerVersions", ())
                _advance(stage, len(found))
                for each in found:
                    arn = arn or each["LayerVersionArn"].rpartition(":")[0]
                    created = _seconds(each["CreatedDate"])
                    versions.append(LayerVersion(each["Version"], each.get("Description", ""), created))
        except cloud.functions.exceptions.ResourceNotFoundException:
            return None
    return Layer(arn, tuple(versions)) if versions else None


def layer_names(cloud: Cloud) -> Iterator[str]:
    """The names of all layers of the region.

    Raises:
        FailureError: AWS refuses.
    """
    with told(f"the layers of {cloud.region}"):
        for page in cloud.functions.get_paginator("list_layers").paginate():
            yield from (each["LayerName"] for each in page.get("Layers", ()))


def function_versions(cloud: Cloud, layer_arn: str, stage: Stage | None = None) -> Iterator[FunctionVersion]:
    """Every version of every function of the region, `$LATEST` too.

    An alias points to one or two of these versions, so what none of them refers to, no alias refers to.

    Args:
        cloud: where.
        layer_arn: the layer whose versions are looked for, without a version.
        stage: is told how many came.

    Raises:
        FailureError: AWS refuses.
    """
    beginning = f"{layer_arn}:"
    with told(f"the functions of {cloud.region}"):
        pages = cloud.functions.get_paginator("list_functions").paginate(FunctionVersion="ALL")
        for page in pages:
            found = page.get("Functions", ())
            _advance(stage, len(found))
            for each in found:
                arns = (layer["Arn"] for layer in each.get("Layers", ()))
                number = each["Version"]
                yield FunctionVersion(
                    # Told once for each version: a thousand names, not ten thousand.
                    sys.intern(each["FunctionName"]),
                    int(number) if number.isdecimal() else LATEST,
                    _seconds(each["LastModified"]),
                    each["CodeSize"],
                    each["CodeSha256"],
                    tuple(int(arn[len(beginning) :]) for arn in arns if arn.startswith(beginning)),
                )


def objects(cloud: Cloud, bucket: str, prefix: str, stage: Stage | None = None) -> Iterator[StoredObject]:
    """The objects below a prefix.

    Raises:
        FailureError: S3 refuses.
    """
    with told(f"the bucket {bucket}"):
        pages = cloud.objects.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        for page in pages:
            found = page.get("Contents", ())
            _advance(stage, len(found))
            for each in found:
                modified = each["LastModified"].timestamp()
                yield StoredObject(bucket, each["Key"], each["Size"], modified, each["ETag"])


def usage(cloud: Cloud) -> Usage:
    """The region's code storage.

    Raises:
        FailureError: AWS refuses.
    """
    with told(f"the code storage of {cloud.region}"):
        found = cloud.functions.get_account_settings()
        return Usage(found["AccountUsage"]["TotalCodeSize"], found["AccountLimit"]["TotalCodeSize"])


def layer_size(cloud: Cloud, name: str, number: int) -> int | None:
    """The size of a layer version's zip in bytes, which no list tells; None where it has just gone.

    Raises:
        FailureError: AWS refuses.
    """
    with told(f"the layer version {name}:{number}"):
        try:
            found = cloud.functions.get_layer_version(LayerName=name, VersionNumber=number)
        except cloud.functions.exceptions.ResourceNotFoundException:
            return None
        return found["Content"]["CodeSize"]


def _advance(stage: Stage | None, count: int) -> None:
    if stage is not None:
        stage.advance(count)


def _seconds(text: str) -> float:
    """Lambda's `2026-11-23T11:02:17.123+0000` in seconds since 1970."""
    return dt.datetime.fromisoformat(text).timestamp()
