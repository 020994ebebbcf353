"""Manifests: the JSON files that lie beside layers and in them, read from disk."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from .errors import MistakeError
from .packages import Layer, layer_from

_LARGEST = 16 * 1024 * 1024


def read_manifests(paths: Sequence[Path]) -> list[Layer]:
    """The layers that manifests describe.

    Args:
        paths: `<name>-<digest>.json` beside a zip of `python -m build layer`, or a layer's `lamina.json`. The
            bills of materials there, which `*.json` stands for as well, are passed over.

    Raises:
        MistakeError: some are missing or are no manifests; all of them are named.
    """
    layers, faults = [], []
    for path in paths:
        try:
            layers += _read(path)
        except MistakeError as error:
            faults.append(str(error))
    if faults:
        raise MistakeError("; ".join(faults))
    return layers


def _read(path: Path) -> list[Layer]:
    try:
        with path.open("rb") as stream:
            content = json.loads(stream.read(_LARGEST))
    except OSError as error:
        raise MistakeError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise MistakeError(
            f"{path} is not JSON: give the manifest beside a layer's zip, or its lamina.json"
        ) from None
    if isinstance(content, dict) and "steps" in content:
        raise MistakeError(f"{path} is a preview and no manifest: give it before --base and --head")
    if isinstance(content, dict) and content.get("bomFormat") == "CycloneDX":
        return []
    layer = layer_from(content) if isinstance(content, dict) else Layer()
    if layer.packages is None or not layer.digest:
        raise MistakeError(f"{path} is no layer's manifest: it has no digest, or lists no packages")
    return [layer]
