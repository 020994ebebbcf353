"""The headline: what a change comes to, in one line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from .changes import Act, ResourceChange
from .facts import Preview
from .kinds import FUNCTION, PYTHON_FUNCTION
from .markdown import code
from .outside import Outside
from .packages import LayerChange
from .sizes import counted, signed, size_of

_MOST_LAYERS = 3
# The order in which counts are told.
_TOLD = (Act.CREATE, Act.UPDATE, Act.REPLACE, Act.DELETE, Act.IMPORT, Act.FORGET, Act.OTHER)


def headline(
    preview: Preview,
    changes: Sequence[ResourceChange],
    layers: Sequence[LayerChange],
    outside: Sequence[Outside] = (),
) -> str:
    """One line of Markdown; all foreign text in it is escaped."""
    said = [*_layers(layers), *_rare(changes), *_functions(changes), *_others(changes)]
    if is_first(preview, changes):
        said.insert(0, "first deployment")
    if any(change.urn.is_stack and change.act is Act.DELETE for change in changes):
        said.insert(0, "**the whole stack is deleted**")
    if outside:
        said.append(f"{counted(len(outside), 'resource')} changed outside")
    if not preview.made:
        return ", ".join([*(said or ["no layer changes"]), "resources not previewed"])
    if changes and not any(change.is_custom for change in changes):
        said = said or [_nothing_but(changes)]
    elif changes:
        said.append(f"{unwanted_replacements(changes):,} replaced that should not be")
    if preview.errors:
        so_far = f"; so far: {', '.join(said)}" if said else ""
        return f"the preview **failed**{so_far}"
    return ", ".join(said if changes else [*said, "no resource changes"])


def is_first(preview: Preview, changes: Sequence[ResourceChange]) -> bool:
    """Whether nothing of the stack is there yet."""
    made = [change for change in changes if change.act is Act.CREATE]
    return len(made) == len(changes) > 0 and not preview.unchanged and any(c.urn.is_stack for c in made)


def unwanted_replacements(changes: Sequence[ResourceChange]) -> int:
    """How many resources are replaced though that is not how they change."""
    return sum(1 for change in changes if change.act is Act.REPLACE and not change.by_design)


def summary_of(preview: Preview, changes: Sequence[ResourceChange]) -> str:
    """How many resources of which fate, components aside: `2 created, 7 updated, 62 unchanged`."""
    order = {act: index for index, act in enumerate(_TOLD)}
    custom = sorted((c for c in changes if c.is_custom), key=lambda each: (order[each.act], each.by_design))
    said = [f"{count:,} {fate}" for fate, count in Counter(change.fate for change in custom).items()]
    if preview.unchanged:
        said.append(f"{preview.unchanged:,} unchanged")
    return ", ".join(said)


def _layers(layers: Sequence[LayerChange]) -> Iterator[str]:
    for each in layers[:_MOST_LAYERS]:
        what = f"layer {code(each.name, 60)}"
        if each.after is None:
            yield f"{what} removed"
        elif each.before is None:
            size = each.after.unzipped_size
            yield f"{what} new" + (f" ({size_of(size)} unzipped)" if size is not None else "")
        else:
            yield f"{what}: {', '.join(_differences(each))}"

    if len(layers) > _MOST_LAYERS:
        yield counted(len(layers) - _MOST_LAYERS, "more layer")


def _differences(each: LayerChange) -> Iterator[str]:
    packages, settings = each.packages, each.settings
    if packages:
        yield f"{counted(len(packages), 'package')} changed"
    if settings:
        yield f"{', '.join(code(name, 40) for name, *_ in settings[:4])} changed"
    if not packages and not settings:
        yield "other files"
    if each.growth is not None:
        yield signed(each.growth)


def _rare(changes: Sequence[ResourceChange]) -> Iterator[str]:
    """What is done to resources of all types alike, functions among them."""
    custom = [change for change in changes if change.is_custom]
    for act in (Act.IMPORT, Act.FORGET, Act.OTHER):
        count = sum(1 for change in custom if change.act is act)
        updated = sum(1 for change in custom if change.act is act and change.is_changed_import)
        if count:
            yield f"{count:,} {act.value}" + (f" ({updated:,} of them updated)" if updated else "")


def _nothing_but(changes: Sequence[ResourceChange]) -> str:
    """What changes where no provider has anything to do."""
    return f"only {'outputs' if all(change.urn.is_stack for change in changes) else 'components'} change"


def _functions(changes: Sequence[ResourceChange]) -> Iterator[str]:
    functions = [change for change in changes if change.urn.type == FUNCTION]
    for act in (Act.CREATE, Act.UPDATE, Act.REPLACE, Act.DELETE):
        count = sum(1 for change in functions if change.act is act)
        if count:
            code_too = " with new code" if act is Act.UPDATE and _new_code(changes) else ""
            yield f"{counted(count, 'function')} {act.value}{code_too}"


def _new_code(changes: Sequence[ResourceChange]) -> bool:
    components = [c.step for c in changes if c.urn.type == PYTHON_FUNCTION and c.step.old and c.step.new]
    return any(_code(step.old) != _code(step.new) for step in components)


def _code(state: object) -> object:
    return getattr(state, "inputs", {}).get("codeDigest")


def _others(changes: Sequence[ResourceChange]) -> Iterator[str]:
    """What happens to resources of other types, as far as it is not a consequence of a release."""
    rest = [change for change in changes if change.urn.type != FUNCTION and change.is_custom]
    gone = sum(1 for change in rest if change.act is Act.DELETE and not change.by_design)
    # Of a change that makes functions anew, objects and tests come along.
    made = sum(1 for change in rest if change.act is Act.CREATE)
    changed = sum(1 for change in rest if change.act is Act.UPDATE)
    if any(change.urn.type == FUNCTION and change.act is not Act.IMPORT for change in changes):
        made = made if all(change.act is Act.CREATE for change in changes) else 0
        changed = 0
    for count, done in ((made, "created"), (changed, "updated"), (gone, "deleted")):
        if count:
            yield f"{counted(count, 'other resource' if _has_functions(changes) else 'resource')} {done}"


def _has_functions(changes: Sequence[ResourceChange]) -> bool:
    return any(change.urn.type == FUNCTION for change in changes)
