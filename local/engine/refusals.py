"""Refusals: why a resource must not be replaced though its provider would."""

from __future__ import annotations

from .details import value_text
from .goal import Goal
from .plan import Difference
from .state import Resource
from .values import masked


def replacement_refusals(
    goal: Goal, new: Resource, old: Resource, difference: Difference
) -> list[tuple[str, str]]:
    """Why a resource must not be replaced: it is protected, or was imported and still asks for that.

    The order and the severities are the real engine's (pkg/resource/deploy/step_generator.go).

    Args:
        goal: what is wanted.
        new: the same, with inputs as its provider takes them.
        old: what there is.
        difference: between the two.

    Returns:
        The severity that a preview tells it with, and the reason, of each.
    """
    found = []
    if goal.protect and old.protect:
        protected = (
            f"unable to replace resource {goal.urn!r}: it is protected; remove `protect` in the program first"
        )
        found.append(("error", protected))
    if goal.import_id:
        before, after = masked(old.inputs), masked(new.inputs)
        differing = "".join(
            f"\n{key}: {value_text(before.get(key))} => {value_text(after.get(key))}"
            for key in difference.replaces
        )
        imported = (
            "what was imported and still has an `import_` cannot be replaced; remove it in the program first"
        )
        found.append(("warning", imported + differing))
    return found
