"""Projects with a lock that uv made from an index of the tests."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import uv

from .index_server import Index

BUILT = '[build-system]\nrequires = []\nbuild-backend = "x"\n'


def write_project(folder: Path, name: str, dependencies: Sequence[str] = (), more: str = "") -> None:
    """Writes a pyproject.toml."""
    listed = ", ".join(f'"{each}"' for each in dependencies)
    folder.mkdir(exist_ok=True)
    (folder / "pyproject.toml").write_text(
        f'[project]\nname = "{name}"\nversion = "1"\n'
        f'requires-python = ">=3.9"\ndependencies = [{listed}]\n{more}'
    )


def uv_lock(folder: Path, index: Index, *dependencies: str, more: str = "") -> Path:
    """Makes a project called `mine`, locks it, and gives its uv.lock."""
    write_project(folder, "mine", dependencies, more)
    return lock_again(folder, index)


def lock_again(folder: Path, index: Index) -> Path:
    """Locks the project of a folder as it is now, and gives its uv.lock."""
    environ = {**os.environ, "UV_CACHE_DIR": str(folder / "uv-cache"), "UV_DEFAULT_INDEX": index.url}
    command = [uv.find_uv_bin(), "lock", "--quiet", "--python", sys.executable]
    subprocess.run(command, cwd=folder, env=environ, check=True)
    return folder / "uv.lock"
