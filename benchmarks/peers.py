"""Other builders of layers, in an environment of their own: aws-lambda-builders (SAM's) and Pex."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

from build.index.tags import supported_tags
from build.interpreters import find_interpreter
from build.lock.markers import marker_environment
from build.target import Target

from .comparison import Comparison, Way
from .process import ProcessError
from .ways import PROJECT, PYTHON, lamina, zip_name, zipped

_PINS = PROJECT / "benchmarks" / "peers.txt"
_BUILDER = """
import sys
from aws_lambda_builders.builder import LambdaBuilder
lock, artifacts, scratch, source = sys.argv[1:]
LambdaBuilder("python", "pip", None).build(
    source, artifacts, scratch, lock, runtime="python3.12", architecture="x86_64", mode=None)
"""


def peers(lock: Path, home: Path) -> Comparison:
    """The layer of a lock as others make it; each keeps its own cache.

    Args:
        lock: the requirements file.
        home: where their environment is made.

    Raises:
        ProcessError: it cannot be made, or the interpreter of the target's version is missing.
    """
    interpreter = find_interpreter(PYTHON)
    if interpreter is None:
        raise ProcessError(
            f"aws-lambda-builders needs a Python {PYTHON}; `uv python install {PYTHON}` gets one"
        )
    tools = _installed(home / "peers")
    # It takes what the PATH names so, be it a version manager's script that finds nothing here.
    path = os.pathsep.join([str(interpreter.path.parent), os.environ.get("PATH", os.defpath)])
    found = versions(tools)
    return Comparison(
        "peers",
        f"The layer of {lock.name} by others: {', '.join(f'{name} {found[name]}' for name in found)}",
        [
            lamina("lamina, warm cache", lock, most=1.0),
            Way(
                f"aws-lambda-builders, {zip_name('-r')}",
                lambda folder: [_sam(tools, lock, folder), zipped(folder, "-r")],
                environment={"PATH": path},
            ),
            Way(
                "pex3 venv create --layout flat-zipped",
                lambda folder: [_pex(tools, lock, folder)],
                environment={"PEX_ROOT": str(home / "pex")},
            ),
        ],
    )


def versions(tools: Path | None = None) -> dict[str, str]:
    """The versions of what is compared: of this environment, or of one that `peers` made."""
    if tools is None:
        found = {name: importlib.metadata.version(name) for name in ("uv", "pip")}
        return {"python": platform.python_version()} | found
    listed = subprocess.run(
        [sys.executable, "-m", "uv", "pip", "list", "--quiet", "--python", str(tools), "--format", "freeze"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    pairs = [line.split("==") for line in listed.splitlines() if "==" in line]
    return {name: version for name, version in pairs if name in {"aws-lambda-builders", "pex", "pip"}}


def _installed(folder: Path) -> Path:
    uv = [sys.executable, "-m", "uv"]
    python = folder / "bin" / "python"
    for command in (
        [*uv, "venv", "--quiet", "--python", sys.executable, str(folder)],
        [*uv, "pip", "install", "--quiet", "--python", str(python), "--requirement", str(_PINS)],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ProcessError(f"{' '.join(command[:5])} failed: {' '.join(done.stderr.split())[-300:]}")
    return python


def _sam(tools: Path, lock: Path, folder: Path) -> list[str]:
    for name in ("python", "scratch", "source"):
        (folder / name).mkdir()
    return [
        str(tools), "-c", _BUILDER, str(lock),
        str(folder / "python"), str(folder / "scratch"), str(folder / "source"),
    ]  # fmt: skip


def _platform(folder: Path) -> Path:
    """The target as Pex takes it; the short name of a platform leaves out all but its newest glibc."""
    target = Target(PYTHON, "x86_64")
    said = {
        "marker_environment": marker_environment(target),
        "compatible_tags": [str(tag) for tag in supported_tags(target)],
    }
    path = folder / "platform.json"
    path.write_text(json.dumps(said))
    return path


def _pex(tools: Path, lock: Path, folder: Path) -> list[str]:
    return [
        str(tools.parent / "pex3"), "venv", "create", "--layout", "flat-zipped", "--prefix", "python",
        "--complete-platform", str(_platform(folder)), "--intransitive", "--pip-version", "24.2",
        "--requirement", str(lock), "--dest-dir", str(folder / "layer"),
    ]  # fmt: skip
