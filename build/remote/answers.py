"""A finished layer as the remote cache keeps it: written, and read as what a stranger wrote."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..tree.manifest import BuiltLayer, LayerPackage, outer_manifest
from ..wheel.names import shown
from .inputs import FORMAT, Inputs

_DIGEST = re.compile(r"[0-9a-f]{64}")
_PACKAGE = {"name": str, "version": str, "wheel": str, "sha256": str, "size": int, "files": int}


class PoisonedError(Exception):
    """What the remote cache gave is not what it should be; the text says how."""


def written(built: BuiltLayer, inputs: Inputs, sbom: str) -> bytes:
    """A layer as it is kept: its manifest and its bill of materials."""
    manifest = json.loads(outer_manifest(built, inputs.options.as_json()))
    return json.dumps({"format": FORMAT, "manifest": manifest, "sbom": sbom}).encode()


def read(content: bytes, inputs: Inputs, output: Path) -> tuple[BuiltLayer, str]:
    """The layer that `written` wrote, and its bill of materials.

    Only what this version would have written itself is taken: the layer must be the one that was asked for,
    and every wheel in it one that the lock allows, if the lock names hashes.

    Args:
        content: what the remote cache gave.
        inputs: what was asked for.
        output: the folder where the layer will lie.

    Raises:
        PoisonedError: it is something else.
    """
    try:
        found = json.loads(content)
        manifest, sbom = found["manifest"], found["sbom"]
        built = _layer(manifest, inputs, output)
        same = json.loads(outer_manifest(built, inputs.options.as_json())) == manifest
        bill = json.loads(sbom)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise PoisonedError(f"it cannot be read ({type(error).__name__})") from error
    if not same or found.get("format") != FORMAT:
        raise PoisonedError("it is for another layer")
    if built.digest not in json.dumps(bill):
        raise PoisonedError("its bill of materials is another layer's")
    strange = [each.name for each in built.packages if not _is_allowed(each, inputs)]
    if strange:
        raise PoisonedError(f"the lock does not allow its {shown(', '.join(strange))}")
    return built, sbom


def _layer(manifest: Mapping[str, Any], inputs: Inputs, output: Path) -> BuiltLayer:
    """The layer of a manifest; what is wrong in it shows when it is written again."""
    digest = _checked_digest(manifest["digest"])
    zip_path = output / f"{inputs.name}-{digest}.zip"
    return BuiltLayer(
        name=inputs.name,
        digest=digest,
        runtime=inputs.target.runtime,
        architecture=inputs.target.architecture,
        zip=zip_path,
        zip_sha256=_checked_digest(manifest["zip_sha256"]),
        zip_size=_count(manifest["zip_size"]),
        unzipped_size=_count(manifest["unzipped_size"]),
        files=_count(manifest["files"]),
        packages=tuple(_package(each) for each in manifest["packages"]),
        manifest=zip_path.with_suffix(".json"),
        removed=tuple(_plain(each) for each in manifest.get("removed", ())),
        uncompiled=tuple(_plain(each) for each in manifest.get("uncompiled", ())),
    )


def _package(found: Mapping[str, Any]) -> LayerPackage:
    if {key: type(value) for key, value in found.items()} != _PACKAGE:
        raise ValueError(_PACKAGE)
    _checked_digest(found["sha256"])
    return LayerPackage(**found)


def _plain(found: Mapping[str, Any]) -> dict[str, Any]:
    if not all(isinstance(value, str | int) for value in found.values()):
        raise ValueError(found)
    return dict(found)


def _count(value: object) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(value)
    return value


def _checked_digest(value: str) -> str:
    if not _DIGEST.fullmatch(value):
        raise ValueError(value)
    return value


def _is_allowed(package: LayerPackage, inputs: Inputs) -> bool:
    return inputs.hashes is None or package.sha256 in inputs.hashes
