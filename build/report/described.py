"""What is known of a layer that is compared or shown: from its manifest, its zip or its lock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Package:
    """One package of a layer, as far as it is known.

    Attributes:
        name: normalised as PEP 503 says; an empty string for files that are no distribution's.
        version: as it is written; empty where it has none.
        size: of its files in the layer, in bytes; None where only a lock is known.
        files: how many those are.
        sha256: of its wheel, 64 hexadecimal digits; None where no wheel is known.
        locked: hashes of the files that it may be, as `algorithm:hex digits`, where only a lock is known.
        contents: path in the layer to what tells its content (CRC-32 and size), where the zip was read.
    """

    name: str
    version: str
    size: int | None = None
    files: int | None = None
    sha256: str | None = None
    locked: frozenset[str] | None = field(default=None, repr=False)
    contents: Mapping[str, tuple[int, int]] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Described:
    """A layer, as far as it is known.

    Attributes:
        label: what the user called it.
        packages: by name, sorted.
        digest: what it is: 64 hexadecimal digits.
        name: the layer's name.
        target: `runtime` and `architecture`.
        options: what else the digest is over.
        zip_sha256: of the zip's bytes.
        zip_size: in bytes.
        unzipped_size: in bytes.
        files: how many there are.
        removed: how many files were left out, and how many bytes those have.
    """

    label: str
    packages: Mapping[str, Package]
    digest: str | None = None
    name: str = "layer"
    target: Mapping[str, str] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    zip_sha256: str | None = None
    zip_size: int | None = None
    unzipped_size: int | None = None
    files: int | None = None
    removed: tuple[int, int] = (0, 0)


def from_manifest(content: Mapping[str, Any], label: str) -> Described:
    """A layer by the manifest beside its zip (see `tree.manifest.outer_manifest`).

    Raises:
        KeyError, TypeError, ValueError: it is none.
    """
    packages = {
        each["name"]: Package(
            name=_text(each["name"]),
            version=_text(each["version"]),
            size=_number(each.get("size", 0)),
            files=_number(each.get("files", 0)),
            sha256=_text(each["sha256"]),
        )
        for each in content["packages"]
    }
    removed = content.get("removed", [])
    options = content.get("options", {})
    if not isinstance(options, dict):
        raise TypeError(options)
    return Described(
        label=label,
        packages=dict(sorted(packages.items())),
        digest=_text(content["digest"]),
        name=_text(content["name"]),
        target={name: _text(content[name]) for name in ("runtime", "architecture")},
        options=options,
        zip_sha256=_text(content["zip_sha256"]),
        zip_size=_number(content["zip_size"]),
        unzipped_size=_number(content["unzipped_size"]),
        files=_number(content["files"]),
        removed=(
            sum(_number(each["files"]) for each in removed),
            sum(_number(each["size"]) for each in removed),
        ),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _number(value: object) -> int:
    if not isinstance(value, int) or not 0 <= value < 1 << 60:
        raise ValueError(value)
    return value
