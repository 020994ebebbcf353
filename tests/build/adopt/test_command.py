"""`python -m build adopt`: a file, a summary that names what to do next, and one line for each mistake."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from build.adopt.file import read_mapping
from build.cli import main

from .states import DATA, FUNCTIONS, State

STATE = str(DATA / "state.json")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "Pulumi.yaml").write_text("name: lamina\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_file_is_the_stacks_and_the_next_commands_are_told(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["adopt", STATE, "--stack", "prod"]) == 0
    found = read_mapping(project / "adopt.prod.yaml")
    assert (found.stack, len(found.adopted)) == ("prod", 27)
    out = capsys.readouterr().out
    assert out.startswith(
        "27 resources to adopt, 11 left to Terraform, 28 to be made anew: adopt.prod.yaml\n"
    )
    assert "  pulumi config set --stack prod lamina:adopt adopt.prod.yaml\n" in out
    assert "lamina:names" not in out
    assert "  left: aws_s3_bucket.frontend: code or layers go through it" in out


def test_json_is_all_of_it_and_writes_no_file(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["adopt", STATE, "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert {name: len(content[name]) for name in ("adopted", "left", "created", "doubts")} == {
        "adopted": 27,
        "left": 11,
        "created": 28,
        "doubts": 0,
    }
    assert list(project.glob("adopt*")) == []


def test_a_state_comes_from_stdin_too(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = io.TextIOWrapper(io.BytesIO((DATA / "show.json").read_bytes()))
    monkeypatch.setattr(sys, "stdin", given)
    assert main(["adopt", "-", "--output", "mine.yaml"]) == 0
    assert len(read_mapping(project / "mine.yaml").adopted) == 27


def test_what_cannot_be_told_is_a_warning_and_in_the_file(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = State()
    state.change(FUNCTIONS, handler="main.handler")
    state.drop("aws_lambda_event_source_mapping.worker", "aws_apigatewayv2_integration.api")
    state.add("aws_lambda_function.two", function_name="api-two", handler="main.handler")
    (project / "old.json").write_bytes(state.bytes())
    assert main(["adopt", "old.json"]) == 0
    assert capsys.readouterr().err.startswith(
        "warning: which function is the api cannot be told: it could be "
    )
    assert "doubts:" in (project / "adopt.yaml").read_text()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nowhere.json"], "nowhere.json cannot be read: No such file or directory"),
        ([STATE, "--stack", "a b"], "--stack a b: a stack's name has letters"),
        ([STATE, "--project", "nowhere"], "nowhere has no Pulumi.yaml"),
        ([STATE, "--as", "x"], "--as x says nothing"),
        ([STATE, "--output", "Pulumi.yaml"], "Pulumi.yaml is there already"),
    ],
)
@pytest.mark.usefixtures("project")
def test_a_mistake_is_one_line(arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["adopt", *arguments]) == 2
    err = capsys.readouterr().err
    assert err.startswith("error: ")
    assert told in err
    assert err.count("\n") == 1


def test_no_other_command_loads_what_adoption_needs() -> None:
    listed = (
        "import sys, build.cli; build.cli._parser(['layer'], 'lamina'); "
        "print([m for m in sys.modules if 'adopt' in m])"
    )
    done = subprocess.run([sys.executable, "-c", listed], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
