"""The workflow files: valid, hardened, pinned."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from .workflow import FOLDER, ROOT, job, names, read, steps

_BIN = Path(sys.executable).parent
_PINNED = re.compile(r"^ *- ?(?:if: .*\n +)?uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", re.MULTILINE)
_TRUSTED = {
    "actions/cache",
    "actions/checkout",
    "actions/setup-python",
    "aws-actions/configure-aws-credentials",
    "pulumi/actions",
}


def run(*command: str) -> str:
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout + ran.stderr


def test_zizmor_finds_nothing_even_as_an_auditor() -> None:
    told = run(str(_BIN / "zizmor"), "--offline", "--no-progress", "--persona", "auditor", str(FOLDER))
    assert "No findings to report" in told


def test_zizmor_would_find_a_hole(tmp_path: Path) -> None:
    text = (FOLDER / "preview.yml").read_text("utf-8").replace("  pull_request:", "  pull_request_target:")
    (tmp_path / "preview.yml").write_text(text)
    command = [str(_BIN / "zizmor"), "--offline", "--no-progress", str(tmp_path / "preview.yml")]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode > 0
    assert "dangerous-triggers" in ran.stdout


def test_the_files_are_as_github_s_schema_has_them() -> None:
    files = [str(FOLDER / name) for name in names()]
    run(str(_BIN / "check-jsonschema"), "--builtin-schema", "vendor.github-workflows", *files)


@pytest.mark.parametrize("name", names())
def test_every_action_is_one_of_a_few_and_pinned_by_its_commit(name: str) -> None:
    text = (FOLDER / name).read_text("utf-8")
    used = [step["uses"] for each, step in steps() if each == name and "uses" in step]
    assert {each.partition("@")[0] for each in used} <= _TRUSTED
    assert len(_PINNED.findall(text)) == len(used)


@pytest.mark.parametrize("name", names())
def test_no_job_may_more_than_it_needs(name: str) -> None:
    allowed: dict[str, dict[str, str]] = {
        "test.yml": {"contents": "read"},
        "deploy.yml": {"contents": "read", "id-token": "write"},
        "preview.yml": {"contents": "read", "id-token": "write", "pull-requests": "write"},
    }
    assert read(name)["permissions"] == {}
    assert job(name)["permissions"] == allowed[name]
    text = (FOLDER / name).read_text("utf-8")
    assert "secrets." not in text
    assert "pull_request_target" not in text


def test_deployments_wait_for_each_other_and_previews_do_not() -> None:
    grouped: dict[str, Any] = {name: read(name)["concurrency"] for name in names()}
    assert grouped["deploy.yml"] == {"group": "deploy-staging", "cancel-in-progress": False}
    assert grouped["preview.yml"]["cancel-in-progress"] is True


@pytest.mark.parametrize("name", names())
def test_no_python_version_stands_in_a_workflow(name: str) -> None:
    assert not re.search(r"\b3\.\d+\b", (FOLDER / name).read_text("utf-8"))


def test_the_test_workflow_runs_what_ci_runs() -> None:
    # The suite that this test belongs to is that very step under way.
    (step,) = [step for step in job("test.yml")["steps"] if step.get("name") == "Test"]
    assert step["run"] == "make test"
    assert "exec make test" in (ROOT / ".ci/run").read_text("utf-8")


def test_the_cli_has_a_version_file_with_one_version() -> None:
    assert re.fullmatch(r"3\.\d+\.\d+\n", (ROOT / ".pulumi.version").read_text("utf-8"))
    for name, step in steps():
        if step.get("uses", "").startswith("pulumi/actions@"):
            assert step["with"] == {"pulumi-version-file": ".pulumi.version"}, name
