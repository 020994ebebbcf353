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
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Column
from rich.text import Text

from .progress import Stage, Unit

# What a line without its bar needs; on a narrower terminal the bar, and then the time, is left out.
_FOR_BAR = 78
_FOR_TIME = 66
_LONGEST_BAR = 40


class _Rate(ProgressColumn):
    """How many files or items a second; rich has a column for bytes only."""

    def __init__(self, unit: Unit) -> None:
        super().__init__()
        self._unit = unit

    def render(self, task: Task) -> Text:
        """Shows the rate, once it is known."""
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f} {self._unit}/s", style="progress.data.speed")


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
    """Shows one bar on stderr while the block runs; rich honours NO_COLOR itself.

    Args:
        title: what is done.
        total: how much there is to do; where it is 0 nobody knows, and the bar only moves.
        unit: what is counted.
    """
    console = Console(stderr=True)
    columns = _columns(console.width, unit, known=total > 0)
    with Progress(*columns, console=console, transient=True) as progress:
        yield _Bar(progress, progress.add_task(title, total=total or None), total)


def _columns(width: int, unit: Unit, *, known: bool) -> list[ProgressColumn]:
    columns: list[ProgressColumn] = [TextColumn("{task.description}", table_column=Column(no_wrap=True))]
    if width >= _FOR_BAR:
        columns.append(BarColumn(_LONGEST_BAR))
    if not known:
        return columns
    if unit == "bytes":
        columns += [DownloadColumn(), TransferSpeedColumn()]
    else:
        columns += [MofNCompleteColumn(), _Rate(unit)]
    if width >= _FOR_TIME:
        columns.append(TimeRemainingColumn(compact=True))
    return columns
