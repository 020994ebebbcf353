"""`python -m benchmarks`: times every way to make the same layers, side by side, in one run."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from .comparison import Comparison, Row, compare
from .external import external
from .growth import growth
from .imports import imports
from .peers import peers, versions
from .process import ProcessError, measured
from .ways import PROJECT, PYTHON, bytecode, cold, lamina, large, unchanged, warm

SAMPLE = PROJECT / "app" / "requirements.txt"
LARGE = PROJECT / "benchmarks" / "large.txt"
RESULTS = PROJECT / ".lamina" / "bench.json"


def main(arguments: Sequence[str]) -> int:
    """Runs the comparisons that are asked for.

    Returns:
        0; 1 where a promise is broken or a command fails.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "comparisons", nargs="*", metavar="NAME", help=f"of {', '.join(_COMPARISONS)}; all but peers if none"
    )
    parser.add_argument(
        "--rounds", type=int, default=5, help="rounds of the quick ways, at least 1 (default: %(default)s)"
    )
    parser.add_argument("--lock", type=Path, default=SAMPLE, help="instead of the sample's")
    parser.add_argument("--json", type=Path, default=RESULTS, metavar="FILE", help="where the figures go")
    given = parser.parse_args(arguments)
    unknown = sorted(set(given.comparisons) - set(_COMPARISONS))
    if unknown:
        parser.error(f"there is no comparison {', '.join(unknown)}; choose of {', '.join(_COMPARISONS)}")
    names = given.comparisons or [name for name in _COMPARISONS if name != "peers"]
    try:
        results = _run(names, given.lock.resolve(), max(given.rounds, 1))
        _save(given.json, results)
    except (ProcessError, OSError, subprocess.SubprocessError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("error: interrupted\n")
        return 130
    for comparison, rows in results:
        _print(comparison, rows)
    return _verdict([row for _, rows in results for row in rows])


class _Bench:
    """What the comparisons need: a folder of their own, filled caches, and the wheels of a lock."""

    def __init__(self, home: Path, sample: Path) -> None:
        self.home = home
        self.sample = sample
        # Compiled modules are kept for every way alike, as in an installation; but not in the project.
        own = {"LAMINA_CACHE": str(home / "cache"), "PYTHONPYCACHEPREFIX": str(home / "compiled")}
        self.environment: Mapping[str, str] = {
            name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
        } | own

    def built(self, lock: Path) -> Path:
        """Builds the layer of a lock; gives its manifest."""
        output = Path(tempfile.mkdtemp(dir=self.home)) / "out"
        (command,) = lamina("", lock).commands(output.parent)
        measured(command, cwd=PROJECT, environment=self.environment, log=self.home / "log")
        (manifest,) = (path for path in output.glob("deps-*.json") if not path.name.endswith(".cdx.json"))
        return manifest

    def wheels(self, lock: Path) -> Path:
        """A folder with just the wheels that a lock selects."""
        folder = self.home / f"wheels of {lock.name}"
        if not folder.exists():
            folder.mkdir()
            for package in json.loads(self.built(lock).read_text())["packages"]:
                sha256 = package["sha256"]
                cached = self.home / "cache" / "wheels" / sha256[:2] / f"{sha256}.whl"
                shutil.copy(cached, folder / package["wheel"])
        return folder


_COMPARISONS: dict[str, Callable[[_Bench], Comparison]] = {
    "warm": lambda bench: warm(bench.sample, bench.wheels(bench.sample)),
    "large": lambda bench: large(LARGE, bench.wheels(LARGE)),
    "unchanged": lambda bench: unchanged(bench.sample, bench.home / "again"),
    "external": lambda bench: external(bench.sample, bench.home),
    "cold": lambda bench: cold(bench.sample),
    "growth": lambda bench: growth(bench.wheels(bench.sample), bench.home),
    "bytecode": lambda bench: bytecode(bench.sample),
    "imports": lambda bench: imports(bench.sample, bench.home, bench.environment),
    "peers": lambda bench: peers(bench.sample, bench.home),
}


def _run(names: Sequence[str], sample: Path, rounds: int) -> list[tuple[Comparison, tuple[Row, ...]]]:
    with tempfile.TemporaryDirectory(prefix="lamina-bench-") as name:
        bench = _Bench(Path(name), sample)
        results = []
        for each in names:
            comparison = _COMPARISONS[each](bench)
            results.append((comparison, compare(comparison, rounds, bench.home, bench.environment)))
        return results


def _save(path: Path, results: Sequence[tuple[Comparison, tuple[Row, ...]]]) -> None:
    content = {
        "python": PYTHON,
        "versions": versions(),
        "comparisons": [
            {"name": comparison.name, "title": comparison.title, "rows": [row.as_json() for row in rows]}
            for comparison, rows in results
        ],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1) + "\n")
    sys.stderr.write(f"figures are in {path}\n")


def _print(comparison: Comparison, rows: Sequence[Row]) -> None:
    # Only now, because a measured process starts with its parent's peak of memory.
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table("way", "seconds", "ratio", "at most", "peak MiB", title=comparison.title)
    for column in table.columns[1:]:
        column.justify = "right"
    for row in rows:
        most = "" if row.most is None else f"{row.most:g}"
        table.add_row(row.name, f"{row.seconds:.3f}", f"{row.ratio:.2f}", most, f"{row.peak_mebibytes:.0f}")
    Console().print(table)


def _verdict(rows: Sequence[Row]) -> int:
    faults = [fault for row in rows for fault in row.faults()]
    for fault in faults:
        sys.stderr.write(f"error: {fault}\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
