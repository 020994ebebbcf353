"""The state goes from the stand-in engine to the real CLI and back, and neither sees a change.

Both work on the same embedded AWS, through the stand-in provider.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .picture import difference, picture
from .real import needs_pulumi, pulumi
from .world import STACK, World, within

needs_pulumi(__name__)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[World]:
    """A world that the stand-in engine deployed, and whose program the real CLI can run."""
    with within(tmp_path_factory.mktemp("world") / "w", cache) as world:
        (world.project / ".venv").symlink_to(sys.prefix, target_is_directory=True)
        world.up()
        yield world


def test_state_of_the_stand_in_imports_into_the_real_cli_whose_preview_shows_no_change(
    world: World,
) -> None:
    exported = world.folder / "exported.json"
    exported.write_text(world.told("export"))
    pulumi(world, "stack", "init", STACK)
    pulumi(world, "stack", "import", "--file", str(exported))
    world.calls()
    printed = pulumi(world, "preview", "--stack", STACK, "--expect-no-changes", "--refresh").stdout
    assert f"{len(world.state()['resources']) - 1} unchanged" in printed
    assert world.writing_calls() == []


def test_state_of_the_real_cli_is_read_by_the_stand_in_which_sees_no_change(
    world: World,
) -> None:
    before = picture(world)
    world.write(code="b")
    pulumi(world, "up", "--stack", STACK, "--yes", "--skip-preview")
    assert difference(picture(world), before) != []
    exported = pulumi(world, "stack", "export", "--stack", STACK).stdout
    world.state_path.write_text(exported)
    world.calls()
    assert " to create" not in world.told("preview")
    assert "unchanged" in world.up()
    assert world.writing_calls() == []
    assert json.loads(exported)["deployment"]["resources"]
