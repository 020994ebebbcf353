"""The real CLI takes a service over as the stand-in engine does, and refuses what it would replace."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from build.cli import main

from .content import FUNCTIONS
from .real import needs_pulumi, pulumi
from .terraformed import OldWorld
from .test_adoption import FILE, NEW
from .world import STACK, World, within

needs_pulumi(__name__)


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[tuple[World, OldWorld]]:
    with within(tmp_path_factory.mktemp("world") / "w", cache) as world:
        (world.project / ".venv").symlink_to(sys.prefix, target_is_directory=True)
        service = OldWorld(world)
        service.publish_cleanup()
        given = ["adopt", str(service.state), "--stack", STACK, "--project", str(world.project)]
        assert main(given) == 0
        world.set(**{"lamina:adopt": FILE})
        pulumi(world, "stack", "init", STACK)
        yield world, service


def test_the_preview_says_all_that_would_be_replaced_with_both_values(
    old: tuple[World, OldWorld],
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
    done = pulumi(world, "preview", "--stack", STACK, check=False)
    path.write_text(whole)
    assert done.returncode != 0
    assert world.writing_calls() == []
    assert 'unable to replace resource "urn:pulumi:world::lamina::' in done.stdout
    assert "path: {/team/} => {/}" in done.stdout


def test_the_service_is_imported_and_goes_live_and_a_second_up_changes_nothing(
    old: tuple[World, OldWorld],
) -> None:
    world, service = old
    done = pulumi(world, "up", "--stack", STACK, "--yes", "--skip-preview")
    assert "= 27 imported" in done.stdout
    assert "replaced" not in done.stdout
    found = service.live()
    assert [found[name] for name in FUNCTIONS] == NEW
    world.set()
    world.calls()
    again = pulumi(world, "up", "--stack", STACK, "--yes", "--skip-preview")
    assert world.writing_calls() == [], again.stdout
