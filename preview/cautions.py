"""What a reviewer has to look at before anything else, the worst first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import IntEnum

from .changes import Act, ResourceChange
from .kinds import ALIAS, FUNCTION, INVOCATION, PYTHON_FUNCTION
from .markdown import code
from .outside import Outside
from .packages import LayerChange
from .reading import Preview, Step
from .rights import widening
from .sizes import signed, size_of
from .urns import plain_type, short_type
from .values import presentable

# "Lambda quotas", AWS Lambda Developer Guide: a function and all its layers, unzipped.
MOST_UNZIPPED = 262_144_000
_NEAR = 0.85
# Beyond so many of one kind, they are counted.
_MOST = 8
_MOST_SENTENCES = 6
# Policies of resources, and the properties that name the resource.
_GUARDS = frozenset({"BucketPolicy", "QueuePolicy", "TopicPolicy", "KeyPolicy"})
_GUARDED = ("arn", "bucket", "keyId", "queueUrl")
_PIN = re.compile(r"[^:]+:pin\.(.+)")
# What changes no version: Lambda publishes none for it.
_UNPUBLISHED = frozenset({"tags", "tagsAll", "reservedConcurrentExecutions", "lastModified", "publish"})


class Level(IntEnum):
    """How bad it can be: whether something may be lost, somebody has to look, or ought to know."""

    DANGER = 0
    WARNING = 1
    NOTE = 2


@dataclass(frozen=True, slots=True)
class Caution:
    """One thing to look at.

    Attributes:
        level: how bad it can be.
        kind: one word for programs: `replacement`, `deletion`, `rights`, `size`, `smoke`, `pin`, `drift`.
        text: a sentence in Markdown, all foreign text in it escaped.
        urn: the resource that it is about; empty where it is about several or none.
    """

    level: Level
    kind: str
    text: str
    urn: str = ""


def cautions_about(
    preview: Preview,
    changes: Sequence[ResourceChange],
    layers: Sequence[LayerChange],
    outside: Sequence[Outside],
) -> tuple[Caution, ...]:
    """All that has to be looked at, the worst first."""
    found = [
        *_replacements(changes),
        *_deletions(changes),
        *_rights(changes),
        *_sizes(layers),
        *_pins(preview, changes),
        *_untested(preview, changes),
        *_drifts(outside),
    ]
    return tuple(sorted(found, key=lambda each: each.level))


def named(change: ResourceChange) -> str:
    """A resource as a reviewer knows it: its type and its name in the program."""
    return f"{code(plain_type(change.urn.type))} {code(change.urn.name)}"


def _replacements(changes: Iterable[ResourceChange]) -> Iterator[Caution]:
    unwanted = [change for change in changes if change.act is Act.REPLACE and not change.by_design]
    for change in unwanted:
        if change.holds:
            text = f"**replaces** {named(change)}, and loses {change.holds}{_because(change)}"
            yield Caution(Level.DANGER, "replacement", text, change.urn.text)
    rest = [named(change) for change in unwanted if not change.holds]
    if rest:
        yield Caution(Level.WARNING, "replacement", f"**replaces** {listed(rest)}")


def _because(change: ResourceChange) -> str:
    why = ", ".join(code(name) for name in change.step.replacing[:4])
    return f", because of {why}" if why else ""


def _deletions(changes: Iterable[ResourceChange]) -> Iterator[Caution]:
    gone = [change for change in changes if change.act is Act.DELETE and not change.by_design]
    for change in gone:
        if change.holds:
            text = f"**deletes** {named(change)}, and loses {change.holds}"
            yield Caution(Level.DANGER, "deletion", text, change.urn.text)
    rest = [change for change in gone if not change.holds and change.is_custom]
    if rest:
        yield Caution(Level.WARNING, "deletion", f"**deletes** {listed([named(each) for each in rest])}")


def _rights(changes: Sequence[ResourceChange]) -> Iterator[Caution]:
    unknown: list[str] = []
    deleted = [c.step for c in changes if c.act is Act.DELETE]
    gone = {step.old.id for step in deleted if step.old and short_type(step.type) not in _GUARDS} - {""}
    for change in changes:
        if change.act is Act.DELETE and not _is_guard(change.step, gone):
            continue
        found = widening(change.step)
        if found.granted:
            text = f"**widens** what {named(change)} allows: {_quoted(found.granted)}"
            yield Caution(Level.DANGER, "rights", text, change.urn.text)
        if found.lifted:
            text = f"**lifts** what {named(change)} refused: {_quoted(found.lifted)}"
            yield Caution(Level.DANGER, "rights", text, change.urn.text)
        if found.unknown and not found.granted:
            unknown.append(named(change))
    if unknown:
        yield Caution(Level.NOTE, "rights", f"only the update tells the new policy of {listed(unknown)}")


def _is_guard(step: Step, gone: AbstractSet[str]) -> bool:
    """Whether what is deleted had refused something to those who use what stays.

    Args:
        step: of what is deleted.
        gone: the ids of all that is deleted: the policy of a bucket that goes guards nothing.
    """
    if step.old is None or short_type(step.type) not in _GUARDS:
        return False
    about = {value for name in _GUARDED if isinstance(value := step.old.inputs.get(name), str)}
    return about.isdisjoint(gone)


def _sizes(layers: Iterable[LayerChange]) -> Iterator[Caution]:
    for each in layers:
        size = each.after.unzipped_size if each.after else None
        if size is None or size < _NEAR * MOST_UNZIPPED:
            continue
        grown = f" ({signed(each.growth)})" if each.growth else ""
        what = f"the layer {code(each.name)} has {size_of(size)} unzipped{grown}"
        limit = f"the {size_of(MOST_UNZIPPED)} (250 MiB) that Lambda takes with a function's code"
        if size > MOST_UNZIPPED:
            yield Caution(Level.DANGER, "size", f"{what}, **more than** {limit}")
        else:
            yield Caution(Level.WARNING, "size", f"{what}, **{100 * size // MOST_UNZIPPED} %** of {limit}")


def _pins(preview: Preview, changes: Sequence[ResourceChange]) -> Iterator[Caution]:
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


def _untested(preview: Preview, changes: Sequence[ResourceChange]) -> Iterator[Caution]:
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


def _drifts(outside: Sequence[Outside]) -> Iterator[Caution]:
    for each in outside[:_MOST]:
        said = f"{code(each.subject)}: {_quoted(each.sentences, _MOST_SENTENCES)}"
        text = f"**changed outside**: {said}; {_REPAIRS.get(each.repair, each.repair)}"
        yield Caution(Level.WARNING, "drift", text, each.urn)
    if len(outside) > _MOST:
        rest = listed([code(each.subject) for each in outside[_MOST:]], 2 * _MOST)
        yield Caution(Level.WARNING, "drift", f"**changed outside**, too: {rest}")


# Said in the reviewer's terms: merging is what runs the update.
_REPAIRS: Mapping[str, str] = {
    "the next `up` makes it again": "the update makes it again",
    "the next `up` sets it as the program asks": "the update sets it back",
    "the next `up` replaces it": "the update replaces it",
}


def listed(names: Sequence[str], most: int = _MOST) -> str:
    """Names as a list in a sentence, of which the end is counted."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more:,} more" if more > 0 else "")


def _quoted(sentences: Sequence[str], most: int = _MOST) -> str:
    return listed([code(each, 320) for each in sentences], most)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
