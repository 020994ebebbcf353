"""The command line: its help, and one line for each mistake."""

from __future__ import annotations

import runpy
import sys
from importlib.abc import MetaPathFinder
from pathlib import Path

import pytest

from local import cli

from .project import Project

VERBS = (
    "deploy",
    "start",
    "teardown",
    "tick",
    "env",
    "run",
    "pulumi",
    "up",
    "preview",
    "refresh",
    "destroy",
    "output",
    "export",
)


def told(capsys: pytest.CaptureFixture[str], *arguments: str, code: int) -> str:
    """What a run in this process wrote, after it ended as it should."""
    try:
        ended: object = cli.main(arguments)
    except SystemExit as exit_:
        ended = exit_.code
    assert ended == code
    captured = capsys.readouterr()
    return captured.out + captured.err


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder; what a command changes of the environment is undone."""
    monkeypatch.chdir(tmp_path)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "")
    return tmp_path


def test_the_help_names_every_verb(capsys: pytest.CaptureFixture[str]) -> None:
    shown = told(capsys, "--help", code=0)
    assert [verb for verb in VERBS if f"    {verb} " not in shown] == []


def test_an_unknown_verb_is_refused_with_those_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    shown = told(capsys, "rollout", code=2)
    assert "invalid choice: 'rollout'" in shown
    assert [verb for verb in VERBS if f"{verb}" not in shown] == []


def test_no_verb_at_all_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert "the following arguments are required: COMMAND" in told(capsys, code=2)


@pytest.mark.parametrize(
    "arguments",
    [["deploy"], ["start"], ["teardown"], ["tick"], ["env"], ["preview", "--stack", "local"]],
    ids=" ".join,
)
def test_outside_of_a_project_every_verb_says_so_and_touches_nothing(
    arguments: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / ".local/share").mkdir(parents=True)
    assert told(capsys, *arguments, code=1) == (
        f"error: there is no Pulumi.yaml in {folder}: run this in the project's folder\n"
    )
    assert [str(path.relative_to(folder)) for path in folder.rglob("*")] == [".local", ".local/share"]


@pytest.mark.parametrize("arguments", [["env"], ["tick"], ["preview", "--stack", "local"]], ids=" ".join)
def test_without_a_cloud_a_verb_that_needs_it_says_how_to_start_it(
    arguments: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Project.made_in(folder)
    assert told(capsys, *arguments, code=1) == (
        "error: the embedded AWS is not running; start it with `make up`\n"
    )
    assert not (folder / ".local").exists()


def test_an_engine_verbs_help_needs_no_cloud(capsys: pytest.CaptureFixture[str]) -> None:
    assert "usage: python -m local refresh" in told(capsys, "refresh", "--help", code=0)


def test_a_note_about_the_cloud_that_cannot_be_read_is_told_and_torn_down(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Project.made_in(folder)
    (folder / ".local").mkdir()
    (folder / ".local/cloud.json").write_text("{")
    assert "cannot be read" in told(capsys, "env", code=1)
    shown = told(capsys, "teardown", code=0)
    assert "cannot be read" in shown
    assert shown.endswith("nothing was running; the local stack is forgotten\n")
    assert not (folder / ".local").exists()


def test_a_folder_that_cannot_be_written_is_told_by_its_path(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Project.made_in(folder)
    (folder / ".local").write_text("a file")
    assert told(capsys, "deploy", code=1) == f"error: {folder}/.local: File exists\n"


def test_ctrl_c_while_modules_are_loaded_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Interrupting(MetaPathFinder):
        def find_spec(self, fullname: str, path: object, target: object = None) -> None:
            if fullname == "local.cli":
                raise KeyboardInterrupt

    monkeypatch.delitem(sys.modules, "local.cli")
    monkeypatch.setattr(sys, "meta_path", [Interrupting(), *sys.meta_path])
    with pytest.raises(SystemExit, match="130"):
        runpy.run_module("local", run_name="__main__")
    assert capsys.readouterr().err == "error: interrupted\n"


def test_a_command_to_run_is_needed_and_must_be_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert "`python -m local run` needs a command" in told(capsys, "run", code=1)
    assert "there is no command none-such" in told(capsys, "run", "none-such", code=1)
