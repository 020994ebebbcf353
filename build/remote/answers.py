"""A finished layer as the remote cache keeps it: written, and read as what a stranger wrote."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..tree.manifest import BuiltLayer, LayerPackage, outer_manifest
from ..wheel.filename import parse_filename
from ..wheel.names import shown
from .inputs import FORMAT, Inputs

_DIGEST = re.compile(r"[0-9a-f]{64}")
_PACKAGE = {"name": str, "version": str, "wheel": str, "sha256": str, "size": int, "files": int}


class PoisonedError(Exception):
    """What the remote cache gave is not what it should be; the text says how."""


def written(built: BuiltLayer, inputs: Inputs, sbom: str) -> bytes:
    """A layer as it is kept: its manifest and its bill of materials."""
    manifest = json.loads(outer_manifest(built, inputs.options.as_json()))
    seal = seal_of(manifest, sbom)
    return json.dumps({"format": FORMAT, "manifest": manifest, "sbom": sbom, "sha256": seal}).encode()


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
        # It is written as UTF-8.
        bill = json.loads(sbom.encode())
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise PoisonedError(f"it cannot be read ({type(error).__name__})") from error
    if not same or found.get("format") != FORMAT or not _is_plausible(built, inputs):
        raise PoisonedError("it is for another layer")
    strange = [each.name for each in built.packages if not _is_allowed(each, inputs)]
    if strange:
        raise PoisonedError(f"the lock does not allow its {shown(', '.join(strange))}")
    if not _is_bill_of(built, bill):
        raise PoisonedError("its bill of materials is another layer's")
    if found.get("sha256") != seal_of(manifest, sbom):
        raise PoisonedError("its bytes are not those that were put")
    return built, sbom


def seal_of(manifest: Mapping[str, Any], sbom: str) -> str:
    """Tells damage; whoever means harm can make another."""
    text = json.dumps([manifest, sbom], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


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
    name, version, _, _ = parse_filename(found["wheel"])
    if (name, str(version)) != (found["name"], found["version"]):
        raise ValueError(found)
    _count(found["size"])
    _count(found["files"])
    return LayerPackage(**found)


def _is_plausible(built: BuiltLayer, inputs: Inputs) -> bool:
    """Whether the options allow that files are missing, and sources without bytecode, where some are."""
    options = inputs.options
    pruned = bool(options.exclude) or options.slim
    return (pruned or not built.removed) and (options.bytecode or not built.uncompiled)


def _is_bill_of(built: BuiltLayer, bill: Any) -> bool:
    """Whether a bill of materials is of that layer, and of the very wheels that are in it."""
    try:
        digest = bill["metadata"]["component"]["version"]
        listed = [
            (each["name"], each["version"], each["hashes"][0]["content"]) for each in bill["components"]
        ]
        return digest == built.digest and sorted(listed) == sorted(
            (each.name, each.version, each.sha256) for each in built.packages
        )
    except (TypeError, KeyError, IndexError):
        return False


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
