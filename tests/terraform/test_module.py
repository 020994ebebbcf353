"""The module in Terraform's own hands: its format, its own tests, and layers on the embedded AWS."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local.aws.server import Server, serve
from local.endpoint import environment_of
from tests.build.wheelhouse import make_wheel
from tests.local.conftest import client_of

from .plugins import EXAMPLE, LAYER, PROJECT, run, settings, terraform

BOTH = ("hashicorp/aws", "hashicorp/external")
ENDS = {"skip_credentials_validation": True, "skip_metadata_api_check": True, "s3_use_path_style": True}

Terraform = Callable[..., "subprocess.CompletedProcess[str]"]


def test_every_file_is_formatted(tmp_path: Path) -> None:
    (tmp_path / "terraform.rc").write_text("")
    command = [terraform(), "fmt", "-check", "-recursive", "-diff", str(LAYER.parent)]
    own = {"TF_CLI_CONFIG_FILE": str(tmp_path / "terraform.rc")}
    done = subprocess.run(command, env=own, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_nothing_is_hidden_by_ignore_changes() -> None:
    for path in LAYER.parent.rglob("*.tf"):
        settings = [line for line in path.read_text().splitlines() if not line.lstrip().startswith("#")]
        assert "ignore_changes" not in "\n".join(settings)


def test_the_modules_own_tests_pass(tmp_path: Path) -> None:
    own = {"TF_CLI_CONFIG_FILE": str(settings(tmp_path, *BOTH))}
    shutil.copytree(LAYER, tmp_path / "layer")
    assert run(tmp_path / "layer", ["init"], own).returncode == 0
    done = run(tmp_path / "layer", ["test"], own)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 passed, 0 failed" in done.stdout


def test_the_example_is_valid(tmp_path: Path) -> None:
    own = {"TF_CLI_CONFIG_FILE": str(settings(tmp_path, *BOTH))}
    shutil.copytree(LAYER.parent, tmp_path / "terraform")
    folder = tmp_path / "terraform" / EXAMPLE.name
    assert run(folder, ["init"], own).returncode == 0
    done = run(folder, ["validate", "-json"], own)
    assert json.loads(done.stdout)["valid"], done.stdout


@pytest.fixture
def aws(tmp_path: Path) -> Iterator[Server]:
    with serve(tmp_path / "cloud", managed_policies=False) as server:
        yield server


@pytest.fixture
def configuration(tmp_path: Path) -> Path:
    """Two layers of one lock: by a path and without a bucket, by a git source and with one."""
    repository = tmp_path / "repository"
    shutil.copytree(LAYER, repository / "terraform" / "layer")
    shutil.copytree(PROJECT / "build", repository / "build", ignore=shutil.ignore_patterns("__pycache__"))
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "All of it"]):
        subprocess.run([*git, *command], cwd=repository, check=True)
    folder = tmp_path / "configuration"
    make_wheel(folder / "house", "alpha", "1.0")
    make_wheel(folder / "house", "alpha", "2.0")
    (folder / "requirements.txt").write_text("--no-index\n--find-links house\nalpha==1.0\n")
    common = {"lock": "requirements.txt", "python": "3.12"}
    content = {
        "provider": {"aws": ENDS},
        "module": {
            "plain": {"source": str(repository / "terraform" / "layer"), "name": "plain", **common},
            "shared": {
                "source": f"git::file://{repository}//terraform/layer",
                "name": "shared",
                "bucket": "artifacts",
                **common,
            },
        },
        "output": {
            name: {"value": f"${{module.{name}.lambda_layer_version}} ${{module.{name}.digest}}"}
            for name in ("plain", "shared")
        },
    }
    (folder / "main.tf.json").write_text(json.dumps(content))
    return folder


@pytest.fixture
def terraformed(aws: Server, configuration: Path, tmp_path: Path) -> Terraform:
    own = {
        **environment_of(aws.port),
        "TF_CLI_CONFIG_FILE": str(settings(tmp_path, *BOTH)),
        "LAMINA_PYTHON": sys.executable,
        "LAMINA_CACHE": str(tmp_path / "cache"),
    }

    def terraformed(*arguments: str) -> subprocess.CompletedProcess[str]:
        return run(configuration, arguments, own)

    return terraformed


def versions(terraformed: Terraform) -> dict[str, str]:
    found = json.loads(terraformed("output", "-json").stdout)
    return {name: each["value"].split()[0] for name, each in found.items()}


def test_a_version_appears_when_the_content_changes_and_only_then(
    terraformed: Terraform, configuration: Path, aws: Server
) -> None:
    done = terraformed("init")
    assert done.returncode == 0, done.stdout + done.stderr
    refused = terraformed("plan")
    assert refused.returncode == 1
    assert "error: the bucket artifacts cannot be used" in " ".join(refused.stderr.split())
    client_of(aws, "s3").create_bucket(
        Bucket="artifacts", CreateBucketConfiguration={"LocationConstraint": "us-west-2"}
    )
    done = terraformed("apply", "-auto-approve")
    assert done.returncode == 0, done.stdout + done.stderr
    assert versions(terraformed) == {"plain": "1", "shared": "1"}
    lock = configuration / "requirements.txt"
    lock.write_text(f"# a comment is no content\n{lock.read_text()}")
    assert terraformed("plan", "-detailed-exitcode").returncode == 0
    lock.write_text(lock.read_text().replace("1.0", "2.0"))
    # As on another machine: what was planned here with a bucket needs no file of here.
    assert terraformed("plan", "-target=module.shared", "-out=planned").returncode == 0
    shutil.rmtree(configuration / ".lamina")
    done = terraformed("apply", "planned")
    assert done.returncode == 0, done.stdout + done.stderr
    assert versions(terraformed) == {"plain": "1", "shared": "2"}
    assert terraformed("apply", "-auto-approve").returncode == 0
    assert versions(terraformed) == {"plain": "2", "shared": "2"}
    # What others may attach is still there.
    listed = client_of(aws, "lambda").list_layer_versions(LayerName="shared")["LayerVersions"]
    assert [each["Version"] for each in listed] == [2, 1]
