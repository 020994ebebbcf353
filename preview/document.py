"""The comment: a report as Markdown, what matters first, of no more length than GitHub takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from textwrap import wrap
from urllib.parse import quote

from .caution import Level, listed
from .changes import Act, ResourceChange
from .credentials import without_userinfo
from .groups import Group
from .layer_table import code_digests, digest_table, layer_pieces
from .markdown import code, element, fenced
from .pieces import Fold, Piece, Room, fitted
from .properties import ABSENT, Change, changes_of
from .report import Report
from .urns import StackName, plain_type, short_type
from .values import HIDDEN, shortened, shown

# "Body is too long (maximum is 65536 characters)" is GitHub's answer to more; some room is left for what
# GitHub adds. A job summary takes 1 MiB for each step (GitHub Docs, "Workflow commands for GitHub Actions").
COMMENT = Room(65_000, "a comment on GitHub takes 65,536 characters")
SUMMARY = Room(1_000_000, "a job summary takes 1 MiB")

_ALERTS = {Level.DANGER: "CAUTION", Level.WARNING: "WARNING", Level.NOTE: "NOTE"}
_ICONS = {Level.DANGER: "🛑", Level.WARNING: "⚠️"}
# The cautions that stay whatever has no room.
_SURE = 20
_MOST_PROPERTIES = 60
_MOST_ERROR_LINES = 30
# What a comment shows of a line without scrolling.
_WIDTH = 100
_MOST_TYPES = 12
# The pieces' order of going: what is made is in the program anyway, what is replaced by design is routine.
_RANKS = {Act.CREATE: 90, Act.IMPORT: 85, Act.DELETE: 60, Act.UPDATE: 50, Act.FORGET: 60, Act.OTHER: 50}
_BY_DESIGN, _UNWANTED = 80, 20
_FAINT = "an unhandled error occurred: program exited with non-zero exit code"


def marker(stack: StackName) -> str:
    """The comment's first line, which nobody sees and by which it is found again: one for each stack."""
    return f"<!-- lamina-preview {_inert(stack.project)}/{_inert(stack.stack)} -->"


def as_markdown(report: Report, room: Room = COMMENT) -> str:
    """The whole comment, with its marker.

    Args:
        report: what is told.
        room: how much of it finds room.
    """
    folds: dict[str, Fold] = {}
    pieces = [
        Piece(f"{marker(report.stack)}\n### {_icon(report)} {report.headline}\n\n{_status(report)}\n\n"),
        *_errors(report),
        *_cautions(report, folds),
        *layer_pieces(report.layers, folds),
        *digest_table(report, folds),
        *_groups(report.groups, folds),
        *_remarks(report),
    ]
    return fitted(pieces, folds, room)


def _inert(name: str) -> str:
    """A name that cannot end an HTML comment."""
    return quote(name, safe="", errors="replace").replace("--", "-%2D")


def _icon(report: Report) -> str:
    if report.preview.errors:
        return "❌"
    worst = min((each.level for each in report.cautions), default=Level.NOTE)
    return _ICONS.get(worst, "✅")


def _status(report: Report) -> str:
    parts = [f"Stack {code(str(report.stack))}", report.summary]
    for each in report.layers:
        before = code(each.before.digest[:12]) if each.before and each.before.digest else "none"
        after = code(each.after.digest[:12]) if each.after and each.after.digest else "none"
        parts.append(f"layer digest {before} → {after}")
    codes = dict.fromkeys((old, new) for _, old, new in code_digests(report.changes))
    parts += [f"code digest {code(old[:12])} → {code(new[:12])}" for old, new in codes if old and new][:2]
    return " · ".join(part for part in parts[:6] if part)


def _errors(report: Report) -> Iterator[Piece]:
    """What went wrong: errors of a line together, longer ones in blocks of their own."""
    errors = report.preview.errors
    plain = list(dict.fromkeys(each for each in errors if _FAINT not in each)) or errors
    texts = [without_userinfo(each).removeprefix("error:").strip() or "error" for each in plain]
    short = [
        line for text in texts if "\n" not in text for line in wrap(text, _WIDTH, subsequent_indent="  ")
    ]
    for index, lines in enumerate([short, *(text.splitlines() for text in texts if "\n" in text)]):
        if lines:
            block = fenced(shortened(line, 600) for line in _middle_left_out(lines))
            yield Piece(f"{block}\n\n", rank=0 if index < 3 else 30, what="errors")
    if errors and report.changes:
        yield Piece("What follows is what was seen until then.\n\n")


