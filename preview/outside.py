"""What was changed outside of the stack, as a preview that begins with a refresh shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from drift import words
from drift.findings import REFRESH, Difference, Drift, NoPreviewError, found_in

from .changes import is_refresh_only, rewritten_steps
from .credentials import SECRET, is_telling
from .facts import Preview, Step
from .values import HIDDEN, NOT_KNOWN, UNKNOWN, has_secret, presentable, shortened

_LONGEST = 300
_TAKEN_OVER = "the refresh takes it over into the state"
# What a value of a shape that its property never has makes the sentences' functions raise.
_UNEXPECTED = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class Outside:
    """A resource that is not as the stack left it.

    Attributes:
        urn: its URN.
        subject: what it is, and what it is called in AWS.
        sentences: what happened to it.
        repair: what the next `up` does about it.
    """

    urn: str
    subject: str
    sentences: tuple[str, ...]
    repair: str


def changed_outside(preview: Preview) -> tuple[Outside, ...] | None:
    """What was changed outside; None where the preview did not look."""
    steps = preview.steps
    alone = is_refresh_only(steps)
    if alone:
        told = [shown for step in steps for shown in _found_alone(step)]
    else:
        rewritten = rewritten_steps(steps)
        told = [
            {**step.as_json(), **({"op": REFRESH} if index in rewritten else {})}
            for index, step in enumerate(steps)
        ]
    try:
        drifts = found_in({"steps": told})
    except NoPreviewError:
        return None
    found = sorted((_told(each) for each in drifts), key=lambda each: each.urn)
    return tuple(replace(each, repair=_TAKEN_OVER) if alone else each for each in found)


def _found_alone(step: Step) -> list[dict[str, Any]]:
    """What a refresh found, in the two steps that it is in where a program runs after it."""
    shown = step.as_json()
    if step.op not in {"update", "delete"}:
        return [shown]
    follows: dict[str, Any] = {"op": "update" if step.new else "create", "urn": step.urn.text}
    if step.new:
        follows["oldState"] = step.new.as_json()
    return [{**shown, "op": REFRESH}, follows]


def _told(drift: Drift) -> Outside:
    safe = replace(
        drift,
        state={name: _plain(value, name) for name, value in drift.state.items()},
        differences=tuple(_safe(each) for each in drift.differences if not _is_secret(each)),
    )
    hidden = [each for each in drift.differences if _is_secret(each)]
    try:
        sentences = words.changes(safe)
    except _UNEXPECTED:
        sentences = [f"its {'.'.join(each.path)} is another" for each in safe.differences]
    sentences += [f"its {'.'.join(each.path)}, which is secret, is another" for each in hidden]
    try:
        subject = words.subject(safe)
    except _UNEXPECTED:
        subject = f"{drift.type} {drift.name}"
    return Outside(
        drift.urn,
        shortened(subject, _LONGEST),
        tuple(shortened(each, _LONGEST) for each in sentences),
        words.repair(drift),
    )


def _is_secret(each: Difference) -> bool:
    if any(map(is_telling, each.path)) or any(has_secret(value) for value in (each.before, each.now)):
        return True
    safe = _safe(each)
    # What they differ in is not told, such as the password in a URL.
    return bool(safe.before == safe.now)


def _safe(each: Difference) -> Difference:
    return Difference(each.path, _plain(each.before, each.path[-1]), _plain(each.now, each.path[-1]))


def _plain(value: Any, name: str) -> Any:
    """A value without secrets, as plain JSON again."""
    return _without_marks(presentable(value, name))


def _without_marks(value: Any) -> Any:
    if value is HIDDEN or value is NOT_KNOWN:
        return SECRET if value is HIDDEN else UNKNOWN
    if isinstance(value, Mapping):
        return {name: _without_marks(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_without_marks(each) for each in value]
    return value
