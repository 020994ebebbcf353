"""The module's script finds a Python for the builder, or says what is missing, and adds nothing to stdout."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.build.wheelhouse import make_wheel

from .plugins import LAYER, PROJECT

QUERY = b'{"lock":"requirements.txt","python":"3.12","verify":"false"}'
CHOSEN = f'#!/bin/sh\nexec {sys.executable} "$@"\n'


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """The script in a repository of its own, which has no .venv."""
    folder = tmp_path / "repository" / "terraform" / "layer"
    shutil.copytree(LAYER, folder)
    (tmp_path / "repository" / "build").symlink_to(PROJECT / "build")
    make_wheel(tmp_path / "house", "alpha")
    (tmp_path / "requirements.txt").write_text("--no-index\n--find-links house\nalpha==1.0\n")
    return folder / "lamina.sh"


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A folder with what the script itself needs, which is all of its PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("sh", "dirname"):
        (folder / name).symlink_to(str(shutil.which(name)))
    return folder


def put(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text)
    (folder / name).chmod(0o755)


def ran(script: Path, tools: Path, **variables: str) -> subprocess.CompletedProcess[bytes]:
    """Runs the script as Terraform does, in a folder that has a `build` of its own."""
    place = tools.parent
    (place / "build").mkdir(exist_ok=True)
    (place / "build" / "__init__.py").write_text("raise SystemExit('the wrong build')\n")
    own = {"PATH": str(tools), "HOME": str(place), "LAMINA_CACHE": str(place / "cache"), **variables}
    command = [str(tools / "sh"), str(script)]
    return subprocess.run(command, input=QUERY, cwd=place, env=own, capture_output=True, check=False)


def test_the_python_that_is_named_runs_it(script: Path, tools: Path) -> None:
    done = ran(script, tools, LAMINA_PYTHON=sys.executable)
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["digest"]


def test_a_python_that_is_named_and_missing_is_told(script: Path, tools: Path) -> None:
    done = ran(script, tools, LAMINA_PYTHON="no-such-python")
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.startswith(b"error: LAMINA_PYTHON=no-such-python cannot be run; name a Python 3.11")


def test_the_repositorys_own_python_comes_first(script: Path, tools: Path) -> None:
    own = script.parents[2] / ".venv" / "bin"
    own.mkdir(parents=True)
    put(own, "python", '#!/bin/sh\necho "own $*"\n')
    assert ran(script, tools).stdout == b"own -P -m build external\n"


def test_a_python_with_the_pins_is_found_on_the_path(script: Path, tools: Path) -> None:
    put(tools, "python3", "#!/bin/sh\nexit 1\n")
    put(tools, "python", CHOSEN)
    done = ran(script, tools)
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["digest"]


def test_uv_runs_it_where_no_python_has_the_pins(script: Path, tools: Path) -> None:
    put(tools, "python3", f'#!/bin/sh\nexec {sys.executable} -I -S "$@"\n')
    put(tools, "uv", '#!/bin/sh\necho "$*"\n')
    done = ran(script, tools)
    assert done.stdout.decode() == (
        "run --quiet --no-project --isolated --python >=3.11 --with-requirements "
        f"{script.parent}/requirements.txt python -P -m build external\n"
    )


def test_where_neither_is_there_it_says_what_to_install(script: Path, tools: Path) -> None:
    done = ran(script, tools)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.startswith(b"error: the builder needs uv on the PATH, or a Python 3.11 or newer with ")
    assert done.stderr.count(b"\n") == 1


def test_a_module_without_its_repository_is_told_how_to_name_it(script: Path, tools: Path) -> None:
    (script.parents[2] / "build").unlink()
    done = ran(script, tools, LAMINA_PYTHON=sys.executable)
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"end a git source, or an absolute path of a clone, with //terraform/layer" in done.stderr


def test_the_modules_pins_are_those_of_the_program() -> None:
    ours, whole = (
        {line.split()[0] for line in path.read_text().splitlines() if "==" in line}
        for path in (LAYER / "requirements.txt", PROJECT / "requirements.txt")
    )
    assert ours <= whole
    assert not [pin for pin in ours if pin.startswith("pulumi")]


def test_it_is_executable_and_plain_sh() -> None:
    assert os.access(LAYER / "lamina.sh", os.X_OK)
    assert subprocess.run(["sh", "-n", str(LAYER / "lamina.sh")], check=False).returncode == 0
