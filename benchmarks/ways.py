"""The ways to make a layer that are compared, each as the processes that it consists of."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

PYTHON = "3.12"
_PLATFORMS = (
    "manylinux_2_34_x86_64",
    "manylinux_2_28_x86_64",
    "manylinux_2_17_x86_64",
    "manylinux2014_x86_64",
)
_PROJECT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Way:
    """One way.

    Attributes:
        name: as the table has it.
        commands: gives the commands of one round, to be run one after the other, for an empty folder.
        cwd: where they are run; in that folder unless given.
    """

    name: str
    commands: Callable[[Path], Sequence[Sequence[str]]]
    cwd: Path | None = None


def ways(lock: Path, wheels: Path) -> list[Way]:
    """All of them: the floor first, then Lamina, then the others.

    Args:
        lock: the requirements file.
        wheels: a folder with just the wheels that it selects.
    """
    return [
        Way("floor (copy and hash the wheels)", lambda folder: [_floor(wheels, folder)]),
        Way("lamina, warm cache", lambda folder: [_lamina(lock, folder)], cwd=_PROJECT),
        Way(
            f"uv pip install --target, {zip_name('-r')}",
            lambda folder: [_uv(lock, folder), zipped(folder, "-r")],
        ),
        Way(f"pip install -t, {zip_name('-r9')}", lambda folder: [_pip(lock, folder), zipped(folder, "-r9")]),
    ]


def _floor(wheels: Path, folder: Path) -> list[str]:
    return [sys.executable, str(Path(__file__).with_name("floor.py")), str(wheels), str(folder / "out")]


def _lamina(lock: Path, folder: Path) -> list[str]:
    options = ["--python", PYTHON, "--name", "deps", "--output", str(folder / "out"), "--json"]
    return [sys.executable, "-m", "build", "layer", str(lock), *options]


def _uv(lock: Path, folder: Path) -> list[str]:
    options = [
        "--python-version",
        PYTHON,
        "--python-platform",
        "x86_64-manylinux_2_34",
        "--only-binary",
        ":all:",
    ]
    return [
        sys.executable, "-m", "uv", "pip", "install", "--quiet", "--target", str(folder / "python"),
        *options, "--requirement", str(lock),
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
