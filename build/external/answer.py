"""What Terraform is told of a layer."""

from __future__ import annotations

import json
from pathlib import Path

from ..console import counted, size_of
from ..tree.manifest import BuiltLayer, outer_manifest
from ..tree.options import LayerOptions
from .placing import Place, base64_of


def answer_of(
    built: BuiltLayer, options: LayerOptions, output: Path, place: Place | None, placed_sha256: str
) -> dict[str, str]:
    """The result of the data source, which a state keeps: it has nothing of the machine but the zip's folder.

    Args:
        built: the layer.
        options: with the interpreter that compiled it.
        output: the folder of the zip, as it was given.
        place: where in a bucket it lies, if anywhere.
        placed_sha256: of the bytes there; of the zip's where it lies in none.

    Returns:
        Strings, by the names that docs/terraform.md lists; sizes are in bytes.
    """
    return {
        "digest": built.digest,
        "zip": (output / built.zip.name).as_posix(),
        "zip_sha256_base64": base64_of(placed_sha256),
        "s3_bucket": place.bucket if place else "",
        "s3_key": place.key if place else "",
        "size": str(built.zip_size),
        "unzipped_size": str(built.unzipped_size),
        "runtime": built.runtime,
        "architecture": built.architecture,
        "manifest": _manifest(built, options),
        "summary": _summary(built),
    }


def _manifest(built: BuiltLayer, options: LayerOptions) -> str:
    """The manifest beside the zip, without what was left out, which can be long: a state keeps this."""
    short = built._replace(removed=(), uncompiled=())
    return json.dumps(json.loads(outer_manifest(short, options.as_json())), separators=(",", ":"))


def _summary(built: BuiltLayer) -> str:
    packages = counted(len(built.packages), "package")
    sizes = f"{size_of(built.zip_size)} zipped, {size_of(built.unzipped_size)} unzipped"
    return f"{built.digest[:12]} for {built.runtime} on {built.architecture}: {packages}, {sizes}"
