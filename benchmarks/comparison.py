"""A comparison: several ways to do one thing, run in turn, each against the first of them."""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .process import Run, measured

# A way that takes longer is run in fewer rounds.
_SLOW = 3.0
_SLOW_ROUNDS = 2


@dataclass(frozen=True, slots=True)
class Way:
    """One way.

    Attributes:
        name: as the table has it.
        commands: gives the commands of one round, to be run one after the other, for an empty folder.
        cwd: where they are run; in that folder unless given.
        most: how many times as long as the first way it may take; None where nothing is promised.
        environment: what is set for it alone; `{folder}` stands for the round's folder.
        most_mebibytes: of its peak of memory.
        stdin: what each of its commands is given there.
    """

    name: str
    commands: Callable[[Path], Sequence[Sequence[str]]]
    cwd: Path | None = None
    most: float | None = None
    environment: Mapping[str, str] | None = None
    most_mebibytes: float | None = None
    stdin: bytes = b""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is compared.

    Attributes:
        name: one word, by which it is asked for.
        title: of the table.
        ways: what each is measured against comes first.
    """

    name: str
    title: str
    ways: Sequence[Way]


@dataclass(frozen=True, slots=True)
class Row:
    """One way's figures: medians over the rounds.

    Attributes:
        name: of the way.
        seconds: wall time of one round.
        ratio: the median of its time against the first way's in the same round.
        most: what that may be.
        peak_mebibytes: of its largest process.
        most_mebibytes: what that may be.
    """

    name: str
    seconds: float
    ratio: float
    most: float | None
    peak_mebibytes: float
    most_mebibytes: float | None

    def as_json(self) -> dict[str, Any]:
        """The row for the JSON file."""
        return asdict(self)

    def faults(self) -> list[str]:
        """Which promises it breaks."""
        found = []
        if self.most is not None and self.ratio > self.most:
            found.append(f"{self.name}: takes {self.ratio:.2f} times as long, and may take {self.most:g}")
        if self.most_mebibytes is not None and self.peak_mebibytes > self.most_mebibytes:
            found.append(
                f"{self.name}: uses {self.peak_mebibytes:.0f} MiB, and may use {self.most_mebibytes:.0f}"
            )
        return found


def compare(
    comparison: Comparison, rounds: int, home: Path, environment: Mapping[str, str]
) -> tuple[Row, ...]:
    """Runs every way in turn, so that a machine whose speed drifts is unfair to none of them.

    Args:
        comparison: what.
        rounds: how many count; one more comes first and fills every tool's own cache.
        home: a folder for what the rounds leave.
        environment: the commands' environment.

    Raises:
        ProcessError: a command fails.
    """
    runs: list[list[Run]] = [[] for _ in comparison.ways]
    for number in range(rounds + 1):
        for way, done in zip(comparison.ways, runs, strict=True):
            if number > _SLOW_ROUNDS and done[0].seconds > _SLOW:
                continue
            sys.stderr.write(f"{comparison.name}, round {number}: {way.name}\n")
            done.append(_round(way, home, environment))
    return tuple(_row(way, done[1:], runs[0][1:]) for way, done in zip(comparison.ways, runs, strict=True))


def _row(way: Way, runs: Sequence[Run], first: Sequence[Run]) -> Row:
    ratios = [run.seconds / other.seconds for run, other in zip(runs, first, strict=False)]
    return Row(
        name=way.name,
        seconds=statistics.median(run.seconds for run in runs),
        ratio=statistics.median(ratios),
        most=way.most,
        peak_mebibytes=max(run.peak for run in runs) / (1 << 20),
        most_mebibytes=way.most_mebibytes,
    )


def _round(way: Way, home: Path, environment: Mapping[str, str]) -> Run:
    folder = Path(tempfile.mkdtemp(dir=home))
    # What another way left unwritten would be paid for by this one.
    os.sync()
    own = {name: value.replace("{folder}", str(folder)) for name, value in (way.environment or {}).items()}
    try:
        runs = [
            measured(
                command,
                cwd=way.cwd or folder,
                environment={**environment, **own},
                log=folder / "log",
                stdin=way.stdin,
            )
            for command in way.commands(folder)
        ]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return Run(sum(run.seconds for run in runs), max(run.peak for run in runs))
