"""What this process runs: the digests of the layer and of the code, and the packages as they are found."""

from __future__ import annotations

import functools
import json
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

MANIFEST = "lamina.json"


class IdentityError(Exception):
    """A manifest is not where the layer or the code package has it."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The content that a process runs.

    Attributes:
        layer: the layer's digest, 64 hexadecimal digits.
        code: the code package's digest, likewise.
        packages: the names of the layer's packages, as its manifest lists them.
    """

    layer: str
    code: str
    packages: tuple[str, ...]


@functools.cache
def identity() -> Identity:
    """Reads both manifests, once a process.

    Returns:
        The identity of the running layer and code.

    Raises:
        IdentityError: a manifest is missing or lacks its digest.
    """
    layer = _manifest(_layer_root() / MANIFEST)
    code = _manifest(Path(__file__).resolve().parent.parent / MANIFEST)
    return Identity(
        layer=layer["digest"],
        code=code["digest"],
        packages=tuple(package["name"] for package in layer.get("packages", ())),
    )


@functools.cache
def installed_versions() -> dict[str, str | None]:
    """The version of each of the layer's packages, as the import system of this process finds it.

    Returns:
        Name to version; None for a package that the manifest names and nothing on the path provides.
    """
    return {name: _version(name) for name in identity().packages}


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _layer_root() -> Path:
    # Lambda mounts layers under /opt, but only privileged users can make that folder: so the
    # manifest is looked for beside the `python/` entry of the path, which is /opt/python in Lambda.
    for entry in sys.path:
        folder = Path(entry)
        if folder.name == "python" and (folder.parent / MANIFEST).is_file():
            return folder.parent
    raise IdentityError(f"no {MANIFEST} beside a python/ entry of the path: the function has no Lamina layer")


def _manifest(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise IdentityError(f"{path} cannot be read: {error}") from error
    if not isinstance(content, dict) or not isinstance(content.get("digest"), str):
        raise IdentityError(f"{path} names no digest")
    return content
