"""A lock with two wheels in a folder, and the command as Terraform's provider runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ..index_fixtures import Lock
from ..remote.conftest import client, cloud, s3, server  # noqa: F401 (fixtures)
from ..wheelhouse import make_wheel

PROJECT = Path(__file__).resolve().parents[3]
COMMAND = [sys.executable, "-P", "-m", "build", "external"]

Ask = Callable[..., "subprocess.CompletedProcess[bytes]"]


@pytest.fixture
def place(tmp_path: Path, no_settings: Path, lock: Lock, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder where Terraform runs, with a lock in it."""
    house = tmp_path / "house"
    make_wheel(house, "alpha")
    make_wheel(house, "beta")
    lock("--no-index", f"--find-links {house}", "alpha==1.0", "beta==1.0")
    monkeypatch.setenv("LAMINA_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def ask(place: Path) -> Ask:
    """Asks a query in a process of its own."""

    def ask(content: bytes | None = None, **values: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            COMMAND, input=query(**values) if content is None else content, capture_output=True, check=False
        )

    return ask


def query(**values: str) -> bytes:
    """A query as the provider writes it: without spaces and without a newline."""
    whole = {"lock": "requirements.txt", "python": "3.12", **values}
    return json.dumps(whole, separators=(",", ":")).encode()


def files_of(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file below a folder, with what changes when it is written."""
    return {
        str(path.relative_to(folder)): ((status := path.stat()).st_ino, status.st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }
