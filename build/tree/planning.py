"""Making a plan: the tree of the wheels' files, its digest, and the recipe of the zip."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

from ..cache import Cache
from ..lock.selection import LockedWheel
from ..progress import Progress
from ..target import Target
from .contents import contents_of
from .identity import Entry, digest
from .manifest import NAME, LayerPackage, inner_manifest
from .options import LayerOptions
from .placed import PlannedFile, ReadWheel
from .plan import Plan
from .recipe import recipe_of


def made(
    key: str,
    wheels: Sequence[LockedWheel],
    target: Target,
    options: LayerOptions,
    *,
    cache: Cache,
    progress: Progress,
) -> Plan:
    """Makes a plan; see `plan.plan_of`.

    Args:
        key: of the plan.
        wheels: sorted by name.
        target: what the layer is for.
        options: what else makes a difference.
        cache: where the wheels are.
        progress: told how far the hashing and the compiling are.

    Raises:
        DamagedError: a wheel is gone, or was damaged.
    """
    cache.check(wheels, progress=progress)
    read = [ReadWheel(wheel, cache.facts(wheel.sha256, wheel.filename)) for wheel in wheels]
    contents = contents_of(read, options, cache, progress=progress)
    files = contents.files
    packages = _packages(contents.wheels, files)
    entries = (Entry(file.path, file.executable, file.sha256) for file in files)
    found = digest(entries, {"target": target.as_json(), "options": options.as_json()})
    content = inner_manifest(found, target, options.as_json(), packages)
    files.insert(0, PlannedFile(NAME, False, hashlib.sha256(content).hexdigest(), None, None, content))
    size = sum(_size(file) for file in files)
    return Plan(
        key=key,
        digest=found,
        packages=packages,
        files=len(files),
        unzipped_size=size,
        recipe=recipe_of(files),
        removed=tuple(each._asdict() for each in contents.removed),
        uncompiled=tuple(each._asdict() for each in contents.uncompiled),
    )


def _size(file: PlannedFile) -> int:
    return len(file.content) if file.file is None else file.file.size


def _packages(read: Sequence[ReadWheel], files: Sequence[PlannedFile]) -> tuple[LayerPackage, ...]:
    sizes: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for file in files:
        sizes[file.package] += _size(file)
        counts[file.package] += 1
    return tuple(
        LayerPackage(
            name=each.wheel.name,
            version=each.wheel.version,
            wheel=each.wheel.filename,
            sha256=each.wheel.sha256,
            size=sizes[each.wheel.name],
            files=counts[each.wheel.name],
        )
        for each in read
    )
