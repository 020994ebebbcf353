"""`python -m tests.chaos`: breaks a release in every way, and prints what became of it."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import fnmatch
import json
import queue
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.world.processes import zygote

from .chamber import Chamber, Outcome, chamber
from .scenario import FAULTS, Scenario, scenarios
from .table import summary, table


def main(arguments: Sequence[str]) -> int:
    """Runs the scenarios.

    Returns:
        0; 1 where a scenario has a problem or was not run; 2 where none was asked for.
    """
    given = _parser().parse_args(arguments)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="lamina-chaos-") as folder, zygote():
        runner = _Runner(Path(folder), given)
        outcomes = runner.run()
    seconds = time.monotonic() - begun
    if not runner.asked:
        sys.stderr.write("error: no scenario is like that; see --help\n")
        return 2
    left = runner.asked - len(outcomes)
    sys.stdout.write(f"{_json(outcomes, seconds, left) if given.json else table(outcomes)}\n")
    if left:
        sys.stderr.write(f"{left} scenarios were not run: the time was over, or it was interrupted\n")
    sys.stderr.write(f"{seconds:.0f} seconds\n")
    return 1 if left or any(each.problems for each in outcomes) else 0


class _Runner:
    """Takes scenarios from one queue into as many worlds as there are jobs."""

    def __init__(self, folder: Path, given: argparse.Namespace) -> None:
        self._folder, self._given = folder, given
        self._until = time.monotonic() + given.minutes * 60 if given.minutes else None
        self._todo: queue.SimpleQueue[Scenario] = queue.SimpleQueue()
        self._planned = threading.Event()
        self._outcomes: list[Outcome] = []
        self._broken: list[BaseException] = []
        self._lock = threading.Lock()
        self.asked = 0

    def run(self) -> list[Outcome]:
        """Runs them all; gives the outcomes in the order in which they came."""
        jobs = [threading.Thread(target=self._job, args=[number]) for number in range(self._given.jobs)]
        for job in jobs:
            job.start()
        try:
            for job in jobs:
                job.join()
        except KeyboardInterrupt:
            sys.stderr.write("\nending the scenarios under way; the table has what was run\n")
            self._until = 0.0
            for job in jobs:
                job.join()
        if self._broken:
            raise self._broken[0]
        return self._outcomes

    def _job(self, number: int) -> None:
        try:
            with chamber(self._folder / str(number), self._folder / "cache") as own:
                if number == 0:
                    self._plan(own)
                self._planned.wait()
                while (scenario := self._next()) is not None:
                    self._done(own.run(scenario))
        except BaseException as error:  # noqa: BLE001  (told by `run`)
            self._broken.append(error)
            self._planned.set()

    def _plan(self, own: Chamber) -> None:
        chosen = list(_chosen(scenarios(*own.calls()), self._given))
        self.asked = len(chosen)
        for each in chosen:
            self._todo.put(each)
        self._planned.set()

    def _next(self) -> Scenario | None:
        if self._broken or (self._until is not None and time.monotonic() > self._until):
            return None
        with contextlib.suppress(queue.Empty):
            return self._todo.get_nowait()
        return None

    def _done(self, outcome: Outcome) -> None:
        with self._lock:
            self._outcomes.append(outcome)
            for problem in outcome.problems:
                sys.stderr.write(f"\r\033[K{outcome.scenario}: {problem}\n" if _watched() else "")
            if _watched():
                sys.stderr.write(f"\r\033[K{len(self._outcomes)} of {self.asked}: {outcome.scenario}")
                sys.stderr.write("\n" if len(self._outcomes) == self.asked else "")
            sys.stderr.flush()


def _watched() -> bool:
    return sys.stderr.isatty()


def _chosen(every: Iterable[Scenario], given: argparse.Namespace) -> Iterable[Scenario]:
    some = [each for each in every if fnmatch.fnmatchcase(each.operation, given.only)]
    some = [each for each in some if not given.fault or each.fault in given.fault]
    return some[:: given.every]


def _json(outcomes: Sequence[Outcome], seconds: float, left: int) -> str:
    return json.dumps(
        {
            "summary": summary(outcomes),
            "seconds": round(seconds, 1),
            "not_run": left,
            "outcomes": [dataclasses.asdict(each) for each in outcomes],
        },
        indent=1,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.chaos",
        description="Breaks a release that changes layer and code, in every way, and says what became of it.",
    )
    parser.add_argument("--only", default="*", metavar="PATTERN", help="operations, such as 'lambda:*'")
    parser.add_argument(
        "--fault", action="append", choices=FAULTS, help="this fault alone; may be given again"
    )
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only each Nth scenario")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="how many worlds at once")
    parser.add_argument("--minutes", type=float, metavar="M", help="begin no scenario after so long")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of the table")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
