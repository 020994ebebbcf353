"""Every `run:` step of the workflows, on a repository of the small world and its embedded AWS."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.preview.github_server import Hub, served
from tests.world.processes import zygote
from tests.world.world import World, within

from .workflow import ROOT, Runner, job, names, tools

STACK = "staging"
DEPLOYED = "lamina-staging"


@dataclass
class Repository:
    """A repository whose stack `staging` is deployed on the world's AWS."""

    world: World
    hub: Hub
    backend: Path
    path: str

    def runner(
        self, workflow: str, files: Path, *, fork: bool = False, branch: str = "refs/heads/main"
    ) -> Runner:
        files.mkdir()
        context = {
            "github.event.pull_request.head.repo.full_name": "stranger/shop" if fork else "acme/shop",
            "github.event.pull_request.number": "7",
            "github.ref": branch,
            "github.repository": "acme/shop",
            "github.token": "the-token",
            "vars.PULUMI_BACKEND_URL": f"file://{self.backend}",
        }
        environment = {
            **self.world.engine_environment(),
            "GITHUB_API_URL": self.hub.url,
            "GITHUB_REPOSITORY": "acme/shop",
            "PATH": self.path,
        }
        return Runner(self.world.project, workflow, context, environment, files)

    def commit(self, message: str) -> None:
        """Commits all that is there, as a merge has it: the one before is the base."""
        git(self.world.project, "add", "--all")
        git(self.world.project, "commit", "--quiet", "--message", message)

    def write(self, *, layer: str, broken: bool = False) -> None:
        """Other content of the layer, in the stack file of `staging` and not of the world."""
        self.world.write(layer=layer, broken=broken)


def git(folder: Path, *arguments: str) -> None:
    own = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    who = ["-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run(
        ["git", *who, *arguments], cwd=folder, env=os.environ | own, check=True, capture_output=True
    )


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Repository]:
    folder = tmp_path_factory.mktemp("workflows")
    with zygote(), within(folder / "w") as world, served(Hub()) as hub:
        project = world.project
        shutil.move(project / "Pulumi.world.yaml", project / f"Pulumi.{STACK}.yaml")
        for name in (
            "Makefile",
            "scripts",
            "requirements.txt",
            "requirements-dev.txt",
            "requirements-uv.txt",
        ):
            (project / name).symlink_to(ROOT / name)
        (project / ".venv").symlink_to(sys.prefix, target_is_directory=True)
        (project / ".gitignore").write_text(".venv\n.layers/\n.lamina/\npreview.json\n")
        git(project, "init", "--quiet")
        made = Repository(world, hub, folder / "state", tools(folder / "bin", sys.executable))
        made.commit("the stack")
        yield made


def test_main_is_deployed_its_outputs_are_told_and_its_layer_versions_looked_through(
    repository: Repository, tmp_path: Path
) -> None:
    runner = repository.runner("deploy.yml", tmp_path / "files")
    runner.succeed()
    assert runner.outputs() == {"python": f"3.{sys.version_info.minor}", "region": "us-west-2"}
    assert '"lambda_layer_version": "1"' in runner.summary
    assert "api" in runner.summary.partition("### Live")[2]
    alias = repository.world.client("lambda").get_alias(FunctionName=f"{DEPLOYED}-api", Name="live")
    assert alias["FunctionVersion"] == "1"
    assert f"{DEPLOYED}-deps" in runner.done[-1].told


def test_a_pull_request_gets_one_comment_that_is_edited(repository: Repository, tmp_path: Path) -> None:
    repository.world.write(layer="b")
    repository.commit("another layer")
    repository.world.calls()
    runner = repository.runner("preview.yml", tmp_path / "files")
    runner.succeed()
    (body,) = repository.hub.bodies()
    assert "layer `deps`: 1 package changed" in body
    assert "| changed | `tiny` | `1.0+a` | `1.0+b` |" in body
    assert "lamina/staging" in body
    assert repository.world.writing_calls() == []
    assert body.partition("-->")[2] in runner.summary
    again = repository.runner("preview.yml", tmp_path / "again")
    shutil.rmtree(repository.world.project / ".layers")
    git(repository.world.project, "worktree", "prune")
    assert not any(each.code for each in again.run())
    assert repository.hub.bodies() == [body]


def test_a_preview_that_fails_fails_the_job_and_says_why_in_the_comment(
    repository: Repository, tmp_path: Path
) -> None:
    clean(repository)
    settings = repository.world.project / f"Pulumi.{STACK}.yaml"
    settings.write_text(settings.read_text() + "  lamina:canary: 10\n")
    repository.commit("a canary without a pin")
    runner = repository.runner("preview.yml", tmp_path / "files")
    done = {each.name: each for each in runner.run()}
    assert done["Preview"].code != 0
    assert done["Comment"].code == 0, done["Comment"]
    (body,) = repository.hub.bodies()
    assert "the preview **failed**" in body
    assert "no function is pinned" in body
    git(repository.world.project, "reset", "--quiet", "--hard", "HEAD^1")


def test_a_layer_that_cannot_be_built_is_told_in_the_comment_and_not_previewed(
    repository: Repository, tmp_path: Path
) -> None:
    clean(repository)
    lock = repository.world.project / "app/requirements.txt"
    kept = lock.read_text()
    lock.write_text("tiny==\n")
    runner = repository.runner("preview.yml", tmp_path / "files")
    done = {each.name: each for each in runner.run()}
    lock.write_text(kept)
    assert done["Build the layer, before and after"].code != 0
    assert "Preview" not in done
    assert done["Comment"].code == 0, done["Comment"]
    (body,) = repository.hub.bodies()
    assert "the preview **failed**" in body
    assert "app/requirements.txt:1" in body


def test_a_run_by_hand_on_another_branch_deploys_nothing(repository: Repository, tmp_path: Path) -> None:
    assert repository.runner("deploy.yml", tmp_path / "files", branch="refs/heads/mine").run() == []


def test_a_fork_gets_the_packages_in_the_summary_and_asks_nobody(
    repository: Repository, tmp_path: Path
) -> None:
    clean(repository)
    repository.world.calls()
    asked = len(repository.hub.requests)
    runner = repository.runner("preview.yml", tmp_path / "files", fork=True)
    runner.succeed()
    assert "| changed | `tiny` | `1.0+a` | `1.0+b` |" in runner.summary
    assert "resources not previewed" in runner.summary
    assert len(repository.hub.requests) == asked
    assert repository.world.calls() == []


def test_no_step_was_left_out() -> None:
    named = {name: [each["name"] for each in job(name)["steps"] if "run" in each] for name in names()}
    assert named == {
        "deploy.yml": [
            "Read the stack's Python and region",
            "Install",
            "Deploy",
            "Tell what is live",
            "Collect layer versions that nothing refers to",
        ],
        "preview.yml": [
            "Read the stack's Python and region",
            "Install",
            "Build the layer, before and after",
            "Preview",
            "Comment",
            "Summary for a fork",
        ],
        "test.yml": ["Read the stack's Python", "Test"],
    }


def clean(repository: Repository) -> None:
    """A runner's folder is a fresh one."""
    shutil.rmtree(repository.world.project / ".layers", ignore_errors=True)
    (repository.world.project / "preview.json").unlink(missing_ok=True)
    git(repository.world.project, "worktree", "prune")
