"""A workflow file, and a runner that does its `run:` steps as GitHub's does."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".github" / "workflows"
_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
_COMPARED = re.compile(r"(\S+) (==|!=) (\S+)")


def read(name: str) -> dict[str, Any]:
    """A workflow by its file's name."""
    found: dict[str, Any] = yaml.safe_load((FOLDER / name).read_text("utf-8"))
    return found


def names() -> list[str]:
    """The files of all workflows."""
    return sorted(each.name for each in FOLDER.iterdir())


def job(name: str) -> dict[str, Any]:
    """The only job of a workflow."""
    (only,) = read(name)["jobs"].values()
    found: dict[str, Any] = only
    return found


@dataclass(frozen=True, slots=True)
class Done:
    """A step that ran.

    Attributes:
        name: the step's.
        code: its exit code.
        told: what it printed, both streams.
    """

    name: str
    code: int
    told: str


@dataclass(slots=True)
class Runner:
    """Runs a job's `run:` steps, one after the other.

    What `uses:` an action is left out: the test brings about what the action would have.

    Attributes:
        folder: the checked out repository.
        workflow: the file's name.
        context: what expressions stand for, such as `github.token`; one that is not here is an error.
        environment: of the machine.
        files: of GITHUB_OUTPUT and GITHUB_STEP_SUMMARY; an empty folder.
    """

    folder: Path
    workflow: str
    context: dict[str, str]
    environment: Mapping[str, str]
    files: Path
    done: list[Done] = field(default_factory=list)

    def run(self) -> list[Done]:
        """Runs them; after a failure only those whose condition says `always()`."""
        whole, own = read(self.workflow), job(self.workflow)
        if not self._wanted(own.get("if", "")):
            return []
        outer = {**whole.get("env", {}), **own.get("env", {})}
        environment = {key: self._filled(str(value)) for key, value in outer.items()}
        for step in own["steps"]:
            if "run" in step and self._wanted(step.get("if", "")):
                added = {key: self._filled(str(value)) for key, value in step.get("env", {}).items()}
                self._step(step, environment | added)
        return self.done

    def succeed(self) -> None:
        """Runs them; none may fail."""
        for each in self.run():
            assert each.code == 0, f"{each.name}: {each.code}\n{each.told}"

    @property
    def summary(self) -> str:
        """The job's summary."""
        path = self.files / "summary"
        return path.read_text("utf-8") if path.exists() else ""

    def outputs(self) -> dict[str, str]:
        """What the steps gave as outputs."""
        path = self.files / "output"
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        return dict(line.split("=", 1) for line in lines)

    def _step(self, step: Mapping[str, Any], environment: Mapping[str, str]) -> None:
        script = self.files / "step.sh"
        script.write_text(self._filled(step["run"]), "utf-8")
        own = {
            "GITHUB_OUTPUT": str(self.files / "output"),
            "GITHUB_STEP_SUMMARY": str(self.files / "summary"),
        }
        # docs.github.com, "Workflow syntax", `jobs.<job_id>.steps[*].shell`: what runs where none is named.
        ran = subprocess.run(
            ["bash", "-e", str(script)],
            cwd=self.folder,
            env={**self.environment, **own, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.done.append(Done(step["name"], ran.returncode, ran.stdout))

    def _wanted(self, condition: str) -> bool:
        parts = [part for part in condition.split(" && ") if part]
        if any(each.code for each in self.done) and "always()" not in parts:
            return False
        return all(self._true(part) for part in parts if part != "always()")

    def _true(self, part: str) -> bool:
        compared = _COMPARED.fullmatch(part)
        assert compared, f"the condition {part!r} is none that this runner knows"
        left, operator, right = compared.groups()
        return (self._value(left) == self._value(right)) == (operator == "==")

    def _value(self, operand: str) -> str:
        return operand[1:-1] if operand.startswith("'") else self.context[operand]

    def _filled(self, text: str) -> str:
        return _EXPRESSION.sub(lambda found: self.context[found[1]], text)


def steps() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every step of every workflow, with the workflow's name."""
    for name in names():
        for each in read(name)["jobs"].values():
            for step in each["steps"]:
                yield name, step


def tools(folder: Path, python: str) -> str:
    """A PATH on which `pulumi` is the stand-in engine.

    Args:
        folder: an empty one, for the command.
        python: the interpreter of the tests.
    """
    folder.mkdir()
    command = folder / "pulumi"
    command.write_text(f'#!/bin/sh\nexec "{python}" -m tests.workflows.pulumi "$@"\n')
    command.chmod(0o755)
    return os.pathsep.join([str(folder), os.environ["PATH"]])
