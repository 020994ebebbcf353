"""A difference as text, as Markdown and as JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ..console import counted, size_of
from .described import Package
from .difference import Change, Difference, shown

# What Markdown, HTML and GitHub (mentions, references, bare addresses) would read as more than text.
_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#!|~&@$^:/]|(?<=[wW]{3})\.|(?<=[gG][hH])-)")
# What makes a reference or an address: GitHub looks for those once entities are characters again, so
# something that nobody sees stands behind them (U+200B, as Renovate and Dependabot do).
_REFERRING = "@#.-"
_UNSEEN = "&#8203;"


def text(found: Difference, *, files: bool = False) -> str:
    """A difference for a terminal: the reason first, then a line for each package and setting.

    Args:
        found: what differs.
        files: whether the files of changed packages are listed, where they are known.
    """
    lines = [found.reason()]
    rows = list(as_rows(found))
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    lines += [
        "  " + "  ".join(f"{cell:<{width}}" for cell, width in zip(row, [*widths, 0], strict=True)).rstrip()
        for row in rows
    ]
    lines += [f"  {name}: {shown(before)} → {shown(after)}" for name, before, after in found.settings]
    lines += [f"  {name}: {before} → {after}" for name, before, after in _totals(found)]
    if files:
        lines += _files(found)
    return "\n".join(map(plain, lines)) + "\n"


def _files(found: Difference) -> Iterator[str]:
    for change in found.changed:
        if change.files is not None:
            signs = (("+", change.files.added), ("-", change.files.removed), ("~", change.files.changed))
            yield from (f"  {sign} {path}" for sign, paths in signs for path in paths)


def markdown(found: Difference) -> str:
    """A difference for a comment: one table; whatever comes from a layer is plain text in it."""
    lines = [f"**{escaped(found.reason())}**"]
    rows = list(as_rows(found))
    if rows:
        lines += ["", "| | package | version | size and files |", "|---|---|---|---|"]
        lines += ["| " + " | ".join(escaped(cell) for cell in row) + " |" for row in rows]
    facts = [(name, shown(before), shown(after)) for name, before, after in found.settings]
    facts += list(_totals(found))
    if facts:
        lines += ["", "| | before | after |", "|---|---|---|"]
        lines += ["| " + " | ".join(escaped(cell) for cell in fact) + " |" for fact in facts]
    return "\n".join(lines) + "\n"


def escaped(cell: str) -> str:
    """A text that Markdown shows as it is, on one line, and by which nobody is mentioned."""
    line = " ".join("".join(each if each.isprintable() else " " for each in cell).split())
    return _SPECIAL.sub(_entity, line.replace("://", ":\N{ZERO WIDTH SPACE}//"))


def _entity(found: re.Match[str]) -> str:
    # A backslash would not keep GitHub from reading a name or a number as a reference.
    return f"&#{ord(found[1])};" + (_UNSEEN if found[1] in _REFERRING else "")


def as_json(found: Difference) -> dict[str, Any]:
    """A difference for programs."""
    return {
        "same": found.is_same,
        "reason": found.reason(),
        "before": {"digest": found.before.digest, **_sizes(found.before)},
        "after": {"digest": found.after.digest, **_sizes(found.after)},
        "added": [_package(each) for each in found.added],
        "removed": [_package(each) for each in found.removed],
        "changed": [_change(each) for each in found.changed],
        "settings": [
            {"name": name, "before": before, "after": after} for name, before, after in found.settings
        ],
    }


def _sizes(layer: Any) -> dict[str, int | None]:
    return {"zip_size": layer.zip_size, "unzipped_size": layer.unzipped_size, "files": layer.files}


def _package(package: Package) -> dict[str, Any]:
    return {
        "name": package.name,
        "version": package.version,
        "size": package.size,
        "files": package.files,
        "sha256": package.sha256,
    }


def _change(change: Change) -> dict[str, Any]:
    files = None
    if change.files is not None:
        files = {
            "added": list(change.files.added),
            "removed": list(change.files.removed),
            "changed": list(change.files.changed),
        }
    return {"before": _package(change.before), "after": _package(change.after), "files": files}


def as_rows(found: Difference) -> Iterator[tuple[str, str, str, str]]:
    """What became of each package: added, removed or changed; its name, version, size and files."""
    for package in found.added:
        yield "added", _name(package), package.version, _extent(package)
    for package in found.removed:
        yield "removed", _name(package), package.version, _extent(package)
    for change in found.changed:
        same = change.before.version == change.after.version
        version = change.after.version if same else f"{change.before.version} → {change.after.version}"
        yield "changed", _name(change.after), version, _growth(change)


def _name(package: Package) -> str:
    return package.name or "(no package)"


def _extent(package: Package) -> str:
    if package.size is None or package.files is None:
        return ""
    return f"{size_of(package.size)}, {files_of(package.files)}"


def _growth(change: Change) -> str:
    parts = []
    if change.before.size is not None and change.after.size is not None:
        parts.append(signed(change.after.size - change.before.size))
    if change.files is not None:
        counts = (("+", change.files.added), ("-", change.files.removed), ("~", change.files.changed))
        named = [f"{sign}{len(paths)}" for sign, paths in counts if paths]
        if named:
            parts.append(f"files {' '.join(named)}")
    elif change.before.files is not None and change.after.files is not None:
        more = change.after.files - change.before.files
        parts.append(f"{'+' if more > 0 else '-'}{files_of(abs(more))}" if more else "as many files")
    if change.before.version == change.after.version and _are_other(change):
        parts.append("other hashes")
    return ", ".join(parts)


def _are_other(change: Change) -> bool:
    before, after = change.before.locked, change.after.locked
    return before is not None and after is not None and before != after


def _totals(found: Difference) -> Iterator[tuple[str, str, str]]:
    pairs = (
        ("zipped", found.before.zip_size, found.after.zip_size),
        ("unzipped", found.before.unzipped_size, found.after.unzipped_size),
    )
    for name, before, after in pairs:
        if before is not None and after is not None and before != after:
            yield name, size_of(before), f"{size_of(after)} ({signed(after - before)})"
    if found.before.digest != found.after.digest and found.before.digest and found.after.digest:
        yield "digest", found.before.digest[:12], found.after.digest[:12]


def files_of(count: int) -> str:
    """A number of files, such as `1 file`."""
    return counted(count, "file")


def plain(line: str) -> str:
    """A text without what a terminal obeys and what turns the direction of writing."""
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in line)


def signed(size: int) -> str:
    """A difference of sizes, with its sign."""
    return f"+{size_of(size)}" if size >= 0 else f"-{size_of(-size)}"
