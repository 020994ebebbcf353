"""A layer's two manifests: one inside it, which the digest determines, and one beside the zip."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ..target import Target

NAME = "lamina.json"
FORMAT = 1


class LayerPackage(NamedTuple):
    """One package of a layer.

    Attributes:
        name: normalised as PEP 503 says.
        version: as PEP 440 normalises it.
        wheel: the file name of the wheel that it came in.
        sha256: of that wheel, 64 hexadecimal digits.
        size: of its files in the layer, in bytes.
        files: how many those are.
    """

    name: str
    version: str
    wheel: str
    sha256: str
    size: int
    files: int

    def as_json(self) -> dict[str, str | int]:
        """The package as manifests have it."""
        return {
            "name": self.name,
            "version": self.version,
            "wheel": self.wheel,
            "sha256": self.sha256,
            "size": self.size,
            "files": self.files,
        }


class BuiltLayer(NamedTuple):
    """A finished layer.

    Attributes:
        name: as the caller named it.
        digest: what it is: 64 hexadecimal digits.
        runtime: Lambda's name of the runtime that it is for.
        architecture: `x86_64` or `arm64`.
        zip: where it lies.
        zip_sha256: of the zip's bytes, 64 hexadecimal digits.
        zip_size: of the zip, in bytes.
        unzipped_size: of all its files, in bytes.
        files: how many there are.
        packages: sorted by name.
        manifest: the JSON file beside the zip.
        removed: what of the wheels is left out; see `Plan`.
        uncompiled: the sources without bytecode, where it was asked for; see `Plan`.
    """

    name: str
    digest: str
    runtime: str
    architecture: str
    zip: Path
    zip_sha256: str
    zip_size: int
    unzipped_size: int
    files: int
    packages: tuple[LayerPackage, ...]
    manifest: Path
    removed: tuple[dict[str, Any], ...] = ()
    uncompiled: tuple[dict[str, Any], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """What the command line prints: everything but the manifest's own place."""
        return {
            "digest": self.digest,
            "name": self.name,
            "runtime": self.runtime,
            "architecture": self.architecture,
            "zip": str(self.zip),
            "zip_sha256": self.zip_sha256,
            "zip_size": self.zip_size,
            "unzipped_size": self.unzipped_size,
            "files": self.files,
            "packages": [each.as_json() for each in self.packages],
        }


def inner_manifest(
    digest: str, target: Target, options: dict[str, Any], packages: Sequence[LayerPackage]
) -> bytes:
    """The content of `lamina.json`, at the layer's root: only what the digest determines."""
    return _text(
        {
            "format": FORMAT,
            "digest": digest,
            "target": target.as_json(),
            "options": options,
            "packages": [{"name": each.name, "version": each.version} for each in packages],
        }
    )


def outer_manifest(built: BuiltLayer, options: dict[str, Any]) -> bytes:
    """The content of the file beside the zip: what was built, and what from. It names no folder."""
    content = {"format": FORMAT, **built.as_json(), "zip": built.zip.name, "options": options}
    if built.removed:
        content["removed"] = built.removed
    if built.uncompiled:
        content["uncompiled"] = built.uncompiled
    return _text(content)


def read_manifest(path: Path) -> dict[str, Any] | None:
    """The manifest of an earlier build, or None where there is none that can be used."""
    try:
        content = json.loads(path.read_bytes()) if path.is_file() else None
    except (OSError, ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) and content.get("format") == FORMAT else None


def _text(value: dict[str, Any]) -> bytes:
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode("utf-8")
