"""Layers close to what Lambda takes: each by itself, and those of a function together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from .caution import Caution, Level, listed
from .changes import Act, ResourceChange
from .facts import Preview, State
from .kinds import FUNCTION, LAYER
from .markdown import code
from .packages import LayerChange, layer_from
from .sizes import signed, size_of
from .values import told

# "Lambda quotas", AWS Lambda Developer Guide: a function and all its layers, unzipped.
MOST_UNZIPPED = 262_144_000
_NEAR = 0.85


def heavy_layers(layers: Sequence[LayerChange]) -> Iterator[Caution]:
    """The changed layers that leave little room for anything else."""
    for each in layers:
        size = each.after.unzipped_size if each.after else None
        if size is not None:
            grown = f" ({signed(each.growth)})" if each.growth else ""
            yield from _heavy(f"the layer {code(each.name)} has {size_of(size)} unzipped{grown}", size)


def heavy_functions(preview: Preview, changes: Sequence[ResourceChange]) -> Iterator[Caution]:
    """The changed functions whose layers leave little room together, as far as the preview has their sizes.

    A function says of which resources its `layers` are made: those are layer versions, whose components have
    the size among their inputs.
    """
    states: dict[str, State] = {step.urn.text: step.state for step in preview.steps}
    sizes = _sizes(preview)
    functions: dict[tuple[str, ...], list[str]] = {}
    for change in changes:
        if change.urn.type == FUNCTION and change.act is not Act.DELETE:
            versions = change.step.state.made_of.get("layers", ())
            found = {urn if urn in sizes else states[urn].parent for urn in versions if urn in states}
            functions.setdefault(tuple(sorted(found & sizes.keys())), []).append(change.urn.name)
    for layers, names in functions.items():
        if len(layers) > 1:
            size = sum(sizes[each] for each in layers)
            of = listed([code(each.rpartition("::")[2]) for each in layers])
            what = f"the layers {of} of {listed([code(name) for name in names])}"
            yield from _heavy(f"{what} have {size_of(size)} unzipped together", size)


def _sizes(preview: Preview) -> Mapping[str, int]:
    """The bytes of each layer component by its URN, as they will be."""
    found: dict[str, int] = {}
    for step in preview.steps:
        if step.type == LAYER:
            for state in (step.old, step.new):
                size = layer_from(told(state)).unzipped_size
                if size is not None:
                    found[step.urn.text] = size
    return found


def _heavy(what: str, size: int) -> Iterator[Caution]:
    limit = f"the {size_of(MOST_UNZIPPED)} (250 MiB) that Lambda takes with a function's code"
    if size > MOST_UNZIPPED:
        yield Caution(Level.DANGER, "size", f"{what}, **more than** {limit}")
    elif size >= _NEAR * MOST_UNZIPPED:
        yield Caution(Level.WARNING, "size", f"{what}, **{100 * size // MOST_UNZIPPED} %** of {limit}")
