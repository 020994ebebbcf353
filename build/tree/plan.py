"""The plan of a layer: what it will be, and its recipe; made once for the same wheels and options."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from ..cache import Cache
from ..lock.selection import LockedWheel
from ..target import Target
from ..wheel import facts
from . import identity
from .manifest import LayerPackage
from .options import LayerOptions
from .recipe import Recipe, RecipeError, from_bytes, to_bytes

# Changes whenever the same wheels and options could give another plan.
_FORMAT = 1
_KIND = "plans"


@dataclass(frozen=True, slots=True)
class Plan:
    """A layer before it is written.

    Attributes:
        key: of what it was made from; 64 hexadecimal digits.
        digest: of the layer.
        packages: sorted by name.
        files: how many there are.
        unzipped_size: of all of them, in bytes.
        recipe: of the zip.
    """

    key: str
    digest: str
    packages: tuple[LayerPackage, ...]
    files: int
    unzipped_size: int
    recipe: Recipe


def plan_of(wheels: Sequence[LockedWheel], target: Target, options: LayerOptions, cache: Cache) -> Plan:
    """Gives the plan of a layer, from the cache where it was made before.

    Args:
        wheels: all in the cache, in any order.
        target: what the layer is for.
        options: what else makes a difference.
        cache: where wheels, facts and plans are kept.

    Raises:
        UserError: the wheels do not go together; all faults at once.
        FailureError: a wheel is gone or damaged, or the cache cannot be written.
    """
    ordered = sorted(wheels, key=lambda wheel: wheel.name)
    key = _key(ordered, target, options)
    kept = cache.read_bytes(_KIND, key)
    known = kept and _read(key, kept)
    if known:
        return known
    from .planning import made  # noqa: PLC0415 (a warm build needs neither facts nor layout)

    plan = made(key, ordered, target, options, cache)
    cache.write_bytes(_KIND, key, _written(plan))
    return plan


def _key(wheels: Sequence[LockedWheel], target: Target, options: LayerOptions) -> str:
    parts = [
        [_FORMAT, facts.FORMAT, identity.FORMAT],
        target.as_json(),
        options.as_json(),
        [[wheel.name, wheel.version, wheel.filename, wheel.sha256] for wheel in wheels],
    ]
    return hashlib.sha256(json.dumps(parts, separators=(",", ":")).encode()).hexdigest()


def _written(plan: Plan) -> bytes:
    head = [plan.digest, plan.files, plan.unzipped_size, [each.as_json() for each in plan.packages]]
    return json.dumps(head, separators=(",", ":")).encode() + b"\n" + to_bytes(plan.recipe)


def _read(key: str, kept: bytes) -> Plan | None:
    """The plan that `_written` gave; None for anything else, which is then made anew."""
    head, _, rest = kept.partition(b"\n")
    try:
        digest, files, size, packages = json.loads(head)
        recipe = from_bytes(rest)
    except (ValueError, RecipeError):
        return None
    return Plan(key, digest, tuple(LayerPackage(**each) for each in packages), files, size, recipe)
