"""A text of pieces of which the least important give way where not all find room."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

# What the note may take that says what is left out.
_NOTE = 800


@dataclass(frozen=True, slots=True)
class Room:
    """How long a text may be.

    Attributes:
        limit: the most bytes of UTF-8: a text has no more characters than bytes, whoever counts them.
        reason: why, for the note that says what is left out.
    """

    limit: int
    reason: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the text that stays or goes as a whole.

    Attributes:
        text: Markdown, with its newlines.
        rank: what goes first has the highest; 0 stays.
        what: what it is, for the note that says what is left out: one of it.
        group: pieces of one group stand in one fold; empty for none.
    """

    text: str
    rank: int = 0
    what: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Fold:
    """What a group of pieces stands in.

    Attributes:
        opening: the text before its first piece.
        closing: the text behind its last.
        without: the text instead of it, if all its pieces are gone or it has none.
    """

    opening: str
    closing: str
    without: str


def fitted(pieces: Sequence[Piece], folds: dict[str, Fold], room: Room) -> str:
    """Puts the pieces together in their order.

    Args:
        pieces: those of one group stand together.
        folds: what groups stand in.
        room: how long the text may be.

    Returns:
        The text, and at its end a note of what is left out.
    """
    kept = set(range(len(pieces)))
    text = _joined(pieces, folds, kept)
    size = length(text)
    if size <= room.limit:
        return text
    members = Counter(piece.group for piece in pieces if piece.text)
    gone: list[Piece] = []
    for index in sorted(kept, key=lambda index: (-pieces[index].rank, -index)):
        piece = pieces[index]
        if size <= room.limit - _NOTE or piece.rank == 0:
            break
        kept.discard(index)
        gone.append(piece)
        members[piece.group] -= 1
        size -= length(piece.text) + (0 if members[piece.group] else _freed(folds.get(piece.group)))
    text = _joined(pieces, folds, kept)
    counts = Counter(piece.what for piece in gone)
    told = [f"{what} ({count:,})" for what, count in counts.most_common(8)]
    if length(text) > room.limit - _NOTE:
        told.append("the rest of the list")
        text = cut(text, room.limit - _NOTE)
    return f"{text}\n> **Left out**, because {room.reason}: {', '.join(told)}\n"


def _freed(fold: Fold | None) -> int:
    """What an empty fold no longer takes."""
    return length(fold.opening) + length(fold.closing) - length(fold.without) if fold else 0


def length(text: str) -> int:
    """The bytes that a text takes in UTF-8."""
    return len(text.encode("utf-8", "replace"))


def cut(text: str, limit: int) -> str:
    """The whole lines at a text's beginning that find room; a fence or fold they leave open is closed."""
    if length(text) <= limit:
        return text
    kept, size, fence, folds = [], 64, "", 0
    for line in text.splitlines(keepends=True):
        if size + length(line) > limit:
            break
        size += length(line)
        kept.append(line)
        fence = _fence_after(line, fence)
        if not fence:
            folds += line.startswith("<details>") - line.startswith("</details>")
    closing = f"{fence}\n" if fence else ""
    return "".join(kept) + closing + "\n</details>\n" * max(folds, 0)


def _fence_after(line: str, fence: str) -> str:
    """The fence that is open behind a line."""
    bare = line.strip()
    ticks = bare[: len(bare) - len(bare.lstrip("`"))]
    if fence:
        return "" if bare == fence else fence
    return ticks if len(ticks) >= 3 and "`" not in bare[len(ticks) :] else ""


def _joined(pieces: Sequence[Piece], folds: dict[str, Fold], kept: set[int]) -> str:
    parts: list[str] = []
    current = ""
    filled = {pieces[index].group for index in kept if pieces[index].text}
    for index, piece in enumerate(pieces):
        if piece.group != current:
            parts += [folds[current].closing] if current in filled and current in folds else []
            current = piece.group
            if current in folds:
                parts.append(folds[current].opening if current in filled else folds[current].without)
        if index in kept:
            parts.append(piece.text)
    if current in filled and current in folds:
        parts.append(folds[current].closing)
    return "".join(parts)
