"""Whether what changes goes live, and only after its smoke test."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .caution import Caution, Level, listed, named
from .changes import Act, ResourceChange
from .facts import Preview, Step
from .kinds import ALIAS, FUNCTION, INVOCATION, PYTHON_FUNCTION
from .markdown import code
from .values import presentable

_PIN = re.compile(r"[^:]+:pin\.(.+)")
# What changes no version: Lambda publishes none for it.
_UNPUBLISHED = frozenset({"tags", "tagsAll", "reservedConcurrentExecutions", "lastModified", "publish"})


def pinned(preview: Preview, changes: Sequence[ResourceChange]) -> Iterator[Caution]:
    """Functions that change while their pin holds live traffic where it is."""
    pins = {match[1]: value for key, value in preview.config.items() if (match := _PIN.fullmatch(key))}
    share = next((value for key, value in preview.config.items() if key.endswith(":canary")), "")
    functions = {change.urn.name for change in changes if change.urn.type in {FUNCTION, PYTHON_FUNCTION}}
    held = {name: version for name, version in sorted(pins.items()) if name in functions}
    if not held:
        return
    named_pins = listed([f"{code(name)} to version {code(version)}" for name, version in held.items()])
    if share and share != "0":
        text = (
            f"**canary**: {named_pins} stay pinned, and {code(share)} percent of the calls go to what is new"
        )
    else:
        text = f"**pinned**: {named_pins}: what changes there does not go live"
    yield Caution(Level.WARNING, "pin", text)


def untested(preview: Preview, changes: Sequence[ResourceChange]) -> Iterator[Caution]:
    """Functions that get a new version which no smoke test asks before it can go live."""
    known = [step for step in preview.steps if step.type == INVOCATION]
    asked = {name for step in known for name in _function_names(step)}
    runs = [c.step for c in changes if c.urn.type == INVOCATION and c.act is not Act.DELETE]
    run = {name for step in runs for name in _function_names(step)}
    moved = {name for c in changes if c.urn.type == ALIAS for name in _function_names(c.step)}
    for change in changes:
        if (
            change.urn.type != FUNCTION
            or change.act not in {Act.UPDATE, Act.REPLACE}
            or not _publishes(change.step)
        ):
            continue
        name = _text(change.step.state.inputs.get("name")) or change.urn.name
        tested = name in run or (bool(runs) and not all(_function_names(step) for step in runs))
        # Of stacks that have no smoke tests at all, it goes without saying.
        if not tested and (name in asked or PYTHON_FUNCTION in change.urn.qualified.split("$")):
            live = "its alias moves to it untested" if name in moved else "nothing moves to its new version"
            text = f"**no smoke test** will ask the new version of {named(change)}: {live}"
            yield Caution(Level.WARNING, "smoke", text, change.urn.text)


def _function_names(step: Step) -> set[str]:
    """The functions that an invocation or an alias is about; none where that is not known yet."""
    states = [state for state in (step.old, step.new) if state is not None]
    values = [presentable(state.inputs.get("functionName")) for state in states]
    return {value for value in values if isinstance(value, str)}


def _publishes(step: Step) -> bool:
    published = step.state.inputs.get("publish") is True
    return published and not _UNPUBLISHED.issuperset(step.differing or ("?",))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
