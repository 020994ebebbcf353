"""All that a comment tells of a preview, decided once: for Markdown and for JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .caution import Caution
from .cautions import cautions_about
from .changes import ResourceChange, changes_in
from .facts import Preview
from .groups import Group, grouped
from .headline import headline, summary_of, unwanted_replacements
from .outside import Outside, changed_outside
from .packages import Layer, LayerChange, layer_changes
from .urns import StackName


@dataclass(frozen=True, slots=True)
class Report:
    """What is told of a preview.

    Attributes:
        preview: as it was read.
        stack: which stack it is of.
        changes: what happens to which resource.
        groups: the same by component.
        layers: the layers that differ.
        outside: what was changed outside; None where the preview did not look.
        cautions: what has to be looked at, the worst first.
        headline: what it comes to, in Markdown.
        summary: how many resources of which fate.
    """

    preview: Preview
    stack: StackName
    changes: tuple[ResourceChange, ...]
    groups: tuple[Group, ...]
    layers: tuple[LayerChange, ...]
    outside: tuple[Outside, ...] | None
    cautions: tuple[Caution, ...]
    headline: str
    summary: str


def report_on(
    preview: Preview,
    *,
    stack: StackName | None = None,
    base: Sequence[Layer] = (),
    head: Sequence[Layer] = (),
) -> Report:
    """Decides what is told.

    Args:
        preview: as it was read.
        stack: what the user calls the stack; what of it is empty is taken from the preview.
        base: manifests of the layers as the base branch has them.
        head: manifests of the layers as proposed.
    """
    changes = changes_in(preview)
    layers = layer_changes(changes, base, head)
    outside = changed_outside(preview)
    return Report(
        preview=preview,
        stack=_stack(preview, stack or StackName("", "")),
        changes=changes,
        groups=grouped(preview.steps, changes),
        layers=layers,
        outside=outside,
        cautions=cautions_about(preview, changes, layers, outside or ()),
        headline=headline(preview, changes, layers, outside or ()),
        summary=summary_of(preview, changes),
    )


def as_json(report: Report, markdown: str) -> dict[str, Any]:
    """The report for programs, with the comment itself."""
    return {
        "project": report.stack.project,
        "stack": report.stack.stack,
        "failed": bool(report.preview.errors),
        "headline": report.headline,
        "unwanted_replacements": unwanted_replacements(report.changes),
        "cautions": [{**asdict(each), "level": each.level.name.lower()} for each in report.cautions],
        "changes": [
            {"op": each.step.op, "urn": each.urn.text, "by_design": each.by_design} for each in report.changes
        ],
        "layers": [_layer(each) for each in report.layers],
        "outside": None if report.outside is None else [asdict(each) for each in report.outside],
        "markdown": markdown,
    }


def _layer(each: LayerChange) -> dict[str, Any]:
    return {
        "name": each.name,
        "before": each.before.digest if each.before else None,
        "after": each.after.digest if each.after else None,
        "growth": each.growth,
        "packages": [
            {
                "name": package.name,
                "before": package.before.version if package.before else None,
                "after": package.after.version if package.after else None,
            }
            for package in each.packages
        ],
    }


def _stack(preview: Preview, given: StackName) -> StackName:
    urns = [step.urn for step in preview.steps if step.urn.stack]
    found = StackName(urns[0].project, urns[0].stack) if urns else StackName("", "")
    return StackName(given.project or found.project, given.stack or found.stack)
