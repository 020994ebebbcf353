"""Reads off a preview what was changed outside: its first steps have the state, later ones what is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

REFRESH = "refresh"
# The steps by which a run brings a resource to what the program asks for.
REPAIRS = ("create", "update", "replace")
# What follows from another property that is told, or changes with every change.
_DERIVED = frozenset({"lastModified", "qualifiedArn", "qualifiedInvokeArn", "tagsAll"})


class NoPreviewError(ValueError):
    """What was read is not a preview in which drift could be seen; the message says why."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One property, or one entry of a property that is a mapping.

    Attributes:
        path: the names that lead to it, the property's first.
        before: what the state had; None where it had nothing.
        now: what is there; None where nothing is.
    """

    path: tuple[str, ...]
    before: Any
    now: Any


@dataclass(frozen=True, slots=True)
class Drift:
    """A resource that is not as the stack left it.

    Attributes:
        urn: its URN.
        type: its type's token, such as `aws:lambda/alias:Alias`.
        name: its name in the program.
        state: its properties as the state had them.
        deleted: whether it has gone.
        differences: what differs, if it is there.
        repair: what the next `up` does about it: `create`, `update` or `replace`.
    """

    urn: str
    type: str
    name: str
    state: Mapping[str, Any]
    deleted: bool
    differences: tuple[Difference, ...]
    repair: str


def found_in(preview: object) -> list[Drift]:
    """What was changed outside, in the preview's order.

    A preview lists each refreshed resource as the state had it. What the refresh found is the old state of
    the step that follows, and a resource that is to be created though the state had it was deleted
    (pkg/backend/display/json.go in pulumi/pulumi). What no step follows upon, no `up` changes.

    Args:
        preview: what `pulumi preview --json` printed, parsed.

    Raises:
        NoPreviewError: it is something else, or a preview that refreshed nothing.
    """
    steps = _steps(preview)
    states = {step["urn"]: step["oldState"] for step in steps if step["op"] == REFRESH and "oldState" in step}
    others = [step for step in steps if step["op"] != REFRESH]
    if not states and any("oldState" in step for step in others):
        raise NoPreviewError(
            "the preview has refreshed nothing, so it knows of no change from outside: pass --refresh to it, "
            "or write `refresh: always` under `options` in Pulumi.yaml"
        )
    relevant = [
        step for step in others if step["op"] in REPAIRS and states.get(step["urn"], {}).get("custom")
    ]
    drifts = [_drift(step, states[step["urn"]]) for step in relevant]
    return [each for each in drifts if each.deleted or each.differences]


def errors_of(preview: object) -> list[str]:
    """What went wrong in a preview, a line each: such a preview may not have seen all."""
    diagnostics = preview.get("diagnostics") if isinstance(preview, Mapping) else None
    return [
        " ".join(str(each.get("message", "")).split())
        for each in diagnostics or ()
        if each.get("severity") == "error"
    ]


def _steps(preview: object) -> Sequence[Mapping[str, Any]]:
    steps = preview.get("steps") if isinstance(preview, Mapping) else None
    if not isinstance(steps, list) or not all(
        isinstance(step, Mapping) and {"op", "urn"} <= step.keys() for step in steps
    ):
        raise NoPreviewError("this is not what `pulumi preview --json` prints: there are no steps in it")
    return steps


def _drift(step: Mapping[str, Any], before: Mapping[str, Any]) -> Drift:
    now = step.get("oldState")
    reasons = step.get("diffReasons") or ()
    return Drift(
        urn=step["urn"],
        type=before["type"],
        name=step["urn"].rpartition("::")[2],
        state=before.get("outputs", {}),
        deleted=now is None,
        differences=() if now is None else tuple(_differences(before, now, reasons)),
        repair=step["op"],
    )


def _differences(
    before: Mapping[str, Any], now: Mapping[str, Any], reasons: Sequence[str]
) -> Iterator[Difference]:
    # What only AWS decides may change as it likes, unless it is a reason of the step.
    names = {name for name in {*before.get("inputs", {}), *reasons} if not name.startswith("__")}
    old, new = before.get("outputs", {}), now.get("outputs", {})
    for name in sorted(names - _DERIVED):
        yield from _parts((name,), old.get(name), new.get(name))


def _parts(path: tuple[str, ...], before: Any, now: Any) -> Iterator[Difference]:
    """The difference of two values, entry by entry where both are mappings."""
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        for name in sorted({*before, *now}):
            yield from _parts((*path, name), before.get(name), now.get(name))
    elif before != now:
        yield Difference(path, before, now)
