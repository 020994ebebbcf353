"""The commands that change something: rollback, pin, unpin, canary, promote, abort."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .cloud import Cloud, LiveFunction
from .errors import ReleaseError, UserError
from .moves import Move, Moved, carry_out
from .settings_file import Changes, prepare
from .stack import CANARY, PIN, Stack
from .targets import rollback_target

LEAST, MOST = 1, 99


@dataclass(frozen=True, slots=True)
class Report:
    """What a command did.

    Attributes:
        answer: for programs.
        lines: the same for people.
        notes: what they should know besides.
        failure: what is not as it should be; empty where all is.
    """

    answer: Mapping[str, Any]
    lines: tuple[str, ...]
    notes: tuple[str, ...] = ()
    failure: str = ""


def rollback(
    stack: Stack, cloud: Cloud, *, function: str | None = None, to: str | None = None, dry_run: bool = False
) -> Report:
    """Moves the aliases to what was live before, then pins the functions there.

    Args:
        stack: whose.
        cloud: where.
        function: the only one to move, if not all.
        to: where instead: a set, or a version of that function.
        dry_run: whether it is only said.

    Raises:
        UserError: what was asked for is not there.
        ReleaseError: there is nothing to go back to; nothing has been moved.
    """
    functions = cloud.functions()
    target = rollback_target(cloud, functions, function, to)
    moves = [Move(each, target.versions[each.name]) for each in functions if each.name in target.versions]
    stay = [each.name for each in functions if each.name not in target.versions]
    notes = [*target.skipped]
    if stay and function is None and to is None:
        notes.append(f"{', '.join(stay)} had no release then, and stays where it is")
    changes: Changes = {
        **{f"{PIN}{name}": str(version) for name, version in target.versions.items()},
        CANARY: None,
    }
    return _moved(stack, cloud, _Intent(moves, changes, target.why, tuple(notes)), dry_run=dry_run)


def abort(stack: Stack, cloud: Cloud, *, dry_run: bool = False) -> Report:
    """Ends a canary: its share goes back to the pinned versions at once, and the pins stay.

    Raises:
        ReleaseError: AWS does not say what is live.
    """
    functions = cloud.functions()
    moves = [Move(each, each.version) for each in functions if each.weights]
    changes: Changes = {
        **{f"{PIN}{each.function.name}": str(each.to) for each in moves},
        CANARY: None,
    }
    why = "the canary ends" if moves or stack.canary else "there is no canary"
    return _moved(stack, cloud, _Intent(moves, changes, why), dry_run=dry_run)


def pin(stack: Stack, cloud: Cloud) -> Report:
    """Pins every function to what is live of it; moves nothing."""
    return _configured(stack, _pins(cloud.functions()))


def unpin(stack: Stack) -> Report:
    """Takes out all pins, and the canary that needs them."""
    return _configured(stack, {**{f"{PIN}{name}": None for name in stack.pins}, CANARY: None})


def canary(stack: Stack, cloud: Cloud, *, percent: int) -> Report:
    """Pins every function to what is live of it, and asks for a share of the traffic for the newest.

    Args:
        stack: whose.
        cloud: which says what is live.
        percent: the share, 1 to 99.

    Raises:
        UserError: it is no such share.
    """
    if not LEAST <= percent <= MOST:
        raise UserError(f"a canary takes {LEAST} to {MOST} percent of the traffic, not {percent}")
    return _configured(stack, {**_pins(cloud.functions()), CANARY: str(percent)})


def promote(stack: Stack) -> Report:
    """Takes out canary and pins, so that the next `up` moves all traffic to the newest versions."""
    return unpin(stack)


@dataclass(frozen=True, slots=True)
class _Intent:
    moves: Sequence[Move]
    changes: Changes
    why: str
    notes: tuple[str, ...] = field(default=())


def _pins(functions: Sequence[LiveFunction]) -> dict[str, str | None]:
    return {f"{PIN}{each.name}": str(each.version) for each in functions}


def _moved(stack: Stack, cloud: Cloud, intent: _Intent, *, dry_run: bool) -> Report:
    # What the disk may refuse is tried before anything is moved.
    prepared = prepare(stack.settings, intent.changes)
    if dry_run:
        prepared.drop()
        needed = tuple(each for each in intent.moves if each.needed)
        return _report(stack, intent, Moved(needed, {}), dry=True)
    try:
        moved = carry_out(cloud, intent.moves)
    except BaseException:
        prepared.drop()
        raise
    if moved.failed and not moved.done:
        prepared.drop()
        return _report(stack, intent, moved)
    try:
        # After a part has moved, too: the next `up` then finishes it instead of undoing it.
        prepared.put()
    except ReleaseError as error:
        return _report(stack, intent, moved, unwritten=f"the aliases have moved, but {error}")
    return _report(stack, intent, moved)


def _report(stack: Stack, intent: _Intent, moved: Moved, *, dry: bool = False, unwritten: str = "") -> Report:
    failures = [unwritten] if unwritten else []
    if moved.failed:
        done = ", ".join(each.function.name for each in moved.done) or "nothing"
        failed = "; ".join(f"{name} has not ({reason})" for name, reason in moved.failed.items())
        failures.append(f"{done} has moved; {failed}; run it again to finish")
    verb = "would move" if dry else "moved"
    lines = [f"{intent.why}: {verb} {len(moved.done)} of {len(intent.moves)} aliases"]
    lines += [f"  {move}" for move in moved.done]
    written = not unwritten and bool(moved.done or not moved.failed)
    if written:
        lines += _written(stack, intent.changes, dry=dry)
    answer = {
        "stack": stack.tag,
        "why": intent.why,
        "dryRun": dry,
        "moved": {each.function.name: {"from": each.function.version, "to": each.to} for each in moved.done},
        "failed": dict(moved.failed),
        "settings": dict(intent.changes) if written else {},
    }
    return Report(answer, tuple(lines), intent.notes, "; ".join(failures))


def _configured(stack: Stack, changes: Changes) -> Report:
    prepare(stack.settings, changes).put()
    lines = _written(stack, changes, dry=False) or [f"{stack.settings.name} says so already"]
    return Report({"stack": stack.tag, "settings": dict(changes)}, tuple(lines))


def _written(stack: Stack, changes: Changes, *, dry: bool) -> list[str]:
    different = {key: value for key, value in changes.items() if _said(stack, key) != value}
    verb = "would have" if dry else "has"
    return [
        f"{stack.settings.name} {verb} {f'no {key}' if value is None else f'{key} = {value}'}"
        for key, value in different.items()
    ]


def _said(stack: Stack, key: str) -> str | None:
    return str(stack.config[key]) if key in stack.config else None
