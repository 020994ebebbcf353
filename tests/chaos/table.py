"""The table of a run of the scenarios: what happened to which operation, and what became of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from .chamber import Outcome


def table(outcomes: Sequence[Outcome]) -> str:
    """One line for each operation and fault: how many scenarios, and what became of them; bad ones in full.

    Args:
        outcomes: of all scenarios that ran.
    """
    rows: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for each in outcomes:
        result = "BAD" if each.problems else each.result
        where = " (refresh)" if each.scenario.refreshing else ""
        rows[each.scenario.operation + where, each.scenario.fault][result] += 1
    cells = [("operation", "fault", "scenarios", "outcome")]
    for (operation, fault), results in sorted(rows.items()):
        shown = "; ".join(f"{count} {result}" for result, count in sorted(results.items()))
        cells.append((operation, fault, str(results.total()), shown))
    widths = [max(len(row[column]) for row in cells) for column in range(3)]
    lines = [
        "  ".join(part.ljust(width) for part, width in zip(row, [*widths, 0], strict=True)).rstrip()
        for row in cells
    ]
    for each in outcomes:
        lines += [f"BAD {each.scenario}: {each.result}"] if each.problems else []
        lines += [f"    {problem}" for problem in each.problems]
    return "\n".join([*lines, summary(outcomes)])


def summary(outcomes: Sequence[Outcome]) -> str:
    """One line with the counts of all results."""
    counts = Counter("BAD" if each.problems else each.result for each in outcomes)
    parts = ", ".join(f"{count} {result}" for result, count in counts.most_common())
    return f"{len(outcomes)} scenarios: {parts}"
