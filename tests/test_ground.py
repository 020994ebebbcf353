"""What a clean clone is promised: gates that see everything, and pins that give the same everywhere."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LOCKS = [
    *("requirements.txt", "requirements-dev.txt", "requirements-uv.txt", "app/requirements.txt"),
    *("terraform/layer/requirements.txt", "terraform/example/requirements.txt"),
]
PRODUCT = ["__main__.py", "app", "benchmarks", "build", "components", "drift", "local", "release", "scripts"]


def make(*arguments: str, folder: Path = ROOT, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs make, without what the make that runs these tests tells its children."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(
        ["make", *arguments],
        cwd=folder,
        env={**inherited, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


# The gates


def test_every_folder_of_tests_is_collected(tmp_path: Path) -> None:
    folders = {path.parent.relative_to(ROOT) for path in (ROOT / "tests").rglob("test_*.py")}
    for folder in folders:
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / folder / "test_it.py").write_text("def test_it() -> None: ...\n")
    settings = ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(tmp_path), "--import-mode", "importlib"]
    command = [sys.executable, "-m", "pytest", *settings, "-n0", "-q", "--collect-only", "tests"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    collected = {Path(line.split("::")[0]).parent for line in done.stdout.splitlines() if "::" in line}
    assert collected == folders, done.stdout + done.stderr


def test_ci_runs_what_the_readme_names_and_nothing_else() -> None:
    script = ROOT / ".ci/run"
    assert os.access(script, os.X_OK)
    lines = [line for line in script.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    assert lines == ["set -euo pipefail", 'cd "$(dirname "$0")/.."', "exec make test"]


def test_every_gate_is_run_and_pytest_comes_last() -> None:
    shown = make("-n", "-j4", "test").stdout
    gates = ["ruff check .", "ruff format --check .", "mypy", "lint-imports", "pytest"]
    places = [re.search(rf"{re.escape(gate)}$", shown, re.MULTILINE) for gate in gates]
    assert all(places)
    starts = [place.start() for place in places if place]
    assert starts == sorted(starts)
    assert shown.rstrip().endswith("pytest")


def test_no_file_can_stand_in_for_a_target() -> None:
    text = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z-]+):", text, re.MULTILINE))
    (phony,) = re.findall(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    assert targets == set(phony.split())


def test_make_alone_tells_what_there_is() -> None:
    assert make().stdout.startswith("make up: ")
    assert make("help").stdout == make().stdout


def test_stopping_what_never_ran_needs_no_venv(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    done = make("down", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "nothing was running\n")
    assert [path.name for path in tmp_path.iterdir()] == ["Makefile"]


def test_the_python_that_make_is_given_is_the_one_that_is_asked(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    done = make("up", "PYTHON=/nowhere/python", folder=tmp_path)
    assert done.returncode == 2
    assert "found only: no /nowhere/python." in done.stderr


def test_every_module_begins_with_what_it_is_for() -> None:
    paths = [
        path for part in PRODUCT for path in ([ROOT / part, *(ROOT / part).rglob("*.py")]) if path.is_file()
    ]
    assert len(paths) > 100
    assert [path for path in paths if not ast.get_docstring(ast.parse(path.read_text("utf-8")))] == []


# The pins


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_is_exact_and_has_hashes(lock: str) -> None:
    pins = re.split(r"\n(?=\S)", (ROOT / lock).read_text("utf-8").strip())
    assert [pin for pin in pins if not re.match(r"[a-z0-9-]+(\[[a-z0-9,-]+\])?==[\w.!+]+ ", pin)] == []
    assert [pin for pin in pins if not re.search(r"--hash=sha256:[0-9a-f]{64}(\s|$)", pin)] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_no_lock_names_where_packages_come_from(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    assert (
        re.findall(r"https?:|file:|--index-url|--extra-index-url|--find-links|--trusted-host|@ ", text) == []
    )


def test_the_functions_python_stands_in_the_stack_files_alone() -> None:
    written = [*(ROOT / "components").rglob("*.py"), *(ROOT / "app").rglob("*.py"), ROOT / "__main__.py"]
    literals = [
        (path.name, node.value)
        for path in written
        for node in ast.walk(without_docstrings(path))
        if isinstance(node, ast.Constant) and re.fullmatch(r"(python)?3\.\d+", str(node.value))
    ]
    assert literals == []
    assert re.search(r'lamina:python: "3\.\d+"', (ROOT / "Pulumi.staging.yaml").read_text("utf-8"))
    assert "lamina:python" not in (ROOT / "Pulumi.yaml").read_text("utf-8")


def without_docstrings(path: Path) -> ast.Module:
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            node.body = [part for part in node.body if not isinstance(part, ast.Expr)] or node.body[:1]
    return tree
