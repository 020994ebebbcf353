"""How far long work has come: silent by default, bars on stderr where a person watches."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Literal, Protocol

Unit = Literal["bytes", "files", "items"]


class Stage(Protocol):
    """One piece of work under way."""

    def advance(self, amount: int) -> None:
        """Says that `amount` more units are done; a negative amount takes back. Any thread may call it."""

    def expect(self, amount: int) -> None:
        """Says that there are `amount` more units to do than was known. Any thread may call it."""


class Progress(Protocol):
    """Where work reports how far it is."""

    def stage(self, title: str, *, total: int, unit: Unit) -> AbstractContextManager[Stage]:
        """Opens a piece of work.

        Args:
            title: what is done, such as `downloading wheels`.
            total: how many units are known to be ahead; `Stage.expect` adds to it.
            unit: what is counted.
        """


class _SilentStage:
    def advance(self, amount: int) -> None:
        """Says nothing."""

    def expect(self, amount: int) -> None:
        """Says nothing."""


class SilentProgress:
    """Reports nothing: for pipes, tests and programs."""

    @contextmanager
    def stage(self, title: str, *, total: int, unit: Unit) -> Iterator[Stage]:  # noqa: ARG002 (the protocol's names)
        """Opens a piece of work that nobody watches."""
        yield _SilentStage()


SILENT = SilentProgress()


class TerminalProgress:
    """Draws a bar with rates on stderr for each stage that takes long, until that is over."""

    @contextmanager
    def stage(self, title: str, *, total: int, unit: Unit) -> Iterator[Stage]:
        """Opens a piece of work under a bar."""
        from .patience import Patient  # noqa: PLC0415 (needs threads, and only where somebody watches)

        stage = Patient(title, total, unit)
        try:
            yield stage
        finally:
            stage.close()


Loudness = Literal["quiet", "usual", "verbose"]
_loudness: Loudness = "usual"


def speak(loudness: Loudness) -> None:
    """Says how much `progress_for_terminal` is to tell from now on, as the command line has it."""
    global _loudness  # noqa: PLW0603 (a process has one stderr)
    _loudness = loudness


def progress_for_terminal() -> Progress:
    """Gives what the user asked for: bars when stderr is a terminal that can draw them, else silence.

    With `speak("verbose")` there also is a line for each stage that is over, whether or not anybody watches.
    Colour follows NO_COLOR (https://no-color.org); `TERM=dumb` means no bars.
    """
    if _loudness == "quiet" or sys.stderr is None:
        return SILENT
    watched = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    drawn = TerminalProgress() if watched else SILENT
    if _loudness == "usual":
        return drawn
    from .steps import VerboseProgress  # noqa: PLC0415 (only where it is asked for)

    return VerboseProgress(drawn, sys.stderr)
