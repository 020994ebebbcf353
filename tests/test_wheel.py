"""The builder as a wheel: `lamina` in an environment that has nothing of this repository."""

from __future__ import annotations

import ast
import importlib.metadata
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
import uv

from build import VERSION
from build.cache import Cache
from build.cli import COMMANDS
from build.layer import build_layer
from build.target import DEFAULT_ARCHITECTURE, Target
from build.tree.options import LayerOptions

from .build.wheelhouse import make_wheel

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
WHEEL = f"lamina-{VERSION}-py3-none-any.whl"
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


def run(*command: str | Path, folder: Path = ROOT, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs a program, and gives what it said."""
    outside = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "LAMINA_"))
    }
    return subprocess.run(
        command, cwd=folder, env=outside | variables, capture_output=True, text=True, check=False, timeout=120
    )


def run_uv(*arguments: str | Path) -> None:
    done = run(uv.find_uv_bin(), *arguments)
    assert done.returncode == 0, done.stderr


@dataclass(frozen=True, slots=True)
class Installed:
    """The environment that has the wheel, and a lock to build from."""

    folder: Path
    lock: Path

    @property
    def python(self) -> Path:
        return self.folder / "venv/bin/python"

    def run(self, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        program, *arguments = command
        path = self.folder / "venv/bin" / program
        return run(path, *arguments, folder=self.folder, LAMINA_CACHE=str(self.folder / "cache"), **variables)


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `uv build` makes: the sdist, and the wheel that comes from it."""
    folder = tmp_path_factory.mktemp("dist")
    run_uv("build", "--quiet", "--out-dir", folder, ROOT)
    return folder


@pytest.fixture(scope="module")
def installed(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("elsewhere")
    run_uv("venv", "--quiet", "--python", sys.executable, folder / "venv")
    # What the repository runs on; anything newer would be another test.
    pins = ("--constraint", ROOT / "requirements.txt")
    run_uv("pip", "install", "--quiet", "--python", folder / "venv", *pins, dist / WHEEL)
    for name in ("alpha", "beta"):
        make_wheel(folder / "wheels", name)
    lock = folder / "requirements.txt"
    lock.write_text(f"--no-index\n--find-links {folder / 'wheels'}\nalpha==1.0\nbeta==1.0\n")
    return Installed(folder, lock)


def test_the_wheel_has_all_of_the_builder_and_nothing_else(dist: Path) -> None:
    own = {path for path in (ROOT / "build").rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    with zipfile.ZipFile(dist / WHEEL) as wheel:
        names = {name for name in wheel.namelist() if ".dist-info/" not in name}
        licence = wheel.read(f"lamina-{VERSION}.dist-info/licenses/LICENSE")
    assert names == {f"lamina/{path.relative_to(ROOT / 'build')}" for path in own}
    assert {"lamina/py.typed", "lamina/report/page.html"} <= names
    assert licence == (ROOT / "LICENSE").read_bytes()


def test_the_sdist_makes_the_same_wheel_as_the_repository(dist: Path, tmp_path: Path) -> None:
    run_uv("build", "--quiet", "--wheel", "--out-dir", tmp_path, ROOT)
    assert (tmp_path / WHEEL).read_bytes() == (dist / WHEEL).read_bytes()


def test_what_makes_the_wheel_is_pinned() -> None:
    [backend] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["build-system"]["requires"]
    assert re.fullmatch(r"hatchling==[\d.]+", backend)


def test_the_wheel_needs_what_the_builder_imports() -> None:
    distributions = importlib.metadata.packages_distributions()
    nodes = [
        node
        for path in (ROOT / "build").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
    ]
    modules = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    modules |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom) and not node.level}
    roots = {module.partition(".")[0] for module in modules} - sys.stdlib_module_names
    # The stubs are for mypy alone, and botocore is what boto3 is made on.
    found = {name.lower() for root in roots for name in distributions[root] if not root.startswith("types_")}
    needed = {re.split(r"[>=<]", each)[0] for each in PROJECT["dependencies"]}
    assert needed == found - {"botocore"}
    assert needed <= set((ROOT / "requirements.in").read_text("utf-8").split())


def test_an_empty_environment_builds_the_same_bytes_as_the_repository(
    installed: Installed, tmp_path: Path
) -> None:
    options = ("--python", PYTHON, "--name", "deps", "--output", "dist", "--bytecode", "--verify")
    done = installed.run("lamina", "layer", "requirements.txt", *options)
    assert done.returncode == 0, done.stderr
    [theirs] = (installed.folder / "dist").glob("deps-*.zip")
    ours = build_layer(
        installed.lock,
        target=Target(PYTHON, DEFAULT_ARCHITECTURE),
        name="deps",
        output=tmp_path,
        options=LayerOptions(bytecode=True),
        cache=Cache(tmp_path / "cache"),
    )
    assert (theirs.name, theirs.read_bytes()) == (ours.zip.name, ours.zip.read_bytes())


def test_the_first_line_of_the_documentation_works(installed: Installed) -> None:
    text = (ROOT / "docs/builder.md").read_text("utf-8")
    [first] = re.findall(r"\A# .+\n\n    uvx --from git\+<repository> (.+)\n", text)
    done = installed.run(*first.split())
    assert (done.returncode, done.stderr) == (0, "")
    assert f"\ndigest {done.stdout.splitlines()[-2].split()[1]}\nlayer-" in done.stdout


def test_nothing_called_build_is_in_an_environment_that_has_the_wheel(installed: Installed) -> None:
    done = installed.run("python", "-c", "import lamina, build")
    assert done.stderr.endswith("ModuleNotFoundError: No module named 'build'\n")
    assert not [*(installed.folder / "venv").rglob("build")]


@pytest.mark.parametrize("called", ["lamina", "python -m lamina"])
def test_the_command_knows_every_command_and_calls_itself_as_it_was_called(
    installed: Installed, called: str
) -> None:
    shown = installed.run(*called.split(), "--help", COLUMNS="120").stdout
    assert shown.startswith(f"usage: {called} [-h]")
    assert f"\n  {called} layer requirements.txt" in shown
    assert set(COMMANDS) <= set(re.findall(r"^ +([a-z]+) ", shown, re.MULTILINE))
    assert "python -m build" not in shown
    refused = installed.run(*called.split(), "external", "--colour")
    assert (refused.returncode, refused.stderr) == (
        2,
        f"error: unrecognized arguments: --colour; see {called} external --help\n",
    )
    assert installed.run(*called.split(), "--version").stdout == f"lamina {VERSION}\n"


def test_an_unchanged_build_of_the_command_loads_no_library(installed: Installed) -> None:
    command = ("python", "-X", "importtime", "-m", "lamina", "layer", "requirements.txt", "--python", PYTHON)
    first, again = installed.run(*command), installed.run(*command)
    assert first.stdout == again.stdout != ""
    loaded = set(re.findall(r"\| +(\S+)$", again.stderr, re.MULTILINE))
    assert "lamina.unchanged" in loaded
    assert loaded.isdisjoint({"argparse", "packaging", "httpx", "boto3", "pathlib", "lamina.cli"})
