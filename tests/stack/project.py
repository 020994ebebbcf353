"""A copy of the project in a folder of its own, driven as a user does: by its commands."""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3

ROOT = Path(__file__).resolve().parents[2]
_PACKAGES = ("app", "build", "components", "console", "local", "release")
_PARTS = (*_PACKAGES, "__main__.py", "Pulumi.yaml", "Pulumi.staging.yaml")


@dataclass(frozen=True)
class Project:
    """The copied project, and which engine its stack is deployed by."""

    folder: Path
    engine: str
    _outputs: dict[str, Any] = field(default_factory=dict, compare=False)

    @classmethod
    def copied_to(cls, folder: Path, engine: str) -> Project:
        for part in _PARTS:
            if (ROOT / part).is_dir():
                shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / part, folder / part)
        (folder / ".venv").symlink_to(sys.prefix, target_is_directory=True)
        return cls(folder, engine)

    def run(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Runs `python -m local ARGUMENTS` in the project."""
        done = subprocess.run(
            [sys.executable, "-m", "local", *arguments],
            cwd=self.folder,
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert not check or done.returncode == 0, f"{arguments}:\n{done.stdout}\n{done.stderr}"
        return done

    def up(self, *, check: bool = True) -> str:
        """What `make up` does; gives what it printed."""
        self._outputs.clear()
        done = self.run("deploy", check=check)
        assert check or done.returncode != 0, f"it should have failed:\n{done.stdout}"
        return done.stdout + done.stderr

    def release(self, command: str) -> str:
        """Runs `python -m release COMMAND` on the local stack, as `make` does; gives what it printed."""
        done = self.run("run", sys.executable, "-m", "release", command, "--stack", "local")
        return done.stdout + done.stderr

    def pulumi(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Runs a verb of the engine that this project is deployed by."""
        if self.engine == "stand-in":
            verb = arguments[1] if arguments[0] == "stack" else arguments[0]
            return self.run(verb, *arguments[2 if arguments[0] == "stack" else 1 :], check=check)
        return self.run("pulumi", *arguments, "--non-interactive", check=check)

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs, asked for once after each `up`."""
        if not self._outputs:
            done = self.pulumi("stack", "output", "--stack", "local", "--json")
            self._outputs.update(json.loads(done.stdout))
        return self._outputs

    def preview(self) -> dict[str, Any]:
        """What `preview --json` shows."""
        shown: dict[str, Any] = json.loads(self.pulumi("preview", "--stack", "local", "--json").stdout)
        return shown

    def changes(self) -> dict[str, int]:
        """What a preview would change, by its kind."""
        return {op: count for op, count in self.preview()["changeSummary"].items() if op != "same"}

    def get(self, path: str) -> Any:
        """The JSON that the HTTP API answers with."""
        with urllib.request.urlopen(f"{self.outputs()['api_url']}{path}", timeout=60) as answer:
            return json.loads(answer.read())

    def post(self, path: str, content: Any) -> Any:
        """The JSON that the HTTP API answers a JSON document with."""
        request = urllib.request.Request(
            f"{self.outputs()['api_url']}{path}",
            data=json.dumps(content).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())

    def client(self, service: Any) -> Any:
        """A boto3 client of the project's embedded AWS."""
        return boto3.client(
            service,
            endpoint_url=self._cloud("AWS_ENDPOINT_URL"),
            region_name=self._cloud("AWS_REGION"),
            aws_access_key_id=self._cloud("AWS_ACCESS_KEY_ID"),
            aws_secret_access_key=self._cloud("AWS_SECRET_ACCESS_KEY"),
        )

    def writing_calls(self) -> list[str]:
        """The writing AWS calls since the last time this was asked."""
        endpoint = self._cloud("AWS_ENDPOINT_URL")
        with urllib.request.urlopen(f"{endpoint}/_lamina/calls", timeout=10) as answer:
            calls = json.loads(answer.read())["calls"]
        urllib.request.urlopen(
            urllib.request.Request(f"{endpoint}/_lamina/calls", method="DELETE"), timeout=10
        )
        return [f"{call['service']}:{call['operation']}" for call in calls if call["writes"]]

    def replace(self, path: str, old: str, new: str) -> None:
        """Edits a file of the project; what is replaced must be there."""
        text = (self.folder / path).read_text("utf-8")
        assert old in text, f"{path} holds no {old!r}"
        (self.folder / path).write_text(text.replace(old, new), "utf-8")

    def _cloud(self, variable: str) -> str:
        return _variables(self)[variable]

    def _environment(self) -> dict[str, str]:
        folders = os.environ["PATH"].split(os.pathsep)
        if self.engine == "stand-in":
            folders = [folder for folder in folders if not (Path(folder) / "pulumi").exists()]
        return {**os.environ, "PATH": os.pathsep.join(folders), "NO_COLOR": "1"}


@functools.cache
def _variables(project: Project) -> dict[str, str]:
    """What `python -m local env` prints; the embedded AWS of a project stays the same from test to test."""
    printed = project.run("env").stdout.splitlines()
    return dict(line.removeprefix("export ").split("=", 1) for line in printed)


FUNCTIONS = ("api", "worker", "cleanup")


def live_versions(project: Project) -> dict[str, str]:
    """The version behind each function's `live` alias."""
    client = project.client("lambda")
    return {
        name: client.get_alias(FunctionName=f"lamina-local-{name}", Name="live")["FunctionVersion"]
        for name in FUNCTIONS
    }


def layer_versions(project: Project) -> list[int]:
    """The numbers of all layer versions that there are."""
    client = project.client("lambda")
    return sorted(
        version["Version"]
        for layer in client.list_layers()["Layers"]
        for version in client.list_layer_versions(LayerName=layer["LayerName"])["LayerVersions"]
    )


def pictures_bucket(project: Project) -> str:
    """The bucket of the service's pictures."""
    settings = project.client("lambda").get_function_configuration(FunctionName="lamina-local-api")
    name: str = settings["Environment"]["Variables"]["LAMINA_BUCKET"]
    return name
