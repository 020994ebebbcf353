"""The commands that only read: what is live, and what was released."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from .cloud import Cloud, LiveFunction
from .commands import Report
from .ledger import ReleasedSet
from .stack import Stack

SHOWN = 10
_DIGITS = 12


def status(stack: Stack, cloud: Cloud) -> Report:
    """What is live of each function, what is pinned, and what is the newest that passed.

    Raises:
        ReleaseError: AWS does not say.
    """
    functions = cloud.functions()
    ledger = cloud.ledger(functions[0].bucket)
    rows = []
    for each in functions:
        passed = ledger.versions.get(each.name, frozenset())
        rows.append(
            {
                "function": each.name,
                "name": each.full_name,
                "live": each.version,
                "weights": dict(each.weights),
                "pin": stack.pins.get(each.name),
                "newest": max(passed, default=None),
                "passed": each.version in passed,
            }
        )
    answer = {"stack": stack.tag, "bucket": functions[0].bucket, "canary": stack.canary, "functions": rows}
    table: list[tuple[str, ...]] = [("function", "live", "also", "pin", "newest passed")]
    table += [_status_row(row) for row in rows]
    notes = [
        f"{row['function']} {row['live']} is live and not in the ledger" for row in rows if not row["passed"]
    ]
    return Report(answer, tuple(_aligned(table)), tuple(notes))


def history(stack: Stack, cloud: Cloud, *, limit: int = SHOWN) -> Report:
    """The releases all of whose smoke tests passed, the newest first.

    Args:
        stack: whose.
        cloud: where.
        limit: how many.

    Raises:
        ReleaseError: AWS does not say.
    """
    functions = cloud.functions()
    bucket = functions[0].bucket
    ledger = cloud.ledger(bucket)
    releases = [_release(each, cloud.content(bucket, each.key), functions) for each in ledger.sets[:limit]]
    versions = {name: sorted(numbers, reverse=True) for name, numbers in sorted(ledger.versions.items())}
    answer = {"stack": stack.tag, "bucket": bucket, "releases": releases, "passed": versions}
    table = [("release", "passed (UTC)", "layer", "code", "")]
    table += [
        (row["release"], row["at"][:16].replace("T", " "), row["layer"], row["code"], row["live"])
        for row in releases
    ]
    left = len(ledger.sets) - len(releases)
    notes = (f"{left} older releases are not shown; --limit shows more",) if left > 0 else ()
    return Report(answer, tuple(_aligned(table)), notes)


def _release(each: ReleasedSet, content: str, functions: Sequence[LiveFunction]) -> dict[str, Any]:
    named = [function for function in functions if function.name in each.versions]
    live = [function.name for function in named if each.versions[function.name] == function.version]
    mark = "live" if named and len(live) == len(named) else f"live: {', '.join(live)}" if live else ""
    digests = _digests(content)
    return {
        "release": each.name,
        "versions": dict(each.versions),
        "at": each.at.isoformat() if each.at else "",
        "layer": digests["layer"],
        "code": digests["code"],
        "live": mark,
    }


def _digests(content: str) -> dict[str, str]:
    """The beginnings of the digests of a release, each once; empty for an object that is not the ledger's."""
    try:
        parts = json.loads(content)["functions"].values()
        return {
            kind: " ".join(sorted({str(part[kind])[:_DIGITS] for part in parts}))
            for kind in ("layer", "code")
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        return {"layer": "", "code": ""}


def _status_row(row: Mapping[str, Any]) -> tuple[str, ...]:
    also = " ".join(f"{weight:.0%} {version}" for version, weight in row["weights"].items())
    return (row["function"], str(row["live"]), also, row["pin"] or "", str(row["newest"] or ""))


def _aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
