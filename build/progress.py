"""How far long work has come: silent by default, bars on stderr where a person watches."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Literal, Protocol

Unit = Literal["bytes", "files"]


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
    """Draws a bar with rates on stderr for each stage, and takes it away when the stage is over."""

    @contextmanager
    def stage(self, title: str, *, total: int, unit: Unit) -> Iterator[Stage]:
        """Opens a piece of work under a bar."""
        from .bars import bar  # noqa: PLC0415 (rich is loaded only where somebody watches)

        with bar(title, total=total, unit=unit) as stage:
            yield stage


def progress_for_terminal() -> Progress:
    """Gives bars when stderr is a terminal that can draw them, else silence.

    Colour follows NO_COLOR (https://no-color.org); `TERM=dumb` means silence.
    """
    if sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        return TerminalProgress()
    return SILENT
