"""What a reviewer has to look at before anything else, the worst first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from .caution import MOST, Caution, Level, listed, named, quoted
from .changes import Act, ResourceChange
from .credentials import without_userinfo
from .facts import Preview, Step
from .live import pinned, untested
from .markdown import code
from .outside import Outside
from .packages import LayerChange
from .rights import widening
from .urns import short_type
from .weights import heavy_functions, heavy_layers

_FEW = 4
_MOST_SENTENCES = 6
# Policies of resources and of who acts, and the properties that name whose they are.
_GUARDS = frozenset(
    {
        *("BucketPolicy", "KeyPolicy", "QueuePolicy", "TopicPolicy"),
        *("GroupPolicy", "Policy", "RolePolicy", "UserPolicy"),
    }
)
_GUARDED = ("arn", "bucket", "group", "keyId", "queueUrl", "role", "user")


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
        *heavy_layers(layers),
        *heavy_functions(preview, changes),
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
    secret: list[str] = []
    deleted = [c.step for c in changes if c.act is Act.DELETE]
    # With the whole stack goes whatever its policies had guarded.
    whole = any(step.urn.is_stack for step in deleted)
    gone = {step.old.id for step in deleted if step.old and short_type(step.type) not in _GUARDS} - {""}
    for change in changes:
        if change.act is Act.DELETE and (whole or not _is_guard(change.step, gone)):
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
        if found.secret:
            secret.append(named(change))
    if unknown:
        yield Caution(Level.NOTE, "rights", f"only the update tells the new policy of {listed(unknown)}")
    if secret:
        text = f"whether it allows more is not known of a policy that is secret: {listed(secret)}"
        yield Caution(Level.NOTE, "rights", text)


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
        text = " ".join(without_userinfo(message).removeprefix("warning:").split())
        yield Caution(Level.NOTE, "warning", f"{about}{code(text or 'warning', 320)}", urn)
    if len(preview.warnings) > MOST:
        more = f"{len(preview.warnings) - MOST:,} more warnings of the program"
        yield Caution(Level.NOTE, "warning", more)
