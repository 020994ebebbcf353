"""From a lock to a finished layer: the wheels are selected, laid out, identified, and written once."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .cache import Cache
from .errors import DamagedError, UserError
from .evidence import saw_status
from .lock.selection import LockedWheel
from .output import replacing, settle
from .progress import SILENT, Progress
from .report.beside import write_sbom
from .resolve import is_known, question_of, wheels_for
from .target import Target
from .tree.archive import Written, follow
from .tree.manifest import BuiltLayer, outer_manifest, read_manifest
from .tree.options import DEFAULTS, LayerOptions, settled
from .tree.outcome import check_outcome, mend
from .tree.plan import Plan, plan_of

if TYPE_CHECKING:
    # Loaded only where there is one.
    from .remote.cache import RemoteCache


def build_layer(
    lock: Path,
    *,
    target: Target,
    name: str,
    output: Path,
    options: LayerOptions = DEFAULTS,
    cache: Cache | None = None,
    progress: Progress = SILENT,
    refresh: bool = False,
    require_hashes: bool = False,
    extras: Sequence[str] = (),
    groups: Sequence[str] = (),
    remote: RemoteCache | None = None,
    zip_wanted: bool = True,
) -> BuiltLayer:
    """Builds a layer, or finds it built.

    Args:
        lock: a requirements file, a `pylock.toml` or a `uv.lock`.
        target: what it is for.
        name: the layer's name, the beginning of its files' names.
        output: the folder that then holds `<name>-<digest>.zip`, its manifest (`.json`) and its bill of
            materials (CycloneDX, `.cdx.json`); it is made.
        options: what else makes a difference.
        cache: where wheels are kept; the environment's unless given.
        progress: told how far it is.
        refresh: ask the indexes again, though the answer for this lock is known.
        require_hashes: refuse a lock that does not tell the hash of everything it installs.
        extras: of a `pylock.toml` or `uv.lock`, those that are wanted.
        groups: dependency groups that are wanted beside a lock's default ones.
        remote: asked for the layer and its wheels first, and given them afterwards.
        zip_wanted: whether the zip is needed; if not, it is not fetched from the remote cache.

    Returns:
        The layer; the same lock, target and options give the same digest, and the same wheels the same bytes.

    Raises:
        UserError: the lock, the name or a wheel cannot be used, or the lock asks for nothing.
        FailureError: network, disk or cache failed; nothing is left half-written.
    """
    check_name(name)
    cache = cache or Cache.default()
    # Before anything is fetched: what cannot be compiled here need not be.
    options = settled(options, target, cache)

    def build() -> BuiltLayer:
        wheels = wheels_for(
            lock,
            target,
            cache,
            progress=progress,
            refresh=refresh,
            require_hashes=require_hashes,
            extras=extras,
            groups=groups,
        )
        if not wheels:
            raise UserError(
                f"{lock} asks for nothing for {target.runtime} on {target.architecture}, and an empty layer "
                "is of no use: check its markers, and whether it needs --extra or --group"
            )
        return assemble(
            wheels, target=target, name=name, output=output, options=options, cache=cache, progress=progress
        )

    with cache.in_use():
        if remote is None:
            return _mended(build)
        question = question_of(lock, target, require_hashes=require_hashes, extras=extras, groups=groups)
        inputs = remote.inputs_of(question, name=name, target=target, options=options)
        if not refresh and not is_known(question, cache):
            found = remote.recall(inputs, output, progress=progress, zip_wanted=zip_wanted)
            if found is not None:
                _saw(found)
                return found
        cache.remote = remote.wheels
        built = _mended(build)
        remote.keep(inputs, built, cache)
        return built


def assemble(
    wheels: Sequence[LockedWheel],
    *,
    target: Target,
    name: str,
    output: Path,
    options: LayerOptions,
    cache: Cache,
    progress: Progress = SILENT,
) -> BuiltLayer:
    """Builds a layer from wheels that are in the cache; else as `build_layer`.

    Raises:
        DamagedError: something in the cache was damaged or is gone; it is thrown away.
    """
    options = settled(options, target, cache)
    plan = plan_of(wheels, target, options, cache, progress=progress)
    zip_path = output / f"{name}-{plan.digest}.zip"
    written = _finished(zip_path, plan) or _written(zip_path, plan, cache, progress)
    built = BuiltLayer(
        name=name,
        digest=plan.digest,
        runtime=target.runtime,
        architecture=target.architecture,
        zip=zip_path,
        zip_sha256=written.sha256,
        zip_size=written.size,
        unzipped_size=plan.unzipped_size,
        files=plan.files,
        packages=plan.packages,
        removed=plan.removed,
        uncompiled=plan.uncompiled,
        manifest=zip_path.with_suffix(".json"),
    )
    settle(built.manifest, outer_manifest(built, options.as_json()))
    write_sbom(zip_path, name, plan, target, cache, progress=progress)
    _saw(built)
    return built


def _saw(built: BuiltLayer) -> None:
    saw_status(built.zip)
    saw_status(built.manifest)


def _mended(build: Callable[[], BuiltLayer]) -> BuiltLayer:
    """Builds; once more where something in the cache was damaged, which is gone then."""
    try:
        return build()
    except DamagedError as error:
        import logging  # noqa: PLC0415 (hardly ever needed)

        logging.getLogger(__name__).warning("%s; it is fetched or made again", error.what)
        return build()


def check_name(name: str) -> None:
    """Refuses what cannot be a layer's name.

    Raises:
        UserError: it is empty, too long, or has other characters than letters, digits, `-` and `_`
            (AWS Lambda API Reference, PublishLayerVersion, LayerName).
    """
    if not 0 < len(name) <= 64 or not name.isascii() or not name.replace("-", "").replace("_", "").isalnum():
        raise UserError(f"{name!r} cannot be a layer's name: use up to 64 letters, digits, - and _")


def _written(path: Path, plan: Plan, cache: Cache, progress: Progress) -> Written:
    try:
        with replacing(path) as stream:
            written = follow(plan.recipe, stream, cache.source_path, progress=progress)
            check_outcome(plan, written, cache)
    except DamagedError as error:
        raise DamagedError("; ".join(mend(plan, cache) or [error.what])) from error
    # A clock's tick is milliseconds long; a moment between two ticks tells any later change of the file.
    now = time.time_ns()
    os.utime(path, ns=(now, now))
    return written


def _finished(path: Path, plan: Plan) -> Written | None:
    """What the zip is if an earlier build of the same wheels left it whole."""
    manifest = read_manifest(path.with_suffix(".json"))
    if manifest is None or manifest.get("zip") != path.name or manifest.get("zip_size") != plan.recipe.size:
        return None
    # The same digest from other wheels may be packed differently, and the wheels decide the bytes.
    if [each.get("sha256") for each in manifest.get("packages", [])] != [
        each.sha256 for each in plan.packages
    ]:
        return None
    try:
        with path.open("rb", buffering=0) as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
            size = stream.tell()
    except OSError:
        return None
    return Written(found, size) if found == manifest.get("zip_sha256") else None
