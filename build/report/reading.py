"""Reading what is to be compared or shown: a manifest, a zip or a lock."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ..cache import Cache
from ..errors import FailureError, LaminaError, UserError
from ..progress import SILENT, Progress
from ..target import ARCHITECTURES, DEFAULT_ARCHITECTURE, RUNTIMES, Target
from ..tree.options import DEFAULTS, LayerOptions, settled
from .described import Described, Package, from_manifest

_ZIP = b"PK"


def is_lock(path: Path) -> bool:
    """Whether it is neither a manifest nor a zip, by its name and its first bytes.

    Raises:
        UserError: it cannot be read.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(len(_ZIP))
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}") from error
    return head != _ZIP and path.suffix not in {".zip", ".json"}


def describe_layer(path: Path) -> Described:
    """Finds out what can be known of a layer that was built.

    Args:
        path: its manifest (`.json`), beside which the zip may be, or its zip.

    Raises:
        UserError: it is neither.
        FailureError: it cannot be read.
    """
    if path.suffix == ".json":
        return with_contents(_from_manifest(path), path)
    from .zips import from_zip  # noqa: PLC0415 (only where there is one)

    return from_zip(path, str(path))


def zip_beside(path: Path) -> Path | None:
    """The zip that a layer's manifest stands beside, or the zip that was given; None where there is none."""
    if path.suffix == ".json":
        path = path.with_suffix(".zip")
    elif is_lock(path):
        return None
    return path if path.is_file() else None


def with_contents(layer: Described, manifest: Path) -> Described:
    """Adds to a layer what only its zip tells: the files of each package.

    Args:
        layer: by its manifest.
        manifest: beside which the zip may be.

    Returns:
        The layer as it is, where there is no such zip or it is not the one that the manifest is of.
    """
    archive = zip_beside(manifest)
    if archive is None:
        return layer
    from .zips import from_zip  # noqa: PLC0415 (only where there is one)

    try:
        inside = from_zip(archive, str(archive))
    except LaminaError:
        return layer
    if inside.zip_sha256 != layer.zip_sha256:
        return layer
    packages = {
        name: replace(each, contents=inside.packages[name].contents) if name in inside.packages else each
        for name, each in layer.packages.items()
    }
    return replace(layer, packages=packages)


def target_for(
    named: Mapping[str, str] | None, python: str | None = None, architecture: str | None = None
) -> Target | None:
    """The target that is given; what of it is not given is what a layer names.

    Args:
        named: `runtime` and `architecture` as a manifest has them; what Lambda does not know says nothing.
        python: given, `major.minor`.
        architecture: given; x86_64 where nothing names one.

    Returns:
        None where nothing says the Python.

    Raises:
        UserError: Lambda has no such Python or architecture as is given.
    """
    told = named or {}
    if python is None:
        runtime = told.get("runtime", "").removeprefix("python")
        python = runtime if runtime in RUNTIMES else None
    if architecture is None:
        processor = told.get("architecture", "")
        architecture = processor if processor in ARCHITECTURES else DEFAULT_ARCHITECTURE
    # An architecture that Lambda lacks is a mistake for whatever Python.
    target = Target(next(iter(RUNTIMES)) if python is None else python, architecture)
    return None if python is None else target


def describe_lock(
    path: Path,
    *,
    target: Target | None,
    options: LayerOptions = DEFAULTS,
    cache: Cache | None = None,
    progress: Progress = SILENT,
) -> Described:
    """Finds out what layer a lock gives, without writing it; or what it pins, where nobody says for what.

    Args:
        path: the lock.
        target: what it is read for; None for no target, which tells no more than its pins.
        options: what it is read with.
        cache: where its wheels are put.
        progress: told how far those are.

    Raises:
        UserError: the lock cannot be used.
        FailureError: its wheels cannot be fetched.
    """
    if target is None:
        from .pins import from_pins  # noqa: PLC0415 (as below)

        return from_pins(path)
    return _from_lock(path, target, options, cache or Cache.default(), progress)


def _from_manifest(path: Path) -> Described:
    try:
        return from_manifest(json.loads(path.read_bytes()), str(path))
    except OSError as error:
        raise FailureError(f"{path} cannot be read: {error.strerror or error}") from error
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise UserError(
            f"{path} is not a layer's manifest; give the .json beside its zip, the zip, or a lock"
        ) from error


def _from_lock(
    path: Path, target: Target, options: LayerOptions, cache: Cache, progress: Progress
) -> Described:
    from ..resolve import wheels_for  # noqa: PLC0415 (only where there is a lock)
    from ..tree.plan import plan_of  # noqa: PLC0415 (as above)

    wheels = wheels_for(path, target, cache, progress=progress)
    options = settled(options, target, cache)
    plan = plan_of(wheels, target, options, cache, progress=progress)
    return Described(
        label=str(path),
        packages={
            each.name: Package(each.name, each.version, each.size, each.files, each.sha256)
            for each in plan.packages
        },
        digest=plan.digest,
        target=target.as_json(),
        options=options.as_json(),
        zip_size=plan.recipe.size,
        unzipped_size=plan.unzipped_size,
        files=plan.files,
        removed=(sum(each["files"] for each in plan.removed), sum(each["size"] for each in plan.removed)),
    )
