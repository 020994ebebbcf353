"""What the zip of a plan was when it was written first: a plan that gives other bytes tells of damage.

Packed streams are copied without a look into them, so a bit that flipped in a cached wheel would go on into
the layer. The zip's hash is known anyway, and the wheels were hashed before the plan was made.
"""

from __future__ import annotations

from ..cache import Cache
from ..cache.kinds import OUTCOMES, PLANS
from ..errors import DamagedError
from .archive import Written
from .plan import Plan


def check_outcome(plan: Plan, written: Written, cache: Cache) -> None:
    """Compares what was written with what the same plan gave before, or keeps it.

    Raises:
        DamagedError: it is something else.
    """
    known = cache.read_json(OUTCOMES, plan.key)
    if known is None:
        cache.write_json(OUTCOMES, plan.key, list(written))
    elif known != list(written):
        raise DamagedError(f"the zip of the layer {plan.digest[:12]} has other bytes than the last time")


def mend(plan: Plan, cache: Cache) -> tuple[str, ...]:
    """Finds what in the cache a plan failed by, and throws it away with the plan itself.

    Returns:
        What happened: a sentence for each wheel.
    """
    wheels = {package.sha256: package.wheel for package in plan.packages}
    # The wheels of the packages and, with bytecode, what else the zip is copied from.
    damaged = cache.damaged([*wheels, *plan.recipe.sources])
    # Last, because without them a damaged wheel would not be noticed if this process ended here.
    cache.forget(PLANS, plan.key)
    cache.forget(OUTCOMES, plan.key)
    return tuple(f"the cached {wheels.get(source, source)} was damaged, and is removed" for source in damaged)
