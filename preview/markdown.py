"""Foreign text in Markdown: shown as it is, and never taken for markup, a link or somebody's name.

Everything that is not ours stands in a code span, in a fenced block or in a `<code>` element, because there
GitHub finds no mentions, references, links, emoji or HTML (GitHub Flavored Markdown Spec 0.29, "Code spans",
"Fenced code blocks"). What cannot be seen, or changes how other text is seen, is written as an escape.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable

LONGEST = 200
# Control and format characters, line and paragraph separators, lone surrogates, and what is not assigned.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp", "Me"})
# Blank though they are letters, marks or symbols (Unicode: Default_Ignorable_Code_Point, and fillers).
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
# Written from right to left: between two of them our own arrow would point the other way.
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_MOST_MARKS = 2


def visible(text: str, *, reordered: bool = False) -> str:
    """A text in one line in which every character is seen.

    Args:
        text: any text.
        reordered: whether letters that are written from right to left may stay: on a line of their own.
    """
    if text.isascii() and text.isprintable():
        return text
    shown: list[str] = []
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        marks = marks + 1 if category == "Mn" else 0
        escaped = _is_unseen(character, category) or marks > _MOST_MARKS
        if not reordered and unicodedata.bidirectional(character) in _RIGHT_TO_LEFT:
            escaped = True
        shown.append(_escape(character) if escaped else character)
    return "".join(shown)


def code(text: str, longest: int = LONGEST) -> str:
    """A text as a code span, for paragraphs, list items and cells of tables."""
    # A bar ends a cell, also in a code span, and how a backslash before one is read differs.
    shown = _cut(visible(text), longest).replace("|", "\\x7c")
    if not shown.strip():
        shown = repr(shown)
    ticks = "`" * (_longest_run(shown) + 1)
    space = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return f"{ticks}{space}{shown}{space}{ticks}"


def element(text: str, longest: int = LONGEST) -> str:
    """A text as a `<code>` element, for a line that is HTML, in which Markdown is not read."""
    shown = html.escape(_cut(visible(text), longest))
    return f"<code>{shown}</code>"


def fenced(lines: Iterable[str], language: str = "") -> str:
    """Lines as a fenced block; each stays one line."""
    shown = [visible(line, reordered=True) for line in lines]
    ticks = "`" * max(3, _longest_run("\n".join(shown)) + 1)
    return "\n".join([f"{ticks}{language}", *shown, ticks])


def quoted(lines: Iterable[str]) -> str:
    """Markdown lines as a block quote."""
    return "\n".join(f"> {line}".rstrip() for line in lines)


def _is_unseen(character: str, category: str) -> bool:
    if category in _INVISIBLE or character in _BLANK:
        return True
    variation = "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
    return variation or "\u180b" <= character <= "\u180f" or (category == "Zs" and character != " ")


def _escape(character: str) -> str:
    if character in _SHORT:
        return _SHORT[character]
    point = ord(character)
    return f"\\x{point:02x}" if point < 0x100 else f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
