"""The life of a local stack: deployed, deployed again, lost with its cloud, interrupted, torn down."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import boto3
import psutil
import pytest
import yaml

from .project import PROGRAM, Project

# What a user may have set for other work: each of them would lead away from the embedded AWS.
ELSEWHERE = {
    "AWS_PROFILE": "gone",
    "AWS_SESSION_TOKEN": "other",
    "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
    "HTTP_PROXY": "http://127.0.0.1:1",
    "http_proxy": "http://127.0.0.1:1",
}
# Touches `running` and waits, so that a test can interrupt it there.
WAITING = "import pathlib, time\n\npathlib.Path('running').touch()\ntime.sleep(60)\n"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A project that the tests of this file deploy one after the other."""
    project = Project.made_in(tmp_path_factory.mktemp("tiny"))
    try:
        yield project
    finally:
        project.run("teardown")


def wait_for(path: Path) -> None:
    until = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < until, f"{path} does not come"
        time.sleep(0.02)


def pin(project: Project) -> None:
    """Pins a function in the settings, as a rollback does."""
    settings = project.folder / "Pulumi.local.yaml"
    content = yaml.safe_load(settings.read_text())
    content["config"]["lamina:pin.api"] = "1"
    settings.write_text(yaml.safe_dump(content))


def processes_in(folder: Path) -> list[str]:
    """The command lines of processes that work in a folder; the embedded AWS works in the project's root."""
    return [
        " ".join(process.info["cmdline"] or ())
        for process in psutil.process_iter(["cmdline", "cwd"])
        if process.info["cwd"] and Path(process.info["cwd"]).is_relative_to(folder)
    ]


def test_damaged_settings_are_told_in_one_line_before_anything_is_started(project: Project) -> None:
    damaged = project.folder / "Pulumi.local.yaml"
    damaged.write_text("config: {")
    (line,) = project.told("deploy", code=1).splitlines()
    assert line.startswith("error: Pulumi.local.yaml cannot be read: ")
    damaged.unlink()


def test_the_first_deployment_tells_what_it_starts_and_writes(project: Project) -> None:
    project.variables.update(ELSEWHERE)
    told = project.told("deploy")
    project.variables.clear()
    assert f"(pid {project.pid()}, log .local/cloud.log)" in told
    assert "Pulumi.local.yaml: aws:region is us-west-2" in told
    assert "engine: the stand-in (there is no `pulumi` on the PATH)" in told
    assert "+ 2 created" in told


def test_the_second_one_finds_the_same_cloud_and_nothing_to_do(project: Project) -> None:
    pid = project.pid()
    told = project.told("deploy")
    assert "2 unchanged" in told
    assert "Pulumi.local.yaml" not in told
    assert project.pid() == pid


def test_the_printed_variables_lead_any_client_there(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    for line in project.told("env").splitlines():
        name, _, value = line.removeprefix("export ").partition("=")
        monkeypatch.setenv(name, shlex.split(value)[0])
    buckets = [bucket["Name"] for bucket in boto3.client("s3").list_buckets()["Buckets"]]
    assert buckets == [json.loads(project.run("output", "--stack", "local", "--json").stdout)["bucket"]]


def test_a_cloud_that_died_is_told_and_what_it_held_is_forgotten(project: Project) -> None:
    dead = project.pid()
    os.kill(dead, signal.SIGKILL)
    (project.folder / ".local/pulumi").mkdir()
    gone = rf"^error: the embedded AWS .* \(pid {dead}\) does not run any more; `make up` starts it anew\n$"
    for arguments in (["env"], ["preview", "--stack", "local"]):
        assert re.match(gone, project.told(*arguments, code=1))
    pin(project)
    told = project.told("start")
    assert "what was deployed to it is lost, so this starts clean" in told
    assert "Pulumi.local.yaml: lamina:pin.api is taken out, with what is gone" in told
    assert project.pid() != dead
    assert not [name for name in ("stacks", "pulumi") if (project.folder / ".local" / name).exists()]


def test_a_cloud_whose_stack_is_no_longer_known_is_started_anew(project: Project) -> None:
    project.told("deploy")
    known = project.pid()
    (state,) = (project.folder / ".local/stacks").glob("*/local.json")
    state.unlink()
    assert "what was deployed to the embedded AWS is no longer known" in project.told("deploy")
    assert project.pid() != known
    assert "no longer known" not in project.told("start")


def test_a_cloud_of_another_python_is_started_anew(project: Project) -> None:
    other = project.pid()
    (project.folder / ".local/python").write_text("3.8.0\n")
    told = project.told("start")
    assert "the embedded AWS runs on Python 3.8.0, and functions on Python 3." in told
    assert project.pid() != other
    assert "started anew" not in project.told("start")


def test_an_interrupted_first_deployment_is_taken_up_by_the_next(project: Project) -> None:
    running = project.folder / "running"
    (project.folder / "__main__.py").write_text(WAITING)
    with project.started("deploy") as process:
        wait_for(running)
        os.killpg(process.pid, signal.SIGINT)
        _, told = process.communicate(timeout=60)
    assert process.returncode in {1, 130}
    assert "Traceback" not in told
    (project.folder / "__main__.py").write_text(PROGRAM)
    pid = project.pid()
    assert "+ 2 created" in project.told("deploy")
    assert project.pid() == pid


def test_a_deployment_that_is_told_to_end_leaves_no_process_but_the_cloud(project: Project) -> None:
    running = project.folder / "running"
    running.unlink()
    (project.folder / "__main__.py").write_text(WAITING)
    with project.started("deploy") as process:
        wait_for(running)
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=60)
    assert process.returncode in {1, 130}
    assert "Traceback" not in told
    assert processes_in(project.folder) == []


def test_a_teardown_leaves_nothing_behind_but_what_is_not_its_own(project: Project) -> None:
    pid = project.pid()
    own = project.folder / ".local/own.txt"
    own.touch()
    pin(project)
    assert "the embedded AWS is stopped, and the local stack is forgotten" in project.told("teardown")
    assert [path.name for path in own.parent.iterdir()] == ["own.txt"]
    assert not (project.folder / "Pulumi.local.yaml").exists()
    # Where nobody reaps it, an ended process is still listed.
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    own.unlink()
    own.parent.rmdir()


def test_a_second_teardown_says_that_nothing_was_running(project: Project) -> None:
    assert project.told("teardown") == "nothing was running\n"
    assert not (project.folder / ".local").exists()


def test_settings_of_the_users_own_outlive_a_teardown(project: Project) -> None:
    own = project.folder / "Pulumi.local.yaml"
    own.write_text("config:\n  lamina:slim: true\n")
    assert project.told("teardown") == (
        "Pulumi.local.yaml is kept: it holds settings of your own\nnothing was running\n"
    )
    own.unlink()
