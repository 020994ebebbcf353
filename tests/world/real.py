"""The real Pulumi CLI on a world, through the stand-in provider, over a backend of its own."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from .world import World


def needs_pulumi(module: str) -> None:
    """Skips the module that calls it where there is no CLI; each is told by its name."""
    if shutil.which("pulumi") is None:
        pytest.skip(f"{module}: there is no `pulumi` on the PATH", allow_module_level=True)


def pulumi(world: World, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Runs the CLI in the world's project.

    Args:
        world: whose AWS runs.
        arguments: of the CLI; it never asks.
        check: whether it must succeed.
    """
    backend = world.folder / "backend"
    backend.mkdir(exist_ok=True)
    variables = {
        **world.engine_environment(),
        "PULUMI_BACKEND_URL": backend.as_uri(),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }
    done = subprocess.run(
        ["pulumi", *arguments, "--non-interactive"],
        cwd=world.project,
        env=variables,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert not check or done.returncode == 0, f"{arguments}:\n{done.stdout}\n{done.stderr}"
    return done
