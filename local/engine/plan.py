"""What is to be done about a resource: decided from what it was, what is wanted, and how they differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from .goal import Goal
from .paths import Path, contains, parse
from .state import Resource
from .values import Properties, without_paths

# What stands for the initialisation errors of the last run among the properties that differ.
_INIT_ERROR = "#initerror"


class Op(Enum):
    """The kinds of steps, by the names that Pulumi's displays have for them."""

    SAME = "same"
    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    READ = "read"
    IMPORT = "import"
    REFRESH = "refresh"


@dataclass(frozen=True, slots=True)
class Difference:
    """How a resource differs from what is wanted, as its provider says.

    Attributes:
        changed: whether anything has to be done.
        keys: the properties that differ.
        replaces: those of them that cannot be changed in place.
        delete_first: whether a replacement can only be made once the original has gone.
        detailed: the path of each difference to its kind.
    """

    changed: bool = False
    keys: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    delete_first: bool = False
    detailed: Properties = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """One resource's step.

    Attributes:
        op: SAME, CREATE, UPDATE or REPLACE.
        delete_first: for REPLACE: whether the original goes before the replacement is made.
        difference: why.
    """

    op: Op
    delete_first: bool = False
    difference: Difference = field(default_factory=Difference)


def decide(goal: Goal, old: Resource, difference: Difference) -> Decision:
    """Chooses the step for a custom resource that is there.

    Args:
        goal: what is wanted.
        old: what there is.
        difference: between the two.
    """
    difference = with_forced(difference, goal.replace_on_changes, unfinished=bool(old.init_errors))
    if difference.replaces:
        wanted = goal.delete_before_replace
        first = difference.delete_first if wanted is None else wanted
        return Decision(Op.REPLACE, first, replace(difference, changed=True, delete_first=first))
    # What a provider could not finish is tried again, however equal it looks.
    if difference.changed or old.init_errors:
        return Decision(Op.UPDATE, difference=difference)
    return Decision(Op.SAME, difference=difference)


def with_forced(difference: Difference, forcing: Sequence[str], *, unfinished: bool = False) -> Difference:
    """The difference with what `replaceOnChanges` makes of it (`applyReplaceOnChanges` in step_generator.go).

    Args:
        difference: as the provider says.
        forcing: the paths of properties whose change shall replace the resource.
        unfinished: whether the resource was left with initialisation errors, which `*` takes for a change.
    """
    paths = [parse(each) for each in forcing]
    forced = [key for key in difference.keys if _is_forced(key, paths)]
    detailed = {path: _forced(path, each, paths) for path, each in difference.detailed.items()}
    if unfinished and _is_forced(_INIT_ERROR, paths):
        forced.append(_INIT_ERROR)
        if detailed:
            detailed[_INIT_ERROR] = {"kind": "update-replace", "inputDiff": False}
    replaces = tuple(dict.fromkeys([*difference.replaces, *forced]))
    return replace(difference, replaces=replaces, detailed=detailed)


def _forced(text: str, each: Properties, paths: Sequence[Path]) -> Properties:
    kind = each["kind"]
    return {**each, "kind": f"{kind.removesuffix('-replace')}-replace" if _is_forced(text, paths) else kind}


def _is_forced(text: str, paths: Sequence[Path]) -> bool:
    try:
        place = parse(text)
    except ValueError:
        # A provider's own way to write a path, which no path of a program leads to.
        return False
    return any(contains(path, place) for path in paths)


def decide_component(goal: Goal, old: Resource | None) -> Decision:
    """Chooses the step for a component, which has no provider: its inputs are compared as they are."""
    if old is None:
        return Decision(Op.CREATE)
    keys = changed_keys(old.inputs, goal.inputs)
    return Decision(Op.UPDATE, difference=Difference(True, keys)) if keys else Decision(Op.SAME)


def changed_keys(old: Properties, new: Properties) -> tuple[str, ...]:
    """The names of the properties that differ; assets differ by content alone."""
    before, after = without_paths(old), without_paths(new)
    return tuple(key for key in sorted({*before, *after}) if before.get(key) != after.get(key))
