"""Making a plan: the tree of the wheels' files, its digest, and the recipe of the zip."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

from ..cache import Cache
from ..lock.selection import LockedWheel
from ..target import Target
from .identity import Entry, digest
from .layout import SITE, PlannedFile, ReadWheel, layer_files
from .manifest import NAME, LayerPackage, inner_manifest
from .options import LayerOptions
from .plan import Plan
from .recipe import recipe_of


def made(
    key: str, wheels: Sequence[LockedWheel], target: Target, options: LayerOptions, cache: Cache
) -> Plan:
    """Makes a plan; see `plan.plan_of`.

    Args:
        key: of the plan.
        wheels: sorted by name.
        target: what the layer is for.
        options: what else makes a difference.
        cache: where the wheels are.
    """
    read = [ReadWheel(wheel, cache.facts(wheel.sha256, wheel.filename)) for wheel in wheels]
    files = layer_files(read, options.prefer)
    packages = _packages(read, files)
    entries = (Entry(file.path, file.executable, file.sha256) for file in files)
    found = digest(entries, {"target": target.as_json(), "options": options.as_json()})
    content = inner_manifest(found, target, options.as_json(), packages)
    files.insert(0, PlannedFile(NAME, False, hashlib.sha256(content).hexdigest(), None, None, content))
    size = sum(_size(file) for file in files)
    return Plan(key, found, packages, len(files), size, recipe_of(files))


def _size(file: PlannedFile) -> int:
    return len(file.content) if file.file is None else file.file.size


def _packages(read: Sequence[ReadWheel], files: Sequence[PlannedFile]) -> tuple[LayerPackage, ...]:
    owners = {SITE + each.facts["record"]: each.wheel.sha256 for each in read}
    sizes: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for file in files:
        owner = file.wheel or owners.get(file.path, "")
        sizes[owner] += _size(file)
        counts[owner] += 1
    return tuple(
        LayerPackage(
            name=each.wheel.name,
            version=each.wheel.version,
            wheel=each.wheel.filename,
            sha256=each.wheel.sha256,
            size=sizes[each.wheel.sha256],
            files=counts[each.wheel.sha256],
        )
        for each in read
    )
