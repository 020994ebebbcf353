"""The state goes from the stand-in engine to the real CLI and back, and neither sees a change.

Both work on the same embedded AWS, through the stand-in provider.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .picture import difference, picture
from .world import STACK, World, within

if shutil.which("pulumi") is None:
    pytest.skip("there is no `pulumi` on the PATH", allow_module_level=True)

Cli = Callable[..., str]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[World]:
    """A world that the stand-in engine deployed, and whose program the real CLI can run."""
    with within(tmp_path_factory.mktemp("world") / "w", cache) as world:
        (world.project / ".venv").symlink_to(sys.prefix, target_is_directory=True)
        world.up()
        yield world


@pytest.fixture(scope="module")
def pulumi(world: World) -> Cli:
    """Runs the real CLI over a backend of its own; gives what it printed."""
    backend = world.folder / "backend"
    backend.mkdir()
    variables = {
        **world.environment(),
        "PULUMI_BACKEND_URL": backend.as_uri(),
        "PULUMI_DEBUG_PROVIDERS": f"aws:{world._provider()}",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }

    def run(*arguments: str) -> str:
        done = subprocess.run(
            ["pulumi", *arguments, "--non-interactive"],
            cwd=world.project,
            env=variables,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, f"{arguments}:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    return run


def test_state_of_the_stand_in_imports_into_the_real_cli_whose_preview_shows_no_change(
    world: World, pulumi: Cli
) -> None:
    exported = world.folder / "exported.json"
    exported.write_text(world.told("export"))
    pulumi("stack", "init", STACK)
    pulumi("stack", "import", "--file", str(exported))
    world.calls()
    printed = pulumi("preview", "--stack", STACK, "--expect-no-changes", "--refresh")
    assert f"{len(world.state()['resources']) - 1} unchanged" in printed
    assert world.writing_calls() == []


def test_state_of_the_real_cli_is_read_by_the_stand_in_which_sees_no_change(
    world: World, pulumi: Cli
) -> None:
    before = picture(world)
    world.write(code="b")
    pulumi("up", "--stack", STACK, "--yes", "--skip-preview")
    assert difference(picture(world), before) != []
    exported = pulumi("stack", "export", "--stack", STACK)
    world.state_path.write_text(exported)
    world.calls()
    assert " to create" not in world.told("preview")
    assert "unchanged" in world.up()
    assert world.writing_calls() == []
    assert json.loads(exported)["deployment"]["resources"]
