"""The plan of a layer: what it will be, and its recipe; made once for the same wheels and options."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from ..cache import Cache
from ..cache.kinds import PLANS, format_of
from ..lock.selection import LockedWheel
from ..progress import SILENT, Progress
from ..target import Target
from ..wheel import facts
from . import identity
from . import options as choices
from .manifest import LayerPackage
from .options import LayerOptions
from .recipe import Recipe, RecipeError, from_bytes, to_bytes


class Plan(NamedTuple):
    """A layer before it is written.

    Attributes:
        key: of what it was made from; 64 hexadecimal digits.
        digest: of the layer.
        packages: sorted by name.
        files: how many there are.
        unzipped_size: of all of them, in bytes.
        recipe: of the zip.
        removed: what of the wheels is left out, as manifests have it: `path` (in the layer; that of a folder
            ends with `/`), `package`, `size` in bytes, `files`.
        uncompiled: sources without bytecode, where it was asked for: `path`, `package`, `reason`.
    """

    key: str
    digest: str
    packages: tuple[LayerPackage, ...]
    files: int
    unzipped_size: int
    recipe: Recipe
    removed: tuple[dict[str, Any], ...] = ()
    uncompiled: tuple[dict[str, Any], ...] = ()


def plan_of(
    wheels: Sequence[LockedWheel],
    target: Target,
    options: LayerOptions,
    cache: Cache,
    *,
    progress: Progress = SILENT,
) -> Plan:
    """Gives the plan of a layer, from the cache where it was made before.

    Args:
        wheels: all in the cache, in any order.
        target: what the layer is for.
        options: what else makes a difference; `settled` ones.
        cache: where wheels, facts and plans are kept.
        progress: told how far the compiling is.

    Raises:
        UserError: the wheels do not go together; all faults at once.
        FailureError: a wheel is gone or damaged, or the cache cannot be written.
    """
    ordered = sorted(wheels, key=lambda wheel: wheel.name)
    key = _key(ordered, target, options)
    kept = cache.read_bytes(PLANS, key)
    known = kept and _read(key, kept)
    if known and _is_whole(known, cache):
        return known
    from .planning import made  # noqa: PLC0415 (a warm build needs neither facts nor layout)

    plan = made(key, ordered, target, options, cache=cache, progress=progress)
    cache.write_bytes(PLANS, key, _written(plan))
    return plan


def _key(wheels: Sequence[LockedWheel], target: Target, options: LayerOptions) -> str:
    parts = [
        [format_of(PLANS), facts.FORMAT, identity.FORMAT, choices.FORMAT],
        target.as_json(),
        options.as_json(),
        [[wheel.name, wheel.version, wheel.filename, wheel.sha256] for wheel in wheels],
    ]
    return hashlib.sha256(json.dumps(parts, separators=(",", ":")).encode()).hexdigest()


def _written(plan: Plan) -> bytes:
    packages = [each.as_json() for each in plan.packages]
    head = [plan.digest, plan.files, plan.unzipped_size, packages, plan.removed, plan.uncompiled]
    return json.dumps(head, separators=(",", ":")).encode() + b"\n" + to_bytes(plan.recipe)


def _read(key: str, kept: bytes) -> Plan | None:
    """The plan that `_written` gave; None for anything else, which is then made anew."""
    head, _, rest = kept.partition(b"\n")
    try:
        digest, files, size, packages, removed, uncompiled = json.loads(head)
        recipe = from_bytes(rest)
    except (ValueError, RecipeError):
        return None
    found = tuple(LayerPackage(**each) for each in packages)
    return Plan(key, digest, found, files, size, recipe, tuple(removed), tuple(uncompiled))


def _is_whole(plan: Plan, cache: Cache) -> bool:
    """Whether what was made for this plan is still in the cache; its wheels have been seen to before."""
    return all(cache.has_source(source) for source in plan.recipe.sources if "/" in source)
