"""What a reviewer has to look at before anything else, the worst first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from .caution import MOST, Caution, Level, listed, named, quoted
from .changes import Act, ResourceChange
from .live import pinned, untested
from .markdown import code
from .outside import Outside
from .packages import LayerChange
from .reading import Preview, Step
from .rights import widening
from .sizes import signed, size_of
from .urns import short_type

# "Lambda quotas", AWS Lambda Developer Guide: a function and all its layers, unzipped.
MOST_UNZIPPED = 262_144_000
_NEAR = 0.85
_FEW = 4
_MOST_SENTENCES = 6
# Policies of resources, and the properties that name the resource.
_GUARDS = frozenset({"BucketPolicy", "QueuePolicy", "TopicPolicy", "KeyPolicy"})
_GUARDED = ("arn", "bucket", "keyId", "queueUrl")


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
        *pinned(preview, changes),
        *untested(preview, changes),
        *_drifts(outside),
        *_warnings(preview),
    ]
    return tuple(sorted(found, key=lambda each: each.level))


def _replacements(changes: Iterable[ResourceChange]) -> Iterator[Caution]:
    unwanted = [change for change in changes if change.act is Act.REPLACE and not change.by_design]
    for change in unwanted:
        if change.holds:
            text = f"**replaces** {named(change)}, and loses {change.holds}{_because(change)}"
            yield Caution(Level.DANGER, "replacement", text, change.urn.text)
    others = [change for change in unwanted if not change.holds]
    # Of many that are replaced, most follow one that tells why.
    rest = [f"{named(change)}{_because(change) if len(others) < _FEW else ''}" for change in others]
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
            text = f"**widens** what {named(change)} allows: {quoted(found.granted)}"
            yield Caution(Level.DANGER, "rights", text, change.urn.text)
        if found.lifted:
            text = f"**lifts** what {named(change)} refused: {quoted(found.lifted)}"
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


def _drifts(outside: Sequence[Outside]) -> Iterator[Caution]:
    for each in outside[:MOST]:
        said = f"{code(each.subject)}: {quoted(each.sentences, _MOST_SENTENCES)}"
        text = f"**changed outside**: {said}; {_REPAIRS.get(each.repair, each.repair)}"
        yield Caution(Level.WARNING, "drift", text, each.urn)
    if len(outside) > MOST:
        rest = listed([code(each.subject) for each in outside[MOST:]], 2 * MOST)
        yield Caution(Level.WARNING, "drift", f"**changed outside**, too: {rest}")


# Said in the reviewer's terms: merging is what runs the update.
_REPAIRS: Mapping[str, str] = {
    "the next `up` makes it again": "the update makes it again",
    "the next `up` sets it as the program asks": "the update sets it back",
    "the next `up` replaces it": "the update replaces it",
}


def _warnings(preview: Preview) -> Iterator[Caution]:
    """What the program and the engine warn of."""
    for urn, message in preview.warnings[:MOST]:
        about = f"{code(urn.rpartition('::')[2], 80)}: " if urn else ""
        yield Caution(Level.NOTE, "warning", f"{about}{code(' '.join(message.split()), 320)}", urn)
    if len(preview.warnings) > MOST:
        more = f"{len(preview.warnings) - MOST:,} more warnings of the program"
        yield Caution(Level.NOTE, "warning", more)
