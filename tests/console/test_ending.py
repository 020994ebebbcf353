"""However a command line ends, it ends in words."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = {
    "components": ["layer", "--stack", "staging"],
    "drift": [],
    "local": ["env"],
    "preview": [],
    "release": ["status", "--stack", "staging"],
}


def ran(tmp_path: Path, code: str, redirected: str = "") -> subprocess.CompletedProcess[str]:
    """Runs a command line whose module has this code, in a shell that redirects its streams."""
    (tmp_path / "own.py").write_text(code)
    call = "import sys; from console.ending import run; sys.exit(run('own', sys.argv[1:]))"
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"}
    environment.pop("LAMINA_TRACEBACK", None)
    return subprocess.run(
        ["bash", "-c", f'"{sys.executable}" -c "$0" {redirected}', call],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


PRINTS = "def main(_):\n    print('answer')\n    return 3\n"


def test_what_main_gives_is_the_exit_code(tmp_path: Path) -> None:
    done = ran(tmp_path, PRINTS)
    assert (done.returncode, done.stdout, done.stderr) == (3, "answer\n", "")


def test_a_python_without_the_requirements_is_told_where_they_are(tmp_path: Path) -> None:
    done = ran(tmp_path, "import requirement_that_nobody_has\n")
    assert done.returncode == 1
    assert "has no module requirement_that_nobody_has: run this with .venv/bin/python" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("redirected", "told"),
    [
        (">&-", "error: standard output: it is closed, so the answer is lost\n"),
        pytest.param(
            ">/dev/full",
            "error: standard output: No space left on device\n",
            marks=pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full"),
        ),
        ("| true", ""),
    ],
    ids=["closed", "full", "pipe"],
)
def test_an_answer_that_nobody_gets_is_a_failure_told_in_one_line(
    tmp_path: Path, redirected: str, told: str
) -> None:
    # More than a pipe holds, so that it is noticed.
    code = "def main(_):\n    print('answer' * 100_000)\n    return 0\n"
    done = ran(tmp_path, code, f"{redirected}; exit ${{PIPESTATUS[0]}}")
    assert (done.returncode, done.stderr) == (1, told)


def test_a_closed_stdin_is_an_empty_one(tmp_path: Path) -> None:
    done = ran(tmp_path, "import sys\ndef main(_):\n    print(repr(sys.stdin.read()))\n    return 0\n", "<&-")
    assert (done.returncode, done.stdout, done.stderr) == (0, "''\n", "")


def test_a_fault_of_its_own_is_one_line_that_says_so(tmp_path: Path) -> None:
    done = ran(tmp_path, "def main(_):\n    raise ValueError('so\\nso')\n")
    assert done.returncode == 1
    assert done.stderr == (
        "error: this is a fault of Lamina: ValueError: so so (LAMINA_TRACEBACK=1 shows where)\n"
    )


@pytest.mark.parametrize("module", MODULES)
def test_a_mistake_in_the_arguments_is_one_line(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", module, *MODULES[module], "--bogus"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith("error: ")
    assert "--help" in done.stderr


@pytest.mark.parametrize("module", ["drift", "preview"])
def test_ctrl_c_is_one_line(module: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", module],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    # It waits for its standard input by then, or still loads: both end alike.
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, "", "error: interrupted\n")
