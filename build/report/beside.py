"""The bill of materials beside a layer's zip: written with the layer, made once for each."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ..cache import Cache
from ..cache.kinds import SBOMS, format_of
from ..output import replacing
from ..target import Target
from ..tree.plan import Plan

SUFFIX = ".cdx.json"


def write_sbom(zip_path: Path, name: str, plan: Plan, target: Target, cache: Cache) -> None:
    """Puts the bill of materials of a layer beside its zip, unless it is there.

    Args:
        zip_path: of the layer.
        name: the layer's.
        plan: of the layer.
        target: what the layer is for.
        cache: where the wheels are, and where it is kept: the library that makes it takes longer to load than
            a layer to write.

    Raises:
        FailureError: the folder or the cache cannot be written.
    """
    key = hashlib.sha256(f"{format_of(SBOMS)} {name} {plan.key}".encode()).hexdigest()
    content = cache.read_bytes(SBOMS, key)
    if content is None:
        from .licences import notes_of  # noqa: PLC0415 (not for a warm build)
        from .sbom import sbom  # noqa: PLC0415 (as above)

        notes = {package: notes_of(cache.wheel_path(package.sha256)) for package in plan.packages}
        content = sbom(name, plan.digest, target, notes)
        cache.write_bytes(SBOMS, key, content)
    path = zip_path.with_suffix(SUFFIX)
    try:
        if path.read_bytes() == content:
            return
    except OSError:
        pass
    with replacing(path) as stream:
        stream.write(content)
