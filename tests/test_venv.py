"""How .venv is made: from the pins, to its end or not at all, again when they change, and else left alone."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]
PYTHON = getattr(sys, "_base_executable", sys.executable)
# Stands in for the installer in these tests: notes what it was to install, and waits where a test wants it.
UV = """#!/bin/sh
echo "$@" >.synced
while [ -e .wait ]; do sleep 0.02; done
"""


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The script in a project whose pins name one tiny wheel, an installer that installs nothing."""
    folder = tmp_path_factory.mktemp("clone of a project")
    shutil.copytree(ROOT / "scripts", folder / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "wheels").mkdir()
    wheel = folder / "wheels/uv-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        script = zipfile.ZipInfo("uv-1.data/scripts/uv")
        script.external_attr = 0o100755 << 16
        archive.writestr(script, UV)
        archive.writestr("uv-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: uv\nVersion: 1\n")
        archive.writestr(
            "uv-1.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr("uv-1.dist-info/RECORD", "")
    sha256 = hashlib.sha256(wheel.read_bytes()).hexdigest()
    (folder / "requirements-uv.txt").write_text(f"uv==1 --hash=sha256:{sha256}\n")
    (folder / "requirements.txt").write_text("one==1\n")
    (folder / "requirements-dev.txt").write_text("two==2\n")
    return folder


def started(clone: Path, **variables: str) -> subprocess.Popen[str]:
    """Runs the script, which finds the tiny wheel and no index."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))}
    found = {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "wheels", "PYTHON": PYTHON}
    return subprocess.Popen(
        [clone / "scripts/venv.sh"],
        cwd=clone,
        env={**mine, **found, **variables},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def told(clone: Path, *, code: int = 0, **variables: str) -> str:
    """What a run wrote, after it ended as it should."""
    with started(clone, **variables) as process:
        _, stderr = process.communicate(timeout=120)
    assert process.returncode == code, stderr
    return stderr


@pytest.fixture
def script(clone: Path) -> ModuleType:
    """The script's functions."""
    spec = importlib.util.spec_from_file_location("venv_script", clone / "scripts/venv.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def old_python(folder: Path, answer: str) -> str:
    """A Python that is too old, as far as anyone can ask it."""
    path = folder / "python3"
    path.write_text(f'#!/bin/sh\ntest "$1" = --version && echo "{answer}"\n')
    path.chmod(0o755)
    return str(path)


def test_a_python_below_3_11_is_refused_in_one_line(clone: Path, tmp_path: Path) -> None:
    assert told(clone, code=1, PYTHON=old_python(tmp_path, "Python 3.9.18")) == (
        "error: Lamina needs Python 3.11 or newer, and found only: Python 3.9.18. "
        "Install one, or name it: make up PYTHON=/path/to/python3.12\n"
    )
    assert not (clone / ".venv").exists()


def test_an_old_python_on_the_path_is_named_where_there_is_no_other(clone: Path, tmp_path: Path) -> None:
    old_python(tmp_path, "Python 3.10.13")
    for tool in ("dirname", "sh"):
        (tmp_path / tool).symlink_to(str(shutil.which(tool)))
    assert "found only: Python 3.10.13." in told(clone, code=1, PYTHON="", PATH=str(tmp_path))


def test_a_python_that_is_not_there_is_named(clone: Path) -> None:
    assert "found only: no /nowhere/python." in told(clone, code=1, PYTHON="/nowhere/python")


def test_a_python_without_ensurepip_is_told_what_to_install(
    clone: Path, tmp_path: Path, script: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "_base_executable", old_python(tmp_path, "Python 3.12.1"))
    with pytest.raises(script.VenvError, match=r"has no venv and ensurepip; .* apt install python3-venv"):
        script._make(clone)
    assert not (clone / ".venv").exists()


def test_without_a_network_one_line_says_what_failed_and_nothing_counts_as_made(
    clone: Path, script: ModuleType
) -> None:
    nowhere = {"PIP_NO_INDEX": "", "PIP_FIND_LINKS": "", "PIP_INDEX_URL": "http://127.0.0.1:1/simple"}
    lines = told(clone, code=1, **nowhere).splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("making .venv from the pins (Python 3.")
    assert lines[1].startswith("error: .venv cannot be made: pip failed: ERROR: ")
    assert lines[1].endswith("found for uv==1 (is the package index reachable?)")
    assert not script.is_made(clone)


def test_of_two_runs_at_once_one_redoes_what_is_half_made_and_one_waits(
    clone: Path, script: ModuleType
) -> None:
    (clone / ".wait").touch()
    with started(clone) as first:
        while not (clone / ".synced").exists():
            assert first.poll() is None, first.communicate()
            time.sleep(0.02)
        with started(clone) as second:
            assert second.stderr is not None
            assert second.stderr.readline() == "waiting for another make that makes .venv\n"
            assert not script.is_made(clone)
            (clone / ".wait").unlink()
            assert second.communicate(timeout=60)[1] == ""
        assert first.communicate(timeout=60)[1].count("\n") == 1
    assert (first.returncode, second.returncode) == (0, 0)
    assert " --require-hashes " in (clone / ".synced").read_text()


def test_the_next_run_does_nothing(clone: Path) -> None:
    (clone / ".synced").unlink()
    assert told(clone) == ""
    assert not (clone / ".synced").exists()


def test_without_another_wish_a_complete_one_keeps_its_python(clone: Path, tmp_path: Path) -> None:
    old_python(tmp_path, "Python 3.10.13")
    assert told(clone, PYTHON="", PATH=f"{tmp_path}:{os.environ['PATH']}") == ""


@pytest.mark.parametrize("pins", ["requirements.txt", "requirements-dev.txt", "requirements-uv.txt"])
def test_other_pins_make_it_outdated(pins: str, clone: Path, script: ModuleType) -> None:
    before = (clone / pins).read_text()
    (clone / pins).write_text(before + "three==3\n")
    assert not script.is_made(clone)
    (clone / pins).write_text(before)


def test_another_python_makes_it_outdated(
    clone: Path, script: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "version", "3.99.0")
    assert not script.is_made(clone)


def test_one_whose_python_is_gone_is_outdated(clone: Path, script: ModuleType) -> None:
    python = clone / ".venv/bin/python"
    aside = python.rename(python.with_name("aside"))
    assert not script.is_made(clone)
    aside.rename(python)
    assert script.is_made(clone)


def test_an_interrupted_run_says_so_and_is_begun_anew(clone: Path, script: ModuleType) -> None:
    (clone / "requirements.txt").write_text("one==2\n")
    with started(clone) as process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("making .venv from the pins")
        os.killpg(process.pid, signal.SIGINT)
        _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert stderr == "error: interrupted; the next make begins .venv anew\n"
    assert not script.is_made(clone)


def test_one_that_was_half_removed_is_not_taken_for_the_python_it_was_made_from(
    tmp_path: Path, script: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without its pyvenv.cfg the interpreter of a .venv believes to be the base of it.
    python = tmp_path / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.symlink_to(PYTHON)
    monkeypatch.setattr(sys, "_base_executable", str(python))
    assert script._base_python(tmp_path / ".venv") == os.path.realpath(PYTHON)
