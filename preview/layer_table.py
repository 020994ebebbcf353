"""A layer's packages and sizes as a table, and the digests before and after."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from .changes import ResourceChange
from .kinds import PYTHON_FUNCTION
from .markdown import code
from .packages import Layer, LayerChange, Package, PackageChange
from .pieces import Fold, Piece
from .report import Report
from .sizes import counted, signed, size_of
from .values import shortened
from .weights import MOST_UNZIPPED

# So many rows are read at a glance; more are folded away.
_GLANCE = 15
_SURE = 40


def layer_pieces(layers: Sequence[LayerChange], folds: dict[str, Fold]) -> Iterator[Piece]:
    """What is told of each layer that differs: totals, settings, and a row for each package."""
    for index, each in enumerate(layers):
        group = f"packages {index}"
        rows = each.packages if each.after is not None else ()
        sized = any(side and side.size is not None for row in rows for side in (row.before, row.after))
        yield Piece(f"{_totals(each)}\n\n{_settings(each)}")
        header = "| | package | before | after |\n|---|---|---|---|\n"
        if sized:
            header = "| | package | before | after | unzipped |\n|---|---|---|---|---:|\n"
        if len(rows) > _GLANCE:
            summary = f"<details><summary>{counted(len(rows), 'package')}</summary>\n\n"
            folds[group] = Fold(f"{summary}{header}", "\n</details>\n\n", f"{summary}</details>\n\n")
        else:
            folds[group] = Fold(header, "\n", "")
        for position, row in enumerate(rows):
            rank = 0 if position < _SURE else 70
            yield Piece(_row(row, sized=sized), rank, "packages", group)


def digest_table(report: Report, folds: dict[str, Fold]) -> Iterator[Piece]:
    """The digests in full, of layers and of code, folded away."""
    folds["digests"] = Fold(
        "<details><summary>Digests</summary>\n\n| | before | after |\n|---|---|---|\n", "\n</details>\n\n", ""
    )
    for each in report.layers:
        row = f"| layer {code(each.name, 80)} | {_digest(each.before)} | {_digest(each.after)} |\n"
        yield Piece(row, 45, "digests", "digests")
    for name, old, new in code_digests(report.changes):
        row = f"| code of {code(name, 80)} | {_shown(old)} | {_shown(new)} |\n"
        yield Piece(row, 55, "digests", "digests")


def code_digests(changes: Iterable[ResourceChange]) -> Iterator[tuple[str, str, str]]:
    """The functions whose code differs: name, digest before, and after; empty where there is none."""
    for change in changes:
        if change.urn.type == PYTHON_FUNCTION:
            old, new = (_code(state) for state in (change.step.old, change.step.new))
            if old != new:
                yield change.urn.name, old, new


def _totals(each: LayerChange) -> str:
    layer = each.after or each.before or Layer()
    parts = [f"{code(layer.runtime)} on {code(layer.architecture)}"] if layer.runtime else []
    if layer.packages is not None:
        parts.append(counted(len(layer.packages), "package"))
    if layer.unzipped_size is not None:
        share = f", {100 * layer.unzipped_size // MOST_UNZIPPED} % of what Lambda takes"
        parts.append(f"{size_of(layer.unzipped_size)} unzipped{_grown(each, zipped=False)}{share}")
    if layer.zip_size is not None:
        parts.append(f"{size_of(layer.zip_size)} zipped{_grown(each, zipped=True)}")
    gone = " is removed" if each.after is None else ""
    return f"**Layer {code(each.name, 80)}**{gone}: {', '.join(parts)}"


def _grown(each: LayerChange, *, zipped: bool) -> str:
    if each.before is None or each.after is None:
        return ""
    old, new = ((side.zip_size if zipped else side.unzipped_size) for side in (each.before, each.after))
    return "" if old is None or new is None else f" ({signed(new - old)})"


def _settings(each: LayerChange) -> str:
    rows = [
        f"- {code(name, 80)}: {_setting(old)} → {_setting(new)}\n" for name, old, new in each.settings[:20]
    ]
    return "".join(rows) + ("\n" if rows else "")


def _setting(value: Any) -> str:
    if value is None or value == "":
        return "none"
    return code(
        value if isinstance(value, str) else shortened(json.dumps(value, ensure_ascii=False, default=repr))
    )


def _row(row: PackageChange, *, sized: bool) -> str:
    kind = "added" if row.before is None else "removed" if row.after is None else "changed"
    cells = [kind, code(row.name, 100), _versioned(row.before), _versioned(row.after)]
    if sized:
        cells.append(_size(row))
    return f"| {' | '.join(cells)} |\n"


def _versioned(package: Package | None) -> str:
    return code(package.version, 60) if package and package.version else ""


def _size(row: PackageChange) -> str:
    before = 0 if row.before is None else row.before.size
    after = 0 if row.after is None else row.after.size
    if before is None or after is None:
        return ""
    change = signed(after - before)
    return change if row.before is None or row.after is None else f"{size_of(after)} ({change})"


def _digest(layer: Layer | None) -> str:
    return _shown(layer.digest if layer else "")


def _shown(digest: str) -> str:
    return code(digest) if digest else "none"


def _code(state: Any) -> str:
    found = state.inputs.get("codeDigest") if state else None
    return found if isinstance(found, str) else ""
