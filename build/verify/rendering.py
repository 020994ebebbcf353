"""A verdict as people read it: the findings, and a table of the largest packages."""

from __future__ import annotations

from ..console import size_of
from ..report.rendering import plain
from .findings import LEVELS
from .verdict import Verdict


def as_text(verdict: Verdict) -> str:
    """The whole verdict, a line for each finding."""
    lines = [*told(verdict), ""] if verdict.findings else []
    if verdict.largest:
        width = max(len(each.package) for each in verdict.largest)
        lines.append("the largest packages")
        lines += [
            f"  {plain(each.package):<{width}}  {size_of(each.size):>9}  {each.share:>5.1f} %"
            for each in verdict.largest
        ]
        lines.append("")
    return "\n".join([*lines, _counts(verdict)]) + "\n"


def told(verdict: Verdict) -> list[str]:
    """A line for each finding, errors first."""
    return [f"{each.level}: {plain(' '.join(str(each).split()))}" for each in verdict.findings]


def _counts(verdict: Verdict) -> str:
    parts = []
    for level in LEVELS:
        count = sum(each.level == level for each in verdict.findings)
        if count:
            parts.append(f"{count} {level}{'s' * (count > 1)}")
    return f"{'failed' if verdict.errors else 'passed'}: {', '.join(parts) or 'nothing was found'}"
