"""How the real Pulumi CLI is driven: over a local backend, with the stand-in provider, to its own end.

The `pulumi` of these tests is a script that writes down how it was called; tests/stack drives the real one.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from typing import Any

import psutil
import pytest

from .project import Project

SCRIPT = f"""#!{sys.executable}
import json, os, pathlib, signal, socket, sys, time

def saved(number, frame):
    signals.append(number)
    time.sleep(0.3)
    pathlib.Path("signals.json").write_text(json.dumps(signals))
    sys.exit(7)

signals = []
if "select" in sys.argv:
    sys.exit(os.environ.get("SELECTED") or 0)
signal.signal(signal.SIGINT, saved)
signal.signal(signal.SIGTERM, saved)
port = int(os.environ["PULUMI_DEBUG_PROVIDERS"].removeprefix("aws:"))
socket.create_connection(("127.0.0.1", port), timeout=5).close()
pathlib.Path("call.json").write_text(json.dumps([sys.argv[1:], dict(os.environ)]))
if "wait" in sys.argv:
    time.sleep(60)
if "killed" in sys.argv:
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A project whose embedded AWS runs, with that script on the PATH."""
    project = Project.made_in(tmp_path_factory.mktemp("tiny"))
    script = project.folder / "bin/pulumi"
    script.parent.mkdir()
    script.write_text(SCRIPT)
    script.chmod(0o755)
    project.told("start")
    try:
        yield project
    finally:
        project.run("teardown")


@pytest.fixture(autouse=True)
def nothing_is_left_running(project: Project) -> Iterator[None]:
    yield
    project.variables.clear()
    for name in ("call.json", "signals.json"):
        (project.folder / name).unlink(missing_ok=True)
    own = [process for process in psutil.process_iter(["cwd"]) if process.info["cwd"] == str(project.folder)]
    assert own == []


def call(project: Project) -> tuple[list[str], dict[str, str]]:
    """The arguments and the environment of the last call but `stack select`."""
    arguments, environment = json.loads((project.folder / "call.json").read_text())
    return arguments, environment


def interrupted(project: Project, *arguments: str, group: bool, number: int) -> tuple[int, Any]:
    """Sends a signal while the CLI waits; gives our exit code and the signals that the CLI got."""
    with project.started(*arguments) as process:
        while not (project.folder / "call.json").exists():
            assert process.poll() is None
            time.sleep(0.02)
        (os.killpg if group else os.kill)(process.pid, number)
        process.communicate(timeout=60)
    return process.returncode, json.loads((project.folder / "signals.json").read_text())


def test_deploy_uses_the_cli_on_the_path_over_a_backend_of_its_own(project: Project) -> None:
    project.variables.update({"AWS_PROFILE": "real", "PULUMI_BACKEND_URL": "s3://real"})
    assert f"engine: {project.folder}/bin/pulumi" in project.told("deploy")
    arguments, environment = call(project)
    assert arguments == ["up", "--stack", "local", "--yes", "--non-interactive", "--skip-preview"]
    assert environment["PULUMI_BACKEND_URL"] == (project.folder / ".local/pulumi").as_uri()
    assert environment["AWS_ENDPOINT_URL"].startswith("http://127.0.0.1:")
    assert "AWS_PROFILE" not in environment


def test_a_stack_that_cannot_be_selected_ends_with_the_clis_own_words(project: Project) -> None:
    project.variables["SELECTED"] = "no such backend"
    assert project.told("pulumi", "preview", code=1) == "no such backend\n"


def test_ctrl_c_reaches_the_cli_once_and_its_end_is_waited_for(project: Project) -> None:
    code, signals = interrupted(project, "pulumi", "wait", group=True, number=signal.SIGINT)
    assert (code, signals) == (7, [signal.SIGINT])


def test_a_request_to_end_is_passed_on_to_the_cli(project: Project) -> None:
    code, signals = interrupted(project, "pulumi", "wait", group=False, number=signal.SIGTERM)
    assert (code, signals) == (7, [signal.SIGTERM])


def test_a_cli_that_was_killed_gives_the_code_that_shells_give(project: Project) -> None:
    project.told("pulumi", "killed", code=128 + signal.SIGKILL)


def test_without_a_cli_the_verb_for_it_says_what_to_use_instead(project: Project) -> None:
    (project.folder / "bin/pulumi").rename(project.folder / "bin/other")
    told = project.told("pulumi", "preview", code=1)
    (project.folder / "bin/other").rename(project.folder / "bin/pulumi")
    assert told == (
        "error: there is no `pulumi` on the PATH; the stand-in's verbs need none: `python -m local --help`\n"
    )


def test_a_cli_that_cannot_be_run_is_told_in_one_line(project: Project) -> None:
    script = project.folder / "bin/pulumi"
    script.write_text("#!/nowhere/python\n")
    told = project.told("pulumi", "preview", code=1)
    script.write_text(SCRIPT)
    assert told == f"error: {script}: No such file or directory\n"
