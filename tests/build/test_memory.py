"""Memory does not grow with the wheels: 150 MB of them are built within 100 MB, cold or warm."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from .index_fixtures import Lock
from .wheelhouse import make_wheel

PROJECT = Path(__file__).resolve().parents[2]
MOST = 100 << 20
# A process of its own in between, because a child starts with its parent's peak, and pytest's is high.
MEASURE = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def peak(*arguments: str, environment: dict[str, str]) -> int:
    """Runs the builder and gives its largest resident memory, in bytes."""
    command = [sys.executable, "-c", MEASURE, sys.executable, "-m", "build", *arguments]
    done = subprocess.run(
        command, cwd=PROJECT, env={**os.environ, **environment}, stdout=subprocess.PIPE, check=True
    )
    return int(done.stdout) * (1 if sys.platform == "darwin" else 1024)


def test_150_megabytes_of_wheels_are_built_within_100(tmp_path: Path, no_settings: Path, lock: Lock) -> None:
    house = tmp_path / "house"
    for number in range(3):
        make_wheel(house, f"big{number}", files={f"big{number}.bin": os.urandom(50 << 20)}, level=0)
    path = lock("--no-index", f"--find-links {house}", *(f"big{number}==1.0" for number in range(3)))
    command = ["layer", str(path), "--python", "3.12", "--output", str(tmp_path / "out")]
    environment = {"LAMINA_CACHE": str(tmp_path / "cache")}
    cold = peak(*command, environment=environment)
    warm = peak(*command, "--name", "again", environment=environment)
    assert (cold < MOST, warm < MOST) == (True, True), f"{cold >> 20} MiB cold, {warm >> 20} MiB warm"
