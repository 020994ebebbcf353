"""The ways to make a layer that are compared, each as the processes that it consists of."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from .comparison import Comparison, Way

PYTHON = "3.12"
# What is promised: times as long as another way takes, and MiB at the peak.
MOST_TIMES_FLOOR = 1.25
MOST_TIMES_NOTHING = 3.0
MOST_TIMES_UV_COLD = 1.0
MOST_TIMES_PLAIN = 2.0
MOST_MEBIBYTES = 100.0

PROJECT = Path(__file__).resolve().parent.parent
_PLATFORMS = (
    "manylinux_2_34_x86_64",
    "manylinux_2_28_x86_64",
    "manylinux_2_17_x86_64",
    "manylinux2014_x86_64",
)


def warm(lock: Path, wheels: Path) -> Comparison:
    """The layer of the sample, from a warm cache.

    Args:
        lock: the requirements file.
        wheels: a folder with just the wheels that it selects.
    """
    return Comparison(
        "warm",
        f"The layer of {_named(lock)} for python{PYTHON}, caches warm",
        [
            floor(wheels),
            lamina("lamina", lock),
            Way(
                f"uv pip install --target, {zip_name('-r')}",
                lambda folder: [_uv(lock, folder), zipped(folder, "-r")],
            ),
            Way(
                f"pip install -t, {zip_name('-r9')}",
                lambda folder: [_pip(lock, folder), zipped(folder, "-r9")],
            ),
        ],
    )


def large(lock: Path, wheels: Path) -> Comparison:
    """The layer of a large lock, from a warm cache; arguments as `warm`."""
    title = f"The layer of {_named(lock)} for python{PYTHON}, caches warm"
    return Comparison("large", title, [floor(wheels), lamina("lamina", lock)])


def unchanged(lock: Path, output: Path) -> Comparison:
    """The same build once more, with its output there."""
    command = _layer(lock, output)
    return Comparison(
        "unchanged",
        f"The layer of {_named(lock)}, built before",
        [
            Way("python -c pass", lambda _: [[sys.executable, "-c", "pass"]]),
            Way("lamina", lambda _: [command], cwd=PROJECT, most=MOST_TIMES_NOTHING),
        ],
    )


def cold(lock: Path) -> Comparison:
    """The wheels of a lock from their index, with nothing cached, unpacked by uv and zipped by Lamina."""
    return Comparison(
        "cold",
        f"The layer of {_named(lock)} for python{PYTHON}, nothing cached",
        [
            Way(
                "uv pip install --target",
                lambda folder: [_uv(lock, folder)],
                environment={"UV_CACHE_DIR": "{folder}/cache"},
            ),
            lamina("lamina", lock, most=MOST_TIMES_UV_COLD, environment={"LAMINA_CACHE": "{folder}/cache"}),
        ],
    )


def bytecode(lock: Path) -> Comparison:
    """A layer with compiled modules for the Python that runs this, from a warm cache, against one without."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return Comparison(
        "bytecode",
        f"The layer of {_named(lock)} for python{python}, caches warm",
        [
            lamina("sources", lock, python=python, most=None),
            lamina("with bytecode", lock, "--bytecode", python=python, most=MOST_TIMES_PLAIN),
        ],
    )


def floor(wheels: Path) -> Way:
    """One process that copies the wheels of a folder into one file and hashes it."""
    script = str(Path(__file__).with_name("floor.py"))
    return Way(
        "floor (copy and hash the wheels)",
        lambda folder: [[sys.executable, script, str(wheels), str(folder / "out")]],
    )


def lamina(
    name: str,
    lock: Path,
    *options: str,
    python: str = PYTHON,
    most: float | None = MOST_TIMES_FLOOR,
    environment: dict[str, str] | None = None,
) -> Way:
    """`python -m build layer` into a new folder."""
    return Way(
        name,
        lambda folder: [_layer(lock, folder / "out", *options, python=python)],
        cwd=PROJECT,
        most=most,
        environment=environment,
        most_mebibytes=MOST_MEBIBYTES,
    )


def _layer(lock: Path, output: Path, *options: str, python: str = PYTHON) -> list[str]:
    common = ["--python", python, "--name", "deps", "--output", str(output), "--json"]
    return [sys.executable, "-m", "build", "layer", str(lock), *common, *options]


def _uv(lock: Path, folder: Path) -> list[str]:
    return [
        sys.executable, "-m", "uv", "pip", "install", "--quiet", "--target", str(folder / "python"),
        "--python-version", PYTHON, "--python-platform", "x86_64-manylinux_2_34",
        "--only-binary", ":all:", "--requirement", str(lock),
    ]  # fmt: skip


def _pip(lock: Path, folder: Path) -> list[str]:
    platforms = [option for platform in _PLATFORMS for option in ("--platform", platform)]
    return [
        sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps",
        "--only-binary", ":all:", "--python-version", PYTHON, *platforms,
        "--target", str(folder / "python"), "--requirement", str(lock),
    ]  # fmt: skip


def zip_name(options: str) -> str:
    """What `zipped` runs, as the table names it."""
    return f"zip {options}" if shutil.which("zip") else "python -m zipfile (there is no zip)"


def zipped(folder: Path, options: str) -> list[str]:
    """The command that zips `python/`: zip where it is installed, else Python's module at its own level."""
    if shutil.which("zip"):
        return ["zip", "-q", options, str(folder / "layer.zip"), "python"]
    return [sys.executable, "-m", "zipfile", "--create", str(folder / "layer.zip"), "python"]


def _named(lock: Path) -> str:
    try:
        return str(lock.relative_to(PROJECT))
    except ValueError:
        return lock.name
