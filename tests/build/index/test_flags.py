"""What the command line says about a lock: `--extra`, `--group`, `--require-hashes`, `--refresh`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from build.cli import main
from tests.build.index_fixtures import Lock
from tests.build.index_server import Index

PROJECT = Path(__file__).parents[3]


@pytest.fixture
def output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAMINA_CACHE", str(tmp_path / "cache"))
    return tmp_path / "out"


def arguments(lock: Path, output: Path, *flags: str) -> list[str]:
    return ["layer", str(lock), "--python", "3.12", "--output", str(output), "--json", *flags]


def built(lock: Path, output: Path, *flags: str) -> list[str]:
    """Runs the command as users do, and gives the packages."""
    command = [sys.executable, "-m", "build", *arguments(lock, output, *flags)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return [f"{package['name']} {package['sha256'][:8]}" for package in answer["packages"]]


def test_extras_and_groups_may_be_repeated(index: Index, lock: Lock, output: Path) -> None:
    files = {name: index.wheel(name, "1.0") for name in ("base", "web", "dev")}
    text = 'lock-version = "1.0"\ncreated-by = "x"\nextras = ["web"]\ndependency-groups = ["dev"]\n'
    for name, marker in (
        ("base", "python_version > '3'"),
        ("web", "'web' in extras"),
        ("dev", "'dev' in dependency_groups"),
    ):
        file = files[name]
        url = f"http://127.0.0.1:{index.port}/files/{file.filename}"
        text += f'[[packages]]\nname = "{name}"\nmarker = "{marker}"\n'
        text += f'wheels = [{{url = "{url}", hashes = {{sha256 = "{file.sha256}"}}}}]\n'
    path = lock(text, name="pylock.app.toml")
    names = {name: f"{name} {file.sha256[:8]}" for name, file in files.items()}
    assert built(path, output) == [names["base"]]
    assert built(path, output, "--extra", "web") == [names["base"], names["web"]]
    assert built(path, output, "--extra=web", "--group", "dev", "--extra", "WEB") == sorted(names.values())


def test_refresh_asks_again_every_time(index: Index, lock: Lock, output: Path) -> None:
    first = index.wheel("alpha", "1.0")
    path = lock("alpha==1.0")
    assert built(path, output, "--refresh") == [f"alpha {first.sha256[:8]}"]
    better = index.wheel("alpha", "1.0", "py312-none-any")
    assert built(path, output) == [f"alpha {first.sha256[:8]}"]
    assert built(path, output, "--refresh") == [f"alpha {better.sha256[:8]}"]
    assert built(path, output) == [f"alpha {better.sha256[:8]}"]


def test_required_hashes_end_with_a_users_mistake(
    index: Index, lock: Lock, output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    index.wheel("alpha", "1.0")
    path = lock("alpha==1.0")
    assert main(arguments(path, output, "--require-hashes")) == 2
    told = f"error: no --hash for alpha ({path}:1), but the lock has hashes or requires them\n"
    assert capsys.readouterr().err == told
    assert not output.exists()


def test_another_tools_lock_is_told_with_its_command(
    lock: Lock, output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = lock("", name="poetry.lock")
    assert main(arguments(path, output)) == 2
    assert capsys.readouterr().err.startswith(f"error: {path} is Poetry's lock, which is not read here; ")
