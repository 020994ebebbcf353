"""The bill of materials beside a layer's zip: written with the layer, made once for each."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ..cache import Cache
from ..cache.kinds import SBOMS, format_of
from ..evidence import saw_status
from ..output import settle
from ..progress import SILENT, Progress
from ..target import Target
from ..tree.plan import Plan

SUFFIX = ".cdx.json"


def write_sbom(
    zip_path: Path, name: str, plan: Plan, target: Target, cache: Cache, *, progress: Progress = SILENT
) -> None:
    """Puts the bill of materials of a layer beside its zip, unless it is there.

    Args:
        zip_path: of the layer.
        name: the layer's.
        plan: of the layer.
        target: what the layer is for.
        cache: where the wheels are, and where it is kept: the library that makes it takes longer to load than
            a layer to write.
        progress: told how far the reading of the wheels' metadata is.

    Raises:
        FailureError: the folder or the cache cannot be written.
    """
    key = hashlib.sha256(f"{format_of(SBOMS)} {name} {plan.key}".encode()).hexdigest()
    content = cache.read_bytes(SBOMS, key)
    if content is None:
        total = len(plan.packages)
        with progress.stage("writing the bill of materials", total=total, unit="files") as stage:
            from .licences import notes_of  # noqa: PLC0415 (not for a warm build)
            from .sbom import sbom  # noqa: PLC0415 (as above)

            notes = {}
            for package in plan.packages:
                notes[package] = notes_of(cache.wheel_path(package.sha256))
                stage.advance(1)
            content = sbom(name, plan.digest, target, notes)
        cache.write_bytes(SBOMS, key, content)
    path = zip_path.with_suffix(SUFFIX)
    settle(path, content)
    saw_status(path)