def _middle_left_out(lines: Sequence[str]) -> Sequence[str]:
    """A long error's beginning and end: of a traceback, the end says what happened."""
    left = len(lines) - _MOST_ERROR_LINES
    if left <= 0:
        return lines
    return [*lines[:5], f"… {left:,} more lines …", *lines[5 - _MOST_ERROR_LINES :]]


def _cautions(report: Report, folds: dict[str, Fold]) -> Iterator[Piece]:
    for level, alert in _ALERTS.items():
        group = f"caution {alert}"
        folds[group] = Fold(f"> [!{alert}]\n", "\n", "")
        found = [each for each in report.cautions if each.level is level]
        for index, each in enumerate(found):
            rank = 0 if index < _SURE and level is not Level.NOTE else 10 + 10 * level
            yield Piece(f"> - {each.text}\n", rank, "warnings", group)


def _groups(groups: Sequence[Group], folds: dict[str, Fold]) -> Iterator[Piece]:
    if groups:
        yield Piece("#### What changes\n\n")
    for index, group in enumerate(groups):
        key = f"group {index}"
        folds[key] = Fold(
            f"<details><summary>{_summary(group, html=True)}</summary>\n\n",
            "</details>\n\n",
            f"- {_summary(group, html=False)}\n\n",
        )
        # A group whose pieces are all gone still has its line.
        yield Piece("", 0, "", key)
        for change in group.changes:
            yield Piece(_resource(change), _rank(change), f"properties of what is {change.act.value}", key)


def _summary(group: Group, *, html: bool) -> str:
    inline = element if html else code
    bold = ("<b>", "</b>") if html else ("**", "**")
    name = f"{inline(short_type(group.urn.type), 80)} {inline(group.urn.name, 80)}"
    told = [f"{fate} {_types(types, inline)}" for fate, types in group.fates().items()]
    # That a component changes is plain from what changes in it.
    own = [group.own.fate] if group.own and (group.own.is_custom or not told) else []
    return f"{bold[0]}{name}{bold[1]}: {'; '.join([*own, *told])}"


def _types(types: Mapping[str, int], inline: Callable[[str, int], str]) -> str:
    """Types, and how many where there are several of one."""
    counted_types = [
        f"{inline(name, 60)}{f' ×{count:,}' if count > 1 else ''}"  # noqa: RUF001 (a times sign)
        for name, count in types.items()
    ]
    return listed(counted_types, _MOST_TYPES)


def _resource(change: ResourceChange) -> str:
    head = f"**{change.fate}** {code(plain_type(change.urn.type))} {code(change.urn.name)}"
    lines = list(_lines(changes_of(change.step)))
    return f"{head}\n\n{fenced(lines, 'diff')}\n\n" if lines else f"{head}\n\n"


def _lines(changes: Sequence[Change]) -> Iterator[str]:
    """What changes as lines of a diff, of which a reader's eye finds the colours."""
    for each in changes[:_MOST_PROPERTIES]:
        why = "  # forces the replacement" if each.forces else ""
        name = each.name if len(each.name) <= 120 else f"{each.name[:119]}…"
        if each.old is HIDDEN and each.new is HIDDEN:
            yield f"! {name}: {shown(HIDDEN)} changes{why}"
            continue
        if each.old is not ABSENT:
            yield f"- {name}: {shown(each.old)}{why if each.new is ABSENT else ''}"
        if each.new is not ABSENT:
            yield f"+ {name}: {shown(each.new)}{why}"
    if len(changes) > _MOST_PROPERTIES:
        yield f"  … and {len(changes) - _MOST_PROPERTIES:,} more"


def _rank(change: ResourceChange) -> int:
    if change.act is Act.REPLACE:
        return _BY_DESIGN if change.by_design else _UNWANTED
    return _RANKS[change.act] if change.by_design else _UNWANTED


def _remarks(report: Report) -> Iterator[Piece]:
    if report.outside is None:
        yield Piece(
            "\nWhat was changed outside of the stack is not known: the preview refreshed nothing.\n",
            40,
            "remarks",
        )
