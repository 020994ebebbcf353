"""The small world is a true one: the same program, with the same promises."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import psutil
import pytest

from .content import FUNCTIONS
from .picture import difference, picture, released
from .processes import ROOT, popen
from .world import World, within


def live(world: World) -> dict[str, str]:
    """The version behind each `live` alias."""
    found = picture(world)
    return {name: found[f"lambda {name}:live"]["FunctionVersion"] for name in FUNCTIONS}


def test_a_second_up_changes_nothing(deployed: World) -> None:
    before = picture(deployed)
    deployed.calls()
    assert " unchanged" in deployed.up()
    assert deployed.writing_calls() == []
    assert difference(picture(deployed), before) == []


def test_two_releases_of_the_same_content_are_the_same_but_for_their_numbers(deployed: World) -> None:
    pictures = [picture(deployed)]
    for content in ("b", "a", "b", "a"):
        deployed.write(layer=content, code=content)
        deployed.up()
        pictures.append(picture(deployed))
    made = [released(now, before) for before, now in zip(pictures, pictures[1:], strict=False)]
    assert made[0]["lambda api:live"]["FunctionVersion"] == "+1"
    assert difference(made[0], made[2]) == []
    assert difference(made[1], made[3]) == []
    assert difference(made[0], made[1]) != []


def test_a_broken_layer_fails_its_preview_and_unverified_its_smoke_test(deployed: World) -> None:
    before = live(deployed)
    deployed.write(layer="c", broken=True)
    assert "tiny.core" in deployed.told("preview", code=1)
    deployed.set(**{"lamina:verify": False})
    assert "No module named 'tiny.core'" in deployed.up(code=1)
    assert live(deployed) == before
    deployed.write(layer="a")
    deployed.set()
    deployed.up()


def test_functions_answer_with_the_content_of_layer_and_code(deployed: World) -> None:
    answer = deployed.client("lambda").invoke(
        FunctionName="lamina-world-api", Qualifier="live", Payload=b"{}"
    )
    assert json.loads(answer["Payload"].read()) == {"function": "api", "layer": "a", "code": "a"}


def test_a_world_that_ends_leaves_no_process_and_a_destroy_no_thing() -> None:
    before = descendants()
    with within() as world:
        world.up()
        started = descendants() - before
        assert len(started) >= 3 + len(FUNCTIONS) - 1
        world.told("destroy")
        left = picture(world)
    assert {key.partition(" ")[0] for key in left} == {"layer"}
    psutil.wait_procs(started, timeout=10)
    assert not [each for each in started if each.is_running()]


@pytest.mark.parametrize(("verb", "code"), [("--help", 0), ("export", 2)])
def test_a_forked_process_ends_with_its_modules_exit_code(verb: str, code: int) -> None:
    command = [sys.executable, "-m", "tests.world.engine", verb]
    with popen(
        command, cwd=ROOT, env=os.environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        assert "usage: python -m local" in process.stdout.read()
        assert process.wait(60) == code


def test_a_killed_process_tells_its_signal() -> None:
    with popen([sys.executable, "-m", "local.provider"], cwd=ROOT, env=os.environ) as process:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.05)
        process.kill()
        assert process.wait(60) == -signal.SIGKILL


def descendants() -> set[psutil.Process]:
    return set(psutil.Process().children(recursive=True))
