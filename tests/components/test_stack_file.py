"""A stack's layer, built from its settings file without an engine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from build.errors import UserError
from components.cli import main
from components.stack_file import layer_options, layer_settings
from tests.build.wheelhouse import make_wheel


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a lock of one package."""
    make_wheel(tmp_path / "wheels", "tiny", "1.0", {"tiny/__init__.py": b""})
    (tmp_path / "app").mkdir()
    (tmp_path / "app/requirements.txt").write_text("tiny==1.0\n")
    monkeypatch.setenv("LAMINA_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("UV_FIND_LINKS", str(tmp_path / "wheels"))
    monkeypatch.setenv("UV_NO_INDEX", "1")
    return tmp_path


def write(project: Path, text: str) -> Path:
    (project / "Pulumi.staging.yaml").write_text(text)
    return project


def test_the_layer_is_that_of_the_stack_file(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(
        project, 'config:\n  lamina:python: "3.13"\n  lamina:architecture: arm64\n  lamina:require: [tiny]\n'
    )
    where = ["--stack", "staging", "--project", str(project), "--output", str(project / "dist")]
    assert main(["layer", *where, "--json"]) == 0
    built = json.loads(capsys.readouterr().out)
    assert (built["name"], built["runtime"], built["architecture"]) == ("deps", "python3.13", "arm64")


def test_every_setting_of_the_layer_is_an_option(project: Path) -> None:
    text = """config:
  aws:region: us-west-2
  lamina:python: "3.12"
  lamina:bytecode: "true"
  lamina:slim: true
  lamina:exclude: [boto3, "*.md"]
  lamina:prefer: [six.py=six]
  lamina:require: []
  lamina:pin.api: "4"
  lamina:env.api.TOKEN: {secure: v1:x}
"""
    options = layer_options(layer_settings(write(project, text), "acme/staging"))
    assert options == [
        *("--python", "3.12", "--architecture", "x86_64", "--exclude", "boto3", "--exclude", "*.md"),
        *("--prefer", "six.py=six", "--bytecode", "--slim", "--verify"),
    ]


def test_a_layer_that_is_not_verified_requires_nothing(project: Path) -> None:
    settings = layer_settings(
        write(project, 'config: {"lamina:python": "3.12", "lamina:verify": false}'), "staging"
    )
    assert layer_options(settings) == ["--python", "3.12", "--architecture", "x86_64"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, r"Pulumi.staging.yaml is not in .*; there is no file of a stack"),
        ("config: [", "Pulumi.staging.yaml is no YAML: "),
        ("- 1", "has no `config`"),
        ("config: 1", "has no `config`"),
        ("config: {}", "lamina:python is missing"),
        ("config: {'lamina:python': 3.10}", "lamina:python is '3.1'; allowed are"),
        (
            "config: {'lamina:python': '3.12', 'lamina:lock': }",
            "lamina:lock has no value; the layer needs it",
        ),
        (
            "config: {'lamina:python': {secure: v1:x}}",
            "lamina:python is a secret, which only Pulumi can open",
        ),
        ("config: {'lamina:python': '3.12', 'lamina:slim': 2}", "lamina:slim is '2'; allowed are true"),
    ],
)
def test_a_stack_file_that_cannot_be_used_is_refused(project: Path, text: str | None, message: str) -> None:
    if text is not None:
        write(project, text)
    with pytest.raises(UserError, match=message):
        layer_settings(project, "staging")


def test_the_command_tells_it_in_one_line(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(project, "config: {}")
    assert main(["layer", "--stack", "staging", "--project", str(project)]) == 2
    told = capsys.readouterr().err
    assert told.startswith("error: the stack's configuration is wrong: lamina:python is missing")
    assert told.count("\n") == 1
