"""The real CLI takes a service over as the stand-in engine does, and refuses what it would replace."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from build.cli import main

from .content import FUNCTIONS
from .terraformed import OldWorld
from .test_adoption import FILE, NEW
from .world import STACK, World, within

if shutil.which("pulumi") is None:
    pytest.skip("there is no `pulumi` on the PATH", allow_module_level=True)

Cli = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[tuple[World, OldWorld]]:
    with within(tmp_path_factory.mktemp("world") / "w", cache) as world:
        (world.project / ".venv").symlink_to(sys.prefix, target_is_directory=True)
        service = OldWorld(world)
        service.publish_cleanup()
        given = ["adopt", str(service.state), "--stack", STACK, "--project", str(world.project)]
        assert main(given) == 0
        world.set(**{"lamina:adopt": FILE})
        yield world, service


@pytest.fixture(scope="module")
def pulumi(old: tuple[World, OldWorld]) -> Cli:
    """Runs the real CLI over a backend of its own."""
    world, _ = old
    backend = world.folder / "backend"
    backend.mkdir()
    variables = {
        **world.environment(),
        "PULUMI_BACKEND_URL": backend.as_uri(),
        "PULUMI_DEBUG_PROVIDERS": f"aws:{world._provider()}",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["pulumi", *arguments, "--non-interactive"],
            cwd=world.project,
            env=variables,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    assert run("stack", "init", STACK).returncode == 0
    return run


def test_the_preview_says_all_that_would_be_replaced_with_both_values(
    old: tuple[World, OldWorld], pulumi: Cli
) -> None:
    world, _ = old
    world.client("iam").create_role(RoleName="strange", Path="/team/", AssumeRolePolicyDocument="{}")
    path = world.project / FILE
    whole = path.read_text()
    path.write_text(
        whole.replace(
            'this["cleanup.v1"]\n  id: shop-cleanup\n  name: shop-cleanup\n- resource: PythonFunction/F',
            "strange\n  id: strange\n  name: strange\n- resource: PythonFunction/F",
        )
    )
    world.calls()
    done = pulumi("preview", "--stack", STACK)
    path.write_text(whole)
    assert done.returncode != 0
    assert world.writing_calls() == []
    assert 'unable to replace resource "urn:pulumi:world::lamina::' in done.stdout
    assert "path: {/team/} => {/}" in done.stdout


def test_the_service_is_imported_and_goes_live_and_a_second_up_changes_nothing(
    old: tuple[World, OldWorld], pulumi: Cli
) -> None:
    world, service = old
    done = pulumi("up", "--stack", STACK, "--yes", "--skip-preview")
    assert done.returncode == 0, done.stdout
    assert "= 27 imported" in done.stdout
    assert "replaced" not in done.stdout
    found = service.live()
    assert [found[name] for name in FUNCTIONS] == NEW
    world.set()
    world.calls()
    again = pulumi("up", "--stack", STACK, "--yes", "--skip-preview")
    assert (again.returncode, world.writing_calls()) == (0, []), again.stdout
