"""Steps as people think of them: what is made, changed, replaced or deleted, and which of it by design."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from enum import Enum

from .facts import Preview, Step
from .kinds import held_by, is_remade_by_design
from .urns import Urn


class Act(Enum):
    """What happens to a resource, the gravest first."""

    REPLACE = "replaced"
    DELETE = "deleted"
    UPDATE = "updated"
    CREATE = "created"
    IMPORT = "imported"
    FORGET = "forgotten"
    OTHER = "changed in a way of its own"


# pkg/resource/deploy/step.go in pulumi/pulumi. A replacement also shows as two halves where it was asked for
# with --show-replacement-steps.
_ACTS: Mapping[str, Act] = {
    "create": Act.CREATE,
    "update": Act.UPDATE,
    "delete": Act.DELETE,
    "replace": Act.REPLACE,
    "create-replacement": Act.REPLACE,
    "delete-replaced": Act.REPLACE,
    "import": Act.IMPORT,
    "import-replacement": Act.REPLACE,
    "read-replacement": Act.REPLACE,
    "discard": Act.FORGET,
    "discard-replaced": Act.REPLACE,
    "remove-pending-replace": Act.REPLACE,
}
# What changes nothing.
_STILL = frozenset({"same", "refresh", "read", "diff", "extend-parameterize"})
# What the program asks for of a resource that a refresh has looked at.
_FOLLOWING = frozenset({"create", "update", "replace", "same"})
# A name that ends in a digest: what has another content has another name.
_DIGEST_NAME = re.compile(r"(.+?)-[0-9a-f]{32,128}")
_Succession = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class ResourceChange:
    """What happens to one resource.

    Attributes:
        act: what happens.
        step: the engine's word on it.
        by_design: whether it is how such resources change, so that nobody has to look at it.
        succeeded: whether another of the same kind comes in the place of one that goes.
    """

    act: Act
    step: Step
    by_design: bool = False
    succeeded: bool = False

    @property
    def urn(self) -> Urn:
        """The resource's."""
        return self.step.urn

    @property
    def is_custom(self) -> bool:
        """Whether a provider manages it: components are only names for what is below them."""
        return self.step.state.custom and not self.urn.is_stack

    @property
    def is_leftover(self) -> bool:
        """Whether an earlier run replaced it, and this one deletes what is left of it."""
        return self.act is Act.DELETE and self.step.old is not None and self.step.old.pending

    @property
    def is_retained(self) -> bool:
        """Whether what the stack lets go of stays where it is."""
        old = self.step.old
        return old is not None and (old.retain or old.inputs.get("skipDestroy") is True)

    @property
    def is_changed_import(self) -> bool:
        """Whether it is imported, and then brought to what the program asks for."""
        return self.act is Act.IMPORT and self.step.old is not None

    @property
    def fate(self) -> str:
        """What happens to it in a word or two, which does not frighten where it is by design."""
        if self.act is Act.REPLACE and self.by_design:
            return "replaced by design"
        if self.is_changed_import:
            return "imported and updated"
        if self.act is Act.DELETE and self.by_design:
            return "superseded" if self.succeeded else "cleared away" if self.is_leftover else "let go of"
        return self.act.value

    @property
    def holds(self) -> str:
        """What goes with it: `what is in it`; empty where nothing does."""
        if self.is_custom and self.step.old is not None and not self.is_retained:
            return held_by(self.step.type)
        return ""


def changes_in(preview: Preview) -> tuple[ResourceChange, ...]:
    """What happens to which resource; of what stays the same, nothing.

    In the order of their URNs: the engine does many things at once, so its order is another one each time,
    and the comment of a push that changes nothing would be another one, too.
    """
    steps = _single(program_steps(preview.steps))
    made, gone = (_successions(steps, op) for op in ("create", "delete"))
    steps.sort(key=lambda step: (step.urn.text, step.op))
    return tuple(_change(step, made & gone) for step in steps)


def _successions(steps: Sequence[Step], op: str) -> set[_Succession]:
    """What comes or goes of what is named by its content."""
    return {found for step in steps if step.op == op and (found := _succession(step))}


def program_steps(steps: Sequence[Step]) -> list[Step]:
    """The steps that are not a refresh's, of resources of the program: providers are not."""
    if is_refresh_only(steps):
        return []
    rewritten = rewritten_steps(steps)
    return [
        step
        for index, step in enumerate(steps)
        if step.op not in _STILL
        and not step.urn.type.startswith("pulumi:providers:")
        and index not in rewritten
    ]


def is_refresh_only(steps: Iterable[Step]) -> bool:
    """Whether no program ran, as in `pulumi refresh --preview-only`: otherwise the stack has another step."""
    stacks = {step.op for step in steps if step.urn.is_stack}
    return stacks == {"refresh"}


def rewritten_steps(steps: Sequence[Step]) -> AbstractSet[int]:
    """The places of steps that say what a refresh found, and not what the program asks for.

    Where a refresh found something, the engine may rewrite its step to `update` or `delete`; then the
    program's own step on the same resource follows (pkg/backend/display/json.go in pulumi/pulumi).
    """
    last = {step.urn: index for index, step in enumerate(steps) if step.op in _FOLLOWING}
    return {
        index
        for index, step in enumerate(steps)
        if step.op in {"update", "delete"}
        and index < last.get(step.urn, 0)
        and not (step.old is not None and step.old.pending)
    }


def _single(steps: list[Step]) -> list[Step]:
    """One step for each resource; leftovers stand for themselves.

    The halves of a replacement are one. What is imported and then updated is imported, with what the update
    changes: the import has no old state, and what is there is that of the update.
    """
    found: dict[tuple[str, bool], Step] = {}
    for step in steps:
        leftover = step.op == "delete" and step.old is not None and step.old.pending
        key = (step.urn.text, leftover)
        if key not in found or step.op == "replace" or found[key].new is None:
            found[key] = step
        elif found[key].op == "import" and step.op == "update":
            found[key] = replace(step, op="import")
    return list(found.values())


def _change(step: Step, successions: set[_Succession]) -> ResourceChange:
    act = _ACTS.get(step.op, Act.OTHER)
    change = ResourceChange(act, step)
    if act is Act.REPLACE:
        reasons = step.replacing or step.differing
        design = is_remade_by_design(step.type, reasons, retained=change.is_retained)
        return ResourceChange(act, step, by_design=design or not change.is_custom)
    if act is Act.DELETE:
        succeeded = _succession(step) in successions
        design = change.is_leftover or change.is_retained or succeeded
        return ResourceChange(act, step, by_design=design, succeeded=succeeded)
    return ResourceChange(act, step, by_design=True)


def _succession(step: Step) -> _Succession | None:
    """Parent, type and name without its digest, of what is named by its content; else None."""
    match = _DIGEST_NAME.fullmatch(step.urn.name)
    return (step.state.parent, step.urn.qualified, match[1]) if match else None
