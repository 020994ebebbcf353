"""The bars that `progress` draws on a terminal, by rich."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TaskID,
    TextColumn,
    TransferSpeedColumn,
)

from .progress import Stage, Unit


class _Bar:
    def __init__(self, progress: Progress, task: TaskID, total: int) -> None:
        self._progress = progress
        self._task = task
        self._total = total
        self._lock = Lock()

    def advance(self, amount: int) -> None:
        """Moves the bar."""
        self._progress.update(self._task, advance=amount)

    def expect(self, amount: int) -> None:
        """Makes the bar longer."""
        with self._lock:
            self._total += amount
            self._progress.update(self._task, total=self._total)


@contextmanager
def bar(title: str, *, total: int, unit: Unit) -> Iterator[Stage]:
    """Shows one bar on stderr while the block runs; rich honours NO_COLOR itself."""
    counts: list[ProgressColumn] = (
        [DownloadColumn(), TransferSpeedColumn()] if unit == "bytes" else [MofNCompleteColumn()]
    )
    columns = [TextColumn("{task.description}"), BarColumn(), *counts]
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield _Bar(progress, progress.add_task(title, total=total), total)
