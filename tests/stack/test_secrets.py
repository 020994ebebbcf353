"""Secrets of the stack file with the real Pulumi CLI: nothing shows them, and nothing keeps them in clear.

A stack of one function whose handler recites what it knows in its error. tests/world/test_security.py looks
for the same with the stand-in engine.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.world.real import needs_pulumi

from .project import ROOT, Project

needs_pulumi(__name__)

SECRET, OTHER = "hunter22-of-old", "hunter22-of-now"
PROGRAM = """
import pulumi
import pulumi_aws as aws

from components.function import PythonFunction
from components.settings import stack_settings

settings = stack_settings(["api"])
function = PythonFunction(
    "api",
    {
        "directory": ".",
        "source": "app",
        "handler": "app.api.handler",
        "python": settings.python,
        "architecture": settings.architecture,
        "bucket": aws.s3.Bucket("artifacts", force_destroy=True).bucket,
        "environment": settings.variables["api"],
    },
)
aws.lambda_.Invocation(
    "smoke",
    function_name=function.function_name,
    qualifier=function.version,
    input="{}",
    triggers={"version": function.version},
)
pulumi.export("variables", settings.variables["api"])
"""
# Works once: what it is told the second time, it cries out.
HANDLER = """
import os

def handler(event, context):
    if os.environ["TOKEN"].endswith("now"):
        print("printed", os.environ["TOKEN"])
        raise ValueError("refused " + os.environ["TOKEN"])
    return "done"
"""


@dataclass
class Told:
    """The project, and all that was shown of it."""

    project: Project
    shown: list[str] = field(default_factory=list)

    def engine(self, *arguments: str, fails: bool = False) -> str:
        """Runs a verb of the engine, and keeps what it said."""
        done = self.project.pulumi(*arguments, "--stack", "local", check=False)
        self.shown.append(done.stdout + done.stderr)
        assert (done.returncode != 0) == fails, self.shown[-1]
        return self.shown[-1]

    def up(self, *, fails: bool = False) -> str:
        return self.engine("up", "--yes", "--skip-preview", fails=fails)

    def settings(self, token: str) -> None:
        """Does what a user does."""
        self.engine("config", "set", "--secret", "lamina:env.api.TOKEN", token)

    def leaks(self) -> list[str]:
        """What was shown with a secret in it, and which files have one; not the function's own log."""
        files = [path for path in self.project.folder.rglob("*") if path.is_file()]
        files = [path for path in files if not {".venv", "environments"} & set(path.parts)]
        assert any(path.name == "cloud.log" for path in files)
        texts = {f"shown {number}": text for number, text in enumerate(self.shown)}
        texts |= {str(path): path.read_bytes().decode(errors="replace") for path in files}
        return [where for where, text in texts.items() if SECRET in text or OTHER in text]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    folder = tmp_path_factory.mktemp("secrets")
    (folder / "app").mkdir()
    (folder / "app/__init__.py").write_text("")
    (folder / "app/api.py").write_text(HANDLER)
    (folder / "__main__.py").write_text(PROGRAM)
    (folder / ".venv").symlink_to(sys.prefix, target_is_directory=True)
    shutil.copy(ROOT / "Pulumi.yaml", folder)
    project = Project(folder, "pulumi")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        patch.setenv("PULUMI_CONFIG_PASSPHRASE", "")
        try:
            project.run("start")
            yield Told(project)
        finally:
            project.run("teardown", check=False)


def test_the_function_gets_the_secret_and_no_preview_output_or_file_has_it(told: Told) -> None:
    told.settings(SECRET)
    told.engine("preview", "--diff")
    told.up()
    got = told.project.client("lambda").get_function_configuration(FunctionName="lamina-local-api")
    assert got["Environment"]["Variables"] == {"TOKEN": SECRET}
    assert "[secret]" in told.engine("stack", "output", "--json")
    assert "ciphertext" in told.engine("stack", "export")
    assert told.leaks() == []


def test_neither_the_old_nor_the_new_value_is_in_the_preview_of_a_change(told: Told) -> None:
    told.settings(OTHER)
    steps = json.loads(told.engine("preview", "--json"))["steps"]
    assert [step["urn"].split("::")[-1] for step in steps if step["op"] == "update"] == ["api"]
    assert told.leaks() == []


def test_an_error_of_the_function_that_recites_the_secret_is_masked(told: Told) -> None:
    failed = told.up(fails=True)
    assert "refused [secret]" in failed
    assert told.leaks() == []
