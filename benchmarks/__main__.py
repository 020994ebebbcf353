"""`python -m benchmarks`: times every way to make the sample's layer in one run."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from .process import ProcessError, Run, measured
from .ways import PYTHON, Way, ways

# What is promised: the whole warm process against the floor, and its peak memory in MiB.
MOST_TIMES_FLOOR = 2.0
MOST_MEBIBYTES = 100

_PROJECT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Row:
    """One way's figures: medians over the rounds.

    Attributes:
        name: of the way.
        seconds: wall time of one round.
        times_floor: that, against the floor.
        peak_mebibytes: of its largest process.
    """

    name: str
    seconds: float
    times_floor: float
    peak_mebibytes: float


def main(arguments: Sequence[str]) -> int:
    """Runs the benchmark.

    Returns:
        0; 1 where a limit is broken or a command fails.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--rounds", type=int, default=5, help="rounds of the quick ways, at least 1 (default: %(default)s)"
    )
    parser.add_argument("--lock", type=Path, default=_PROJECT / "app" / "requirements.txt", help="the lock")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    given = parser.parse_args(arguments)
    try:
        rows = _compare(given.lock.resolve(), max(given.rounds, 1))
    except (ProcessError, OSError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("error: interrupted\n")
        return 130
    if given.json:
        sys.stdout.write(
            json.dumps({"python": PYTHON, "rows": [asdict(row) for row in rows]}, indent=1) + "\n"
        )
    else:
        _print(rows)
    return _verdict(rows)


def _compare(lock: Path, rounds: int) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="lamina-bench-") as name:
        home = Path(name)
        environment = _environment(home)
        wheels = home / "wheels"
        compared = ways(lock, wheels)
        _warm(compared[1], home, wheels, environment)
        runs: dict[str, list[Run]] = {way.name: [] for way in compared}
        for number in range(rounds + 1):
            # Round by round, so that a machine whose speed drifts is unfair to none of them.
            for way in compared:
                slow = runs[way.name] and runs[way.name][0].seconds > 3
                if number == 0 or not (slow and number > 2):
                    sys.stderr.write(f"round {number}: {way.name}\n")
                    runs[way.name].append(_round(way, home, environment))
        # The first round fills every tool's own cache, and is not counted.
        counted = {name: each[1:] for name, each in runs.items()}
    floor = _median(counted[compared[0].name])
    return [
        Row(name, _median(each), _median(each) / floor, max(run.peak for run in each) / (1 << 20))
        for name, each in counted.items()
    ]


def _environment(home: Path) -> dict[str, str]:
    # Compiled modules are kept for every way alike, as in an installation; but not in the project's folders.
    own = {"LAMINA_CACHE": str(home / "cache"), "PYTHONPYCACHEPREFIX": str(home / "compiled")}
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | own


def _warm(lamina: Way, home: Path, wheels: Path, environment: Mapping[str, str]) -> None:
    _round(lamina, home, environment)
    wheels.mkdir()
    for wheel in (home / "cache" / "wheels").rglob("*.whl"):
        shutil.copy(wheel, wheels)


def _round(way: Way, home: Path, environment: Mapping[str, str]) -> Run:
    folder = Path(tempfile.mkdtemp(dir=home))
    try:
        runs = [
            measured(command, cwd=way.cwd or folder, environment=environment, log=folder / "log")
            for command in way.commands(folder)
        ]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return Run(sum(run.seconds for run in runs), max(run.peak for run in runs))


def _median(runs: Sequence[Run]) -> float:
    return statistics.median(run.seconds for run in runs)


def _print(rows: Sequence[Row]) -> None:
    # Only now, because a measured process starts with its parent's peak of memory.
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table(
        "way", "seconds", "times the floor", "peak MiB", title=f"The sample's layer for python{PYTHON}"
    )
    for column in table.columns[1:]:
        column.justify = "right"
    for row in rows:
        table.add_row(row.name, f"{row.seconds:.2f}", f"{row.times_floor:.2f}", f"{row.peak_mebibytes:.0f}")
    Console().print(table)


def _verdict(rows: Sequence[Row]) -> int:
    lamina = rows[1]
    faults = []
    if lamina.times_floor > MOST_TIMES_FLOOR:
        faults.append(f"it takes {lamina.times_floor:.2f} times the floor, and may take {MOST_TIMES_FLOOR}")
    if lamina.peak_mebibytes > MOST_MEBIBYTES:
        faults.append(f"it uses {lamina.peak_mebibytes:.0f} MiB, and may use {MOST_MEBIBYTES}")
    for fault in faults:
        sys.stderr.write(f"error: {lamina.name}: {fault}\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
