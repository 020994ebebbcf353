"""What the command line says: the answer on stdout, one line for each error on stderr."""

from __future__ import annotations

import io
import os
import sys

from .errors import FailureError

# Type checkers take it for true; typing itself takes longer to load than all else that an answer needs.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

# A name or an address that somebody else made up may fill pages; a list of every package of a lock does not.
_MOST_SAID = 10_000
_hushed = False


def hush(yes: bool) -> None:
    """Says whether answers are left out from now on, as `--quiet` wants it."""
    global _hushed  # noqa: PLW0603 (a process has one stdout)
    _hushed = yes


def answer(text: str) -> None:
    """Prints an answer whole, or nothing where answers are left out.

    Args:
        text: with its final newline.

    Raises:
        FailureError: stdout is closed, or its disk is full.
        BrokenPipeError: nobody reads it any more.
    """
    if _hushed:
        return
    if sys.stdout is None:
        raise FailureError("standard output is closed, so there is no place for the answer")
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A folder's name may have characters that the terminal has not.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        _drop(sys.stdout)
        if isinstance(error, BrokenPipeError):
            raise
        raise FailureError(f"the answer cannot be written: {error.strerror}") from error


def remark(text: str) -> None:
    """Says on stderr what is no answer, such as a warning.

    Args:
        text: with its final newline.
    """
    if sys.stderr is not None:
        tell(sys.stderr, text)


def tell(stream: TextIO, text: str) -> None:
    """Writes to a stream that nobody has to read: the answer and the exit code count without it, too."""
    try:
        stream.write(text)
        stream.flush()
    except OSError:
        _drop(stream)


def answered(out: str, err: str) -> int:
    """Says again what a command said before.

    Returns:
        0, or 1 where nobody can take it.
    """
    remark(err)
    try:
        answer(out)
    except FailureError as error:
        return failed(str(error), code=1)
    except BrokenPipeError:
        return 1
    return 0


def failed(*faults: str, code: int) -> int:
    """Says what went wrong, each fault in one line.

    Returns:
        The exit code that was given.
    """
    remark("".join(f"error: {visible(fault)}\n" for fault in faults))
    return code


def _drop(stream: TextIO) -> None:
    """Leads a stream nowhere: Python writes the rest once more when it ends, and would tell of it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def visible(text: str) -> str:
    """A text on one line, in visible characters: it may quote what strangers wrote for a terminal."""
    line = " ".join(text.split())
    if len(line) > _MOST_SAID:
        line = f"{line[:_MOST_SAID]}…"
    if line.isprintable():
        return line
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in line
    )


def counted(count: int, name: str, names: str | None = None) -> str:
    """A number of things, such as `1 file` or `3,209 files`.

    Args:
        count: how many.
        name: of one.
        names: of several; with an s unless given.
    """
    return f"{count:,} {name if count == 1 else names or f'{name}s'}"


def size_of(size: int) -> str:
    """A size in bytes as people read it, in the largest unit that it fills; `1.2 MB` are 1,200,000 bytes."""
    for unit, factor in (("MB", 1_000_000), ("kB", 1_000)):
        if abs(size) >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size} B"
